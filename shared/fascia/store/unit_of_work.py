"""One unit of work: the documents that it reads and writes and the events that it causes, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from pymongo.client_session import ClientSession
from pymongo.database import Database

from fascia.backbone.outbox_row import OutboxRow, compose
from fascia.crypto.keyring import Keyring
from fascia.settings import ServiceSettings
from fascia.store.pending_writes import PendingWrites
from fascia.store.tenant_collection import Document, TenantCollection


class Principal(Protocol):
    """Who acts; the web kit's principal is one."""

    @property
    def subject(self) -> str: ...


class PublishedEvent(NamedTuple):
    """What a unit of work has put into the outbox."""

    type: str
    id: str


@dataclass
class UnitOfWork:
    """Given to views and handlers. Everything that it does belongs to one practice and, for a write, one transaction.

    A transaction's callback may run more than once, so nothing but this object may be changed inside it.
    """

    database: Database[Document]
    session: ClientSession | None
    practice_id: str
    now: datetime
    keyring: Keyring
    settings: ServiceSettings
    service: str
    principal: Principal | None = None
    cause: str | None = None
    backfill: bool = False
    published: list[PublishedEvent] = field(default_factory=list)
    _pending: PendingWrites | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._pending = PendingWrites(self.database, self.session) if self.session is not None else None

    def collection(self, name: str) -> TenantCollection:
        """A collection bound to this practice and this transaction."""
        return TenantCollection(self.database[name], self.practice_id, self.session, self._pending)

    def because_of(self, cause: str | None) -> UnitOfWork:
        """The same unit of work, whose events name another cause. What it writes goes out with this one's writes.

        `dataclasses.replace` would make one with pending writes of its own, which nobody sends.
        """
        same = copy(self)
        same.cause = cause
        return same

    def flush(self) -> None:
        """Send the writes that wait; whoever runs the transaction does so before its commit.

        Raises StaleVersion or DuplicateKeyError, which a store's own call does not: nothing was sent then.
        """
        if self._pending is not None:
            self._pending.flush()

    def publish(self, type_: str, data: Mapping[str, Any], *, sequence: int = 0) -> str:
        """Put an event into the outbox, in this transaction; returns its id.

        `data` is validated against the type's contract and sealed where that says so. `sequence` is the aggregate's
        version, by which events of one key are put in order. Raises ContractViolation.
        """
        return self.publish_many(type_, [(data, sequence)])[0]

    def publish_many(self, type_: str, changes: Sequence[tuple[Mapping[str, Any], int]]) -> list[str]:
        """Put an event per (data, sequence) into the outbox in one trip, for changes in bulk; returns their ids."""
        rows = [self._row(type_, data, sequence) for data, sequence in changes]
        if self._pending is not None:
            self._pending.insert("outbox", (row.document() for row in rows))
        elif rows:
            self.database["outbox"].insert_many([row.document() for row in rows])
        self.published += [PublishedEvent(type_, row.id) for row in rows]
        return [row.id for row in rows]

    def _row(self, type_: str, data: Mapping[str, Any], sequence: int) -> OutboxRow:
        return compose(
            type_,
            data,
            practice_id=self.practice_id,
            source=self.service,
            at=self.now,
            sequence=sequence,
            keyring=self.keyring,
            cause=self.cause,
            backfill=self.backfill,
        )
