"""A small service to send events through: its handler notes what it takes, and fails where it is told to."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fascia.backbone import kafka
from fascia.backbone.dead_letters import DeadLetter, Record
from fascia.backbone.dispatch import Fate
from fascia.backbone.event import Event
from fascia.backbone.outbox import Outbox
from fascia.ids import new_id
from fascia.service import Service
from fascia.settings import ServiceSettings
from fascia.store import UnitOfWork
from fascia.testing.harness import MONDAY, PRACTICE, Harness

TYPE = "message.sent"
TOPIC = "fascia.message"
SEALED_TYPE = "patient.registered"


class ProbeHandler:
    """Takes note of an event in the database. `faults` holds for each key what the next tries raise."""

    def __init__(self) -> None:
        self.faults: dict[str, list[Exception]] = {}
        self.broken: dict[str, Exception] = {}
        self.tries: Counter[str] = Counter()
        self.meanwhile: Callable[[Event], None] = lambda _: None
        self.backfills: list[bool] = []

    def __call__(self, uow: UnitOfWork, event: Event) -> None:
        self.tries[event.key] += 1
        uow.collection("seen").insert_one({"_id": new_id(), "key": event.key, "sequence": event.sequence})
        self.meanwhile(event)
        self.backfills.append(uow.backfill)
        if self.faults.get(event.key):
            raise self.faults[event.key].pop(0)
        if event.key in self.broken:
            raise self.broken[event.key]


class Probe:
    """The small service with its database, and words for what tests do with it."""

    def __init__(self, harness: Harness, handler: ProbeHandler) -> None:
        self.harness = harness
        self.handler = handler
        self.runtime = harness.runtime
        self.dispatcher = harness.dispatcher
        self.letters = harness.dispatcher.letters
        self.outbox = Outbox(harness.runtime.database)

    def message(self, key: str) -> dict[str, Any]:
        return {"message_id": key, "recipient_id": "p", "kind": "reminder", "channel": "sms", "at": MONDAY}

    def patient(self, key: str) -> dict[str, Any]:
        return {
            "patient_id": key,
            "version": 1,
            "given_name": "Zebulon",
            "family_name": "Sample",
            "birth_date": MONDAY.date(),
            "phone": "+16175550123",
            "time_zone": "America/New_York",
            "contact_consent": {"sms": True, "email": False},
        }

    def publish(self, key: str, sequence: int = 1, type_: str = TYPE) -> str:
        data = self.patient(key) if type_ == SEALED_TYPE else self.message(key)
        return self.runtime.transaction(PRACTICE, lambda uow: uow.publish(type_, data, sequence=sequence))

    def record(self, key: str, sequence: int = 1, type_: str = TYPE) -> Record:
        data = self.patient(key) if type_ == SEALED_TYPE else self.message(key)
        return self.harness.event(type_, data, sequence=sequence)

    def unreadable(self, key: str) -> Record:
        return Record(**{**self.record(key).__dict__, "value": b'{"message_id": 7}'})

    def deliver(self, record: Record, blocked: set[str] | None = None) -> Fate:
        return self.dispatcher.dispatch(record, self.letters.blocked_lanes() if blocked is None else blocked)

    def seen(self, key: str | None = None) -> list[int]:
        """The sequences that took effect, in that order."""
        rows = self.runtime.database["seen"].find({"key": key} if key else {}).sort("_id", 1)
        return [row["sequence"] for row in rows]

    def resting(self) -> list[tuple[str, str]]:
        return [(str(letter.state), letter.error) for letter in self.letters.resting()]

    def letter(self) -> DeadLetter:
        [letter] = self.letters.resting()
        return letter


@pytest.fixture
def probe(harness_of: Callable[..., Harness]) -> Probe:
    return make_probe(harness_of)


@pytest.fixture
def probe_on_kafka(harness_of: Callable[..., Harness], kafka_bootstrap: str) -> Probe:
    kafka.create_topics(kafka_bootstrap, (TOPIC, "fascia.patient"), partitions=3)
    quick = {"FASCIA_KAFKA_SESSION_TIMEOUT_MS": "1500", "FASCIA_KAFKA_HEARTBEAT_MS": "300"}
    broker = quick if "KAFKA_BOOTSTRAP" not in os.environ else {}  # Apache Kafka allows no session below 6 s
    return make_probe(harness_of, FASCIA_KAFKA_BOOTSTRAP=kafka_bootstrap, **broker)


@pytest.fixture
def records_probe(harness_of: Callable[..., Harness]) -> Probe:
    """A probe under the name of a service that operators' commands know."""
    return make_probe(harness_of, "records-svc")


def make_probe(harness_of: Callable[..., Harness], name: str = "", **environ: str) -> Probe:
    handler = ProbeHandler()
    handlers = {TYPE: handler, SEALED_TYPE: handler}
    service = Service(name or f"probe{new_id()[-6:]}-svc", ServiceSettings, handlers=handlers, projections=(TYPE,))
    return Probe(harness_of(service, **environ), handler)


@pytest.fixture
def until() -> Iterator[Callable[..., None]]:
    """Wait for something; fails the test when it does not happen."""

    def wait(condition: Callable[[], bool], seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "did not happen in time"
            time.sleep(0.05)

    return wait
