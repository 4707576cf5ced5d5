"""What a running service holds: settings, clock, keys, database. Made once per process, after the fork."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import pymongo
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from fascia.clock import Clock, SystemClock
from fascia.crypto.keyring import Keyring
from fascia.settings import ServiceSettings
from fascia.store.left_sessions import OwnSessions, end_left_sessions
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
    sessions: OwnSessions

    @contextmanager
    def session(self) -> Iterator[ClientSession]:
        """A session for transactions, written down so that it does not outlive this process."""
        with self.client.start_session() as session:
            self.sessions.note(session, self.clock.now())
            yield session

    def clear_away(self) -> None:
        """Have the sessions ended, in the background, that processes of this host left open when they died."""
        end_left_sessions(self.sessions, self.clock.now)

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
            uow = self._unit(practice_id, session, principal, cause, backfill)
            result = work(uow)
            uow.flush()
            return result

        with self.session() as session:
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
        with suppress(PyMongoError), pymongo.timeout(1):
            self.sessions.forget()
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
        sessions=OwnSessions(client[name]),
    )
