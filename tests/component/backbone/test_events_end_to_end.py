"""The backbone on a real database and broker: events take effect once, in order, or come to rest visibly."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from fascia.backbone import kafka
from fascia.backbone.consumer import Consumer
from fascia.backbone.dead_letters import State
from fascia.backbone.dispatch import Dispatcher, Fate
from fascia.backbone.event import Event
from fascia.backbone.outbox import Outbox
from fascia.backbone.outbox_replay import OutboxReplay
from fascia.backbone.relay import Relay
from fascia.contracts import contract
from fascia.ids import new_id
from fascia.service import Service
from fascia.settings import ServiceSettings
from fascia.store import UnitOfWork
from fascia.testing.harness import MONDAY, PRACTICE, Harness

TYPE = "message.sent"
PHI_TYPE = "patient.registered"


def _message(key: str) -> dict[str, Any]:
    return {
        "message_id": key,
        "recipient_id": "p",
        "kind": "reminder",
        "channel": "sms",
        "at": MONDAY,
    }


def _patient(key: str) -> dict[str, Any]:
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


def note(uow: UnitOfWork, event: Event) -> None:
    uow.collection("seen").insert_one(
        {"_id": new_id(), "key": event.key, "sequence": event.sequence, "type": event.type}
    )


class Failing:
    """A handler that fails for the keys it is told, until it is mended."""

    def __init__(self) -> None:
        self.keys: set[str] = set()

    def __call__(self, uow: UnitOfWork, event: Event) -> None:
        if event.key in self.keys:
            raise RuntimeError("Zebulon cannot be handled")
        note(uow, event)


def _service(handler: Any = note) -> Service:
    return Service(f"probe{new_id()[-6:]}-svc", ServiceSettings, handlers={TYPE: handler, PHI_TYPE: handler})


@contextmanager
def _running(harness: Harness, bootstrap: str) -> Iterator[Consumer]:
    stop = threading.Event()
    topics = {contract(type_).topic for type_ in harness.service.handlers}
    kafka.create_topics(bootstrap, topics, partitions=3)
    dispatcher = Dispatcher(harness.runtime, harness.service.handlers, harness.service.name)
    consumer = Consumer(harness.runtime, dispatcher, harness.service.name, topics)
    threads = [threading.Thread(target=part.run, args=(stop,)) for part in (Relay(harness.runtime), consumer)]
    for thread in threads:
        thread.start()
    try:
        yield consumer
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)


def _wait(until: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


def _seen(harness: Harness) -> list[tuple[str, int]]:
    rows = harness.runtime.database["seen"].find().sort("_id", 1)
    return [(row["key"], row["sequence"]) for row in rows]


def _of(keys: list[str], harness: Harness) -> list[tuple[str, int]]:
    """The topics are shared by all tests of a run: only what this test sent."""
    return [row for row in _seen(harness) if row[0] in keys]


def _publish(harness: Harness, key: str, sequence: int, type_: str = TYPE) -> str:
    data = _patient(key) if type_ == PHI_TYPE else _message(key)
    return harness.runtime.transaction(PRACTICE, lambda uow: uow.publish(type_, data, sequence=sequence))


@pytest.fixture
def failing() -> Failing:
    return Failing()


@pytest.fixture
def probe(harness_of: Callable[..., Harness], kafka_bootstrap: str, failing: Failing) -> Harness:
    return harness_of(_service(failing), FASCIA_KAFKA_BOOTSTRAP=kafka_bootstrap)


def test_events_take_effect_once_and_in_the_order_of_their_key(probe: Harness, kafka_bootstrap: str) -> None:
    keys = [new_id() for _ in range(4)]
    for sequence in range(1, 6):
        for key in keys:
            _publish(probe, key, sequence)
    with _running(probe, kafka_bootstrap):
        _wait(lambda: len(_of(keys, probe)) >= 20)
        # Everything is sent once more, as after a relay that died between the send and its mark.
        probe.runtime.database["outbox"].update_many({}, {"$set": {"pending": 1}})
        _wait(lambda: Outbox(probe.runtime.database).count_pending() == 0)
        _publish(probe, keys[0], 6)
        _wait(lambda: (keys[0], 6) in _seen(probe))
    seen = _of(keys, probe)
    assert len(seen) == 21
    for key in keys:
        assert [sequence for k, sequence in seen if k == key][:5] == [1, 2, 3, 4, 5]


def test_a_record_that_fails_rests_and_later_records_of_its_key_wait(
    probe: Harness, kafka_bootstrap: str, failing: Failing
) -> None:
    bad, good = new_id(), new_id()
    failing.keys = {bad}
    for sequence in (1, 2, 3):
        _publish(probe, bad, sequence)
    with _running(probe, kafka_bootstrap):
        letters = probe.dispatcher.letters
        _wait(lambda: len(letters.resting()) == 3)
        _publish(probe, good, 1)
        _wait(lambda: (good, 1) in _seen(probe))
        assert [letter.state for letter in letters.resting()] == [State.DEAD, State.PARKED, State.PARKED]
        assert "Zebulon" not in letters.resting()[0].error
        failing.keys = set()
        letters.ask_redrive([letters.resting()[0].id])
        _wait(lambda: not letters.resting())
        _publish(probe, bad, 4)
        _wait(lambda: (bad, 4) in _seen(probe))
    assert [sequence for key, sequence in _seen(probe) if key == bad] == [1, 2, 3, 4]


def test_an_undecodable_record_is_a_dead_letter_and_stops_nobody(probe: Harness, kafka_bootstrap: str) -> None:
    key = new_id()
    event_id = _publish(probe, key, 1)
    probe.runtime.database["outbox"].update_one({"_id": event_id}, {"$set": {"value": b'{"message_id": 7'}})
    _publish(probe, key, 2)
    with _running(probe, kafka_bootstrap):
        _wait(lambda: (key, 2) in _seen(probe))
    [letter] = probe.dispatcher.letters.resting()
    assert letter.state is State.DEAD
    assert "not readable" in letter.error


def test_personal_data_is_sealed_in_the_outbox_and_readable_for_the_handler(probe: Harness) -> None:
    key = new_id()
    _publish(probe, key, 1, PHI_TYPE)
    assert "Zebulon" not in probe.raw()
    assert "+16175550123" not in probe.raw()
    [event] = probe.published(PHI_TYPE)
    assert event.data["given_name"] == "Zebulon"


def test_a_sealed_event_that_was_altered_is_refused(probe: Harness) -> None:
    record = probe.event(PHI_TYPE, _patient(new_id()))
    altered = type(record)(**{**record.__dict__, "value": record.value[:-1] + bytes([record.value[-1] ^ 1])})
    assert probe.redeliver(altered) is Fate.DEAD
    assert _seen(probe) == []


def test_a_broker_that_lost_everything_is_given_everything_again(
    harness_of: Callable[..., Harness], kafka_bootstrap: str
) -> None:
    probe = harness_of(_service(), FASCIA_KAFKA_BOOTSTRAP=kafka_bootstrap)
    outbox, replay = Outbox(probe.runtime.database), OutboxReplay(probe.runtime.database)
    assert not replay.begin("1")
    key = new_id()
    _publish(probe, key, 1)
    with _running(probe, kafka_bootstrap):
        _wait(lambda: (key, 1) in _seen(probe))
    assert outbox.count_pending() == 0
    assert replay.begin("2")
    piece = replay.next()
    assert piece is not None
    assert [row.key for row in piece.rows] == [key]
    replay.passed(piece)
    assert replay.next() is None
    assert not replay.begin("2")
