"""Replay on a real broker: projections are rebuilt from what the topics keep, and nothing else happens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from fascia.backbone import replay as replay_module
from fascia.backbone.dispatch import Fate
from fascia.backbone.relay import Relay
from fascia.backbone.replay import NotReplayable, replay, replay_group
from fascia.ids import new_id


@pytest.fixture
def sent(probe_on_kafka: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A probe whose topic holds three versions of one key, besides what other tests left there."""
    monkeypatch.setattr(replay_module, "_IDLE_POLLS", 4)
    probe_on_kafka.key = new_id()
    for sequence in (1, 2, 3):
        probe_on_kafka.publish(probe_on_kafka.key, sequence)
    relay = Relay(probe_on_kafka.runtime)
    assert relay.step() == 3
    relay._close()
    return probe_on_kafka


def _replay(probe: Any, name: str, told: list[int] | None = None) -> Mapping[Fate, int]:
    service = probe.harness.service
    progress = told.append if told is not None else (lambda _: None)
    return replay(probe.runtime, service.handlers, service.projections, ["message.sent"], name, progress)


@pytest.mark.parametrize("types", [["patient.registered"], ["message.sent", "patient.registered"], ["no.such"]])
def test_a_type_that_has_other_effects_is_refused_before_anything_is_read(probe: Any, types: list[str]) -> None:
    service = probe.harness.service
    with pytest.raises(NotReplayable, match=types[-1]):
        replay(probe.runtime, service.handlers, service.projections, types, "r", lambda _: None)
    assert probe.handler.tries == {}


def test_a_replay_takes_every_retained_event_once_in_order_and_flags_it(sent: Any) -> None:
    told: list[int] = []
    fates = _replay(sent, "first", told)
    assert sent.seen(sent.key) == [1, 2, 3]
    assert fates[Fate.HANDLED] >= 3
    assert told[-1] == sum(fates.values())
    assert all(sent.handler.backfills), "a handler must be able to tell a backfill, so that nobody is messaged again"
    # The same name goes on after what it has read, a new name starts over.
    assert _replay(sent, "first") == {}
    assert sent.seen(sent.key) == [1, 2, 3]
    _replay(sent, "second")
    assert sent.seen(sent.key) == [1, 2, 3, 1, 2, 3]


def test_a_replay_that_is_broken_off_goes_on_under_the_same_name(sent: Any) -> None:
    sent.handler.broken[sent.key] = AutoReconnect("the database went away")
    with pytest.raises(AutoReconnect):
        _replay(sent, "first")
    assert sent.letters.resting() == []
    del sent.handler.broken[sent.key]
    _replay(sent, "first")
    assert sent.seen(sent.key) == [1, 2, 3]


def test_what_failed_in_a_replay_rests_under_its_name_and_is_tried_again_by_it(sent: Any) -> None:
    sent.handler.broken[sent.key] = RuntimeError()
    _replay(sent, "first")
    assert sent.letters.resting() == [], "the worker is not held up by it"
    letters = sent.runtime.database["dead_letters"]
    rows = list(letters.find({"key": sent.key}).sort("order", 1))
    assert [row["state"] for row in rows] == ["dead", "parked", "parked"]
    assert {row["consumer"] for row in rows} == {replay_group(sent.harness.service.name, "first")}
    del sent.handler.broken[sent.key]
    _replay(sent, "first")
    assert sent.seen(sent.key) == [1, 2, 3]
    assert letters.count_documents({"key": sent.key}) == 0
