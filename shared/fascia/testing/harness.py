"""A service under test: its API with tokens, its handlers fed as the consumer feeds them, its outbox readable."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from fascia.backbone.dead_letters import Record
from fascia.backbone.dispatch import Dispatcher, Fate
from fascia.backbone.event import Event, decode
from fascia.backbone.outbox_row import OutboxRow, compose
from fascia.clock import FixedClock
from fascia.crypto.keyring import new_keyring
from fascia.ids import new_id
from fascia.runtime import Runtime, open_runtime
from fascia.service import Service
from fascia.settings import load
from fascia.store.indexes import ensure_indexes
from fascia.testing.tokens import ISSUER, TestIssuer
from fascia.web.app import create_app

PRACTICE = "demo"
MONDAY = datetime(2027, 1, 11, 14, 0, tzinfo=UTC)
"""09:00 of a Monday in Boston: the moment at which tests begin."""


class Client:
    """The test client of one person: every request carries that person's token."""

    def __init__(self, app: Flask, issuer: TestIssuer, role: str, practice_id: str, subject: str) -> None:
        self._client: FlaskClient = app.test_client()
        token = issuer.token([role], practice_id, subject)
        self._headers = {"Authorization": f"Bearer {token}"}

    def request(self, method: str, path: str, **options: Any) -> Any:
        """A request with this person's token; other headers are added to it."""
        headers = {**self._headers, **options.pop("headers", {})}
        return self._client.open(path, method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> Any:
        """GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """POST a JSON body."""
        return self.request("POST", path, json={} if body is None else body, **options)

    def put(self, path: str, body: Any, **options: Any) -> Any:
        """PUT a JSON body."""
        return self.request("PUT", path, json=body, **options)

    def patch(self, path: str, body: Any, **options: Any) -> Any:
        """PATCH a JSON body."""
        return self.request("PATCH", path, json=body, **options)

    def delete(self, path: str, **options: Any) -> Any:
        """DELETE."""
        return self.request("DELETE", path, **options)


class Harness:
    """One service on a database of its own, with a clock that tests move."""

    def __init__(self, service: Service, mongodb_uri: str, environ: Mapping[str, str] | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fascia-harness-")
        keyring = Path(self._folder.name) / "keyring.json"
        keyring.write_text(new_keyring())
        self.issuer = TestIssuer(Path(self._folder.name))
        self.service = service
        self.clock = FixedClock(MONDAY)
        self.settings = load(
            service.settings,
            {
                "FASCIA_MONGODB_URI": mongodb_uri,
                "FASCIA_DATABASE": f"test_{service.name.removesuffix('-svc')}_{os.getpid()}_{new_id()[-8:]}",
                "FASCIA_KAFKA_BOOTSTRAP": "127.0.0.1:9",
                "FASCIA_KEYRING_FILE": str(keyring),
                "FASCIA_OIDC_ISSUER": ISSUER,
                "FASCIA_JWKS_URL": self.issuer.jwks_url,
                **(environ or {}),
            },
        )
        self.runtime: Runtime = open_runtime(service.name, self.settings, self.clock)
        ensure_indexes(self.runtime.database, service.all_indexes)
        self.app = create_app(service, self.runtime)
        self.dispatcher = Dispatcher(self.runtime, service.handlers, service.name, pause=lambda _: None)

    def as_(self, role: str, practice_id: str = PRACTICE, subject: str = "someone") -> Client:
        """A client of a person with this role."""
        return Client(self.app, self.issuer, role, practice_id, subject)

    def anonymous(self) -> FlaskClient:
        """A client without a token."""
        return self.app.test_client()

    def event(
        self,
        type_: str,
        data: Mapping[str, Any],
        practice_id: str = PRACTICE,
        *,
        sequence: int = 0,
        backfill: bool = False,
    ) -> Record:
        """A record as another service would have sent it."""
        row = compose(
            type_,
            data,
            practice_id=practice_id,
            source="test",
            at=self.clock.now(),
            sequence=sequence,
            keyring=self.runtime.keyring,
            backfill=backfill,
        )
        return Record(row.topic, 0, 0, row.key, row.value, row.headers)

    def deliver(self, type_: str, data: Mapping[str, Any], practice_id: str = PRACTICE, **options: Any) -> Fate:
        """Run an event through inbox and handler exactly as the consumer does; a dead letter fails the test."""
        fate = self.redeliver(self.event(type_, data, practice_id, **options))
        assert fate is not Fate.DEAD, f"{type_} became a dead letter: {self.dispatcher.letters.resting()[-1].error}"
        return fate

    def redeliver(self, record: Record) -> Fate:
        """Deliver a record, perhaps once more."""
        return self.dispatcher.dispatch(record, self.dispatcher.letters.blocked_lanes())

    def published(self, type_: str | None = None) -> list[Event]:
        """What the service has put into its outbox, oldest first."""
        rows = [OutboxRow.of(row) for row in self.runtime.database["outbox"].find().sort("_id", 1)]
        events = [decode(row.key, row.value, row.headers, self.runtime.keyring) for row in rows]
        return [event for event in events if type_ in (None, event.type)]

    def run_job(self, name: str) -> None:
        """One tick of a job."""
        next(job for job in self.service.jobs if job.name == name).run(self.runtime)

    def raw(self) -> str:
        """Everything that rests in the database, as text: to search for what must not be readable there."""
        database = self.runtime.database
        return json.dumps(
            [list(database[name].find()) for name in database.list_collection_names()],
            default=lambda value: value.decode("latin-1") if isinstance(value, bytes) else str(value),
        )

    def close(self) -> None:
        """Drop the database."""
        self.runtime.client.drop_database(self.runtime.database.name)
        self.runtime.close()
        self._folder.cleanup()
