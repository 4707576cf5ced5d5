"""What a running service holds: settings, clock, keys, database. Made once per process, after the fork."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from fascia.clock import Clock, SystemClock
from fascia.crypto.keyring import Keyring
from fascia.settings import ServiceSettings
from fascia.store.unit_of_work import Principal, UnitOfWork

T = TypeVar("T")


@dataclass(frozen=True)
class Runtime:
    """The surroundings of a service in this process."""

    service: str
    settings: ServiceSettings
    clock: Clock
    keyring: Keyring
    client: MongoClient[dict[str, Any]]
    database: Database[dict[str, Any]]

    def transaction(
        self,
        practice_id: str,
        work: Callable[[UnitOfWork], T],
        *,
        principal: Principal | None = None,
        cause: str | None = None,
        backfill: bool = False,
    ) -> T:
        """Run `work` in one transaction; after a write conflict it runs again, with a fresh unit of work."""

        def attempt(session: ClientSession) -> T:
            return work(self._unit(practice_id, session, principal, cause, backfill))

        with self.client.start_session() as session:
            return session.with_transaction(
                attempt, read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority")
            )

    def reading(self, practice_id: str, *, principal: Principal | None = None) -> UnitOfWork:
        """A unit of work without a transaction, to read with."""
        return self._unit(practice_id, None, principal, None, False)

    def practices(self, collection: str) -> list[str]:
        """The practices that have a document in a collection, for jobs that visit each."""
        return sorted(self.database[collection].distinct("practice_id"))

    def close(self) -> None:
        """Let go of the database."""
        self.client.close()

    def _unit(
        self,
        practice_id: str,
        session: ClientSession | None,
        principal: Principal | None,
        cause: str | None,
        backfill: bool,
    ) -> UnitOfWork:
        return UnitOfWork(
            database=self.database,
            session=session,
            practice_id=practice_id,
            now=self.clock.now(),
            keyring=self.keyring,
            settings=self.settings,
            service=self.service,
            principal=principal,
            cause=cause,
            backfill=backfill,
        )


def open_runtime(service: str, settings: ServiceSettings, clock: Clock | None = None) -> Runtime:
    """Connect; raises OSError or ValueError when the keyring cannot be read. The database is first used later."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        settings.mongodb_uri, tz_aware=True, serverSelectionTimeoutMS=5_000, appname=service
    )
    name = settings.database or f"fascia_{service.removesuffix('-svc')}"
    return Runtime(
        service=service,
        settings=settings,
        clock=clock or SystemClock(),
        keyring=Keyring.from_file(settings.keyring_file),
        client=client,
        database=client[name],
    )
