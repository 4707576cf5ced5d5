"""One record's way to its end: it takes effect once, or it rests where an operator finds it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, DuplicateKeyError, OperationFailure, ServerSelectionTimeoutError

from fascia.backbone import inbox
from fascia.backbone.dead_letters import Record
from fascia.backbone.dispatch import ATTEMPTS, Dispatcher, Fate
from fascia.backbone.event import ContractViolation
from fascia.crypto.keyring import Keyring, add_key
from fascia.ids import new_id
from fascia.problem import Conflict
from fascia.testing.harness import PRACTICE


def test_an_event_takes_effect_once_however_often_it_is_delivered(probe: Any) -> None:
    record = probe.record("k")
    assert [probe.deliver(record) for _ in range(3)] == [Fate.HANDLED, Fate.DUPLICATE, Fate.DUPLICATE]
    assert probe.seen() == [1]
    assert probe.resting() == []


def test_a_handler_that_fails_for_a_moment_is_tried_again_in_place_and_takes_effect_once(probe: Any) -> None:
    probe.handler.faults["k"] = [RuntimeError("once"), KeyError("twice"), Conflict("busy", "three times")]
    assert probe.deliver(probe.record("k")) is Fate.HANDLED
    assert probe.handler.tries["k"] == 4
    assert probe.seen() == [1]


def test_a_handler_that_fails_on_every_try_leaves_nothing_behind_but_the_dead_letter(probe: Any) -> None:
    probe.handler.broken["k"] = RuntimeError("Zebulon lives at 1 Sample Street")
    record = probe.record("k")
    assert probe.deliver(record) is Fate.DEAD
    assert probe.handler.tries["k"] == ATTEMPTS
    assert probe.seen() == []
    assert not inbox.received(probe.runtime.database, probe.harness.service.name, [record.id])
    assert probe.resting() == [("dead", "RuntimeError")]
    assert "Zebulon" not in probe.harness.raw()


def test_the_error_of_a_letter_names_the_rule_that_refused(probe: Any) -> None:
    probe.handler.broken["k"] = Conflict("budget-spent", "The claim of Zebulon allows no more visits.")
    probe.deliver(probe.record("k"))
    assert probe.resting() == [("dead", "Conflict(budget-spent)")]


def test_a_duplicate_key_of_the_handler_s_own_is_a_failure_and_not_a_duplicate_event(probe: Any) -> None:
    probe.handler.broken["k"] = DuplicateKeyError("E11000 phone: +16175550123")
    assert probe.deliver(probe.record("k")) is Fate.DEAD
    assert probe.handler.tries["k"] == ATTEMPTS
    assert probe.letter().error.startswith("DuplicateKeyError")
    assert "6175550123" not in probe.harness.raw()


def test_a_real_clash_in_the_handler_s_own_collection_is_a_failure_and_not_a_duplicate_event(probe: Any) -> None:
    def clash(event: Any) -> None:
        probe.runtime.database["taken"].insert_one({"_id": "one"})

    probe.runtime.database["taken"].insert_one({"_id": "one"})
    probe.handler.meanwhile = clash
    assert probe.deliver(probe.record("k")) is Fate.DEAD
    assert probe.seen() == []
    probe.handler.meanwhile = lambda _: None
    probe.dispatcher.redrive(probe.letter())
    assert probe.seen() == [1]


@pytest.mark.parametrize("fault", [AutoReconnect("gone"), ServerSelectionTimeoutError("nobody answers")])
def test_a_database_that_is_away_blames_no_record(probe: Any, fault: Exception) -> None:
    probe.handler.broken["k"] = fault
    record = probe.record("k")
    with pytest.raises(type(fault)):
        probe.deliver(record)
    assert probe.handler.tries["k"] <= 2, "waiting is the consumer's part"
    assert probe.resting() == []
    del probe.handler.broken["k"]
    assert probe.deliver(record) is Fate.HANDLED
    assert probe.seen() == [1]


def test_an_error_of_the_database_about_the_data_is_the_record_s(probe: Any) -> None:
    probe.handler.broken["k"] = OperationFailure("cannot do that", code=9)
    assert probe.deliver(probe.record("k")) is Fate.DEAD
    assert probe.resting() == [("dead", "OperationFailure(9)")]


def test_a_keyring_that_is_being_mended_blames_no_record(probe: Any) -> None:

    path = Path(probe.harness.settings.keyring_file)
    text = path.read_text()
    newer = path.with_name("newer.json")
    newer.write_text(add_key(text)[0])
    usual = probe.runtime.keyring
    object.__setattr__(probe.runtime, "keyring", Keyring.from_file(newer))
    record = probe.record("k", type_="patient.registered")
    object.__setattr__(probe.runtime, "keyring", usual)
    path.write_text(text[:40])
    with pytest.raises(OSError, match="keyring"):
        probe.deliver(record)
    assert probe.resting() == []
    path.write_text(newer.read_text())
    assert probe.deliver(record) is Fate.HANDLED


def test_later_records_of_a_failed_key_wait_and_other_keys_go_on(probe: Any) -> None:
    probe.handler.broken["k"] = RuntimeError()
    fates = [probe.deliver(probe.record(key, sequence)) for sequence in (1, 2) for key in ("k", "other")]
    assert fates == [Fate.DEAD, Fate.HANDLED, Fate.PARKED, Fate.HANDLED]
    assert probe.seen("other") == [1, 2]
    assert [state for state, _ in probe.resting()] == ["dead", "parked"]
    assert probe.handler.tries["k"] == ATTEMPTS


def test_a_record_waits_within_the_poll_in_which_its_predecessor_failed(probe: Any) -> None:
    probe.handler.broken["k"] = RuntimeError()
    blocked: set[str] = set()
    assert probe.deliver(probe.record("k", 1), blocked) is Fate.DEAD
    assert probe.deliver(probe.record("k", 2), blocked) is Fate.PARKED


def test_the_same_key_in_another_topic_is_another_lane(probe: Any) -> None:
    probe.handler.broken["k"] = RuntimeError()
    probe.deliver(probe.record("k", 1))
    del probe.handler.broken["k"]
    assert probe.deliver(probe.record("k", 1, "patient.registered")) is Fate.HANDLED


def test_a_failed_record_that_is_delivered_once_more_is_buried_once(probe: Any) -> None:
    probe.handler.broken["k"] = RuntimeError()
    first, second, broken = probe.record("k", 1), probe.record("k", 2), probe.unreadable("u")
    # As after a crash before the commit: all come again, to a process that read the blocked lanes before or after.
    for blocked in (set(), None, set(), None):
        probe.deliver(first, blocked)
        probe.deliver(second, blocked)
        probe.deliver(broken, blocked)
    assert [state for state, _ in probe.resting()] == ["dead", "parked", "dead"]
    del probe.handler.broken["k"]
    assert probe.dispatcher.redrive(probe.letters.resting()[0])
    assert probe.letters.blocked_lanes() == set()
    assert probe.seen("k") == [1, 2]


def test_a_record_nobody_can_read_rests_and_keeps_nobody_waiting(probe: Any) -> None:
    assert probe.deliver(probe.unreadable("k")) is Fate.DEAD
    assert probe.handler.tries["k"] == 0
    assert probe.resting() == [("dead", "fields do not load: at, channel, kind, message_id, recipient_id")]
    assert probe.deliver(probe.record("k", 2)) is Fate.HANDLED


def test_a_record_without_headers_rests_under_its_place(probe: Any) -> None:
    assert probe.deliver(Record("fascia.message", 2, 17, "k", b"hello", {})) is Fate.DEAD
    assert probe.letters.get("fascia.message/2/17") is not None


def test_other_services_events_are_passed_over(probe: Any) -> None:
    row = probe.harness.event(
        "contact.opted_out", {"patient_id": "p", "channel": "sms", "at": probe.runtime.clock.now()}
    )
    assert probe.deliver(row) is Fate.IGNORED
    assert probe.resting() == []


def test_nothing_of_a_person_is_logged_when_a_handler_fails(probe: Any, caplog: pytest.LogCaptureFixture) -> None:
    probe.handler.broken["k"] = RuntimeError("Zebulon Sample, +16175550123")
    with caplog.at_level(logging.DEBUG, "fascia"):
        probe.deliver(probe.record("k", type_="patient.registered"))
    assert any(record.message == "dead letter" for record in caplog.records)
    for record in caplog.records:
        told = f"{record.getMessage()} {record.__dict__}"
        assert "Zebulon" not in told
        assert "6175550123" not in told


def test_an_event_that_breaks_its_contract_takes_its_whole_transaction_back(probe: Any) -> None:

    def work(uow: Any) -> None:
        uow.collection("seen").insert_one({"_id": new_id(), "key": "k", "sequence": 1})
        uow.publish("message.sent", probe.message("k"), sequence=1)
        uow.publish("message.sent", {**probe.message("k"), "kind": "gossip"}, sequence=2)

    with pytest.raises(ContractViolation, match="kind"):
        probe.runtime.transaction(PRACTICE, work)
    assert probe.harness.published() == []
    assert probe.seen() == []


def test_what_a_handler_publishes_is_gone_when_it_fails_and_there_once_when_it_succeeds(probe: Any) -> None:

    fails = [True, True, False]

    def handler(uow: Any, event: Any) -> None:
        uow.publish("message.delivered", probe.message(event.key), sequence=2)
        if fails.pop(0):
            raise RuntimeError

    dispatcher = Dispatcher(probe.runtime, {"message.sent": handler}, "chain", pause=lambda _: None)
    record = probe.record("k")
    assert dispatcher.dispatch(record, set()) is Fate.HANDLED
    [event] = probe.harness.published()
    assert event.cause == record.id
