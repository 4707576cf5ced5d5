"""Dead letters are tried again in order, and their lane is free exactly when nothing waits in it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from fascia.backbone.dead_letters import State
from fascia.backbone.dispatch import Dispatcher, Fate

LANE = "fascia.message/k"


@pytest.fixture
def blocked(probe: Any) -> Any:
    """A probe with one failed record of the key `k` and two that wait behind it."""
    probe.handler.broken["k"] = RuntimeError()
    for sequence in (1, 2, 3):
        probe.deliver(probe.record("k", sequence))
    return probe


def _ask(probe: Any, *places: int) -> None:
    letters = probe.letters.resting()
    probe.letters.ask_redrive([letters[place].id for place in places])


def _worker_turn(probe: Any) -> None:
    for letter in probe.letters.resting(State.REDRIVE):
        probe.dispatcher.redrive(letter)


def test_a_mended_lane_is_emptied_in_order_and_then_free(blocked: Any) -> None:
    del blocked.handler.broken["k"]
    _ask(blocked, 0)
    _worker_turn(blocked)
    assert blocked.seen("k") == [1, 2, 3]
    assert blocked.resting() == []
    assert blocked.deliver(blocked.record("k", 4)) is Fate.HANDLED


def test_a_lane_that_is_not_mended_stays_in_order_and_counts_the_try(blocked: Any) -> None:
    _ask(blocked, 0)
    _worker_turn(blocked)
    letters = blocked.letters.resting()
    assert [letter.state for letter in letters] == [State.DEAD, State.PARKED, State.PARKED]
    assert [letter.attempts for letter in letters] == [2, 1, 1]
    assert blocked.deliver(blocked.record("k", 4)) is Fate.PARKED


def test_a_lane_that_fails_again_halfway_goes_on_from_there_later(blocked: Any) -> None:
    del blocked.handler.broken["k"]
    blocked.handler.meanwhile = lambda event: 1 / (event.sequence - 2)
    _ask(blocked, 0)
    _worker_turn(blocked)
    assert blocked.seen("k") == [1]
    assert blocked.resting()[0] == ("dead", "ZeroDivisionError")
    blocked.handler.meanwhile = lambda _: None
    _ask(blocked, 0)
    _worker_turn(blocked)
    assert blocked.seen("k") == [1, 2, 3]


def test_asking_for_one_that_waits_tries_the_failed_one_once_and_not_for_ever(blocked: Any) -> None:
    tries = blocked.handler.tries["k"]
    _ask(blocked, 2)
    for _ in range(3):
        _worker_turn(blocked)
    assert blocked.handler.tries["k"] == 2 * tries
    assert blocked.letters.resting(State.REDRIVE) == []
    assert blocked.seen("k") == []


def test_a_record_parked_while_the_lane_is_emptied_takes_effect_too(blocked: Any) -> None:
    del blocked.handler.broken["k"]
    late = blocked.record("k", 4)
    fates = []

    def meanwhile(event: Any) -> None:
        if event.sequence == 3 and not fates:
            # The owner of the partition receives the next record before the last of the lane is done.
            thread = threading.Thread(target=lambda: fates.append(blocked.deliver(late, {LANE})))
            thread.start()
            thread.join()

    blocked.handler.meanwhile = meanwhile
    _ask(blocked, 0)
    _worker_turn(blocked)
    assert fates == [Fate.PARKED]
    assert blocked.seen("k") == [1, 2, 3, 4]
    assert blocked.resting() == []
    assert blocked.letters.blocked_lanes() == set()


def test_a_record_whose_lane_became_free_after_the_lanes_were_read_is_not_parked_for_ever(blocked: Any) -> None:
    seen_as_blocked = blocked.letters.blocked_lanes()
    del blocked.handler.broken["k"]
    _ask(blocked, 0)
    _worker_turn(blocked)
    assert blocked.deliver(blocked.record("k", 4), seen_as_blocked) is Fate.HANDLED
    assert blocked.seen("k") == [1, 2, 3, 4]


def test_parking_and_redrive_at_the_same_time_lose_nothing_and_keep_the_order(blocked: Any) -> None:
    del blocked.handler.broken["k"]
    start = threading.Barrier(2)

    def receive() -> None:
        start.wait()
        for sequence in range(4, 24):
            blocked.deliver(blocked.record("k", sequence))

    owner = threading.Thread(target=receive)
    owner.start()
    start.wait()
    _ask(blocked, 0)
    _worker_turn(blocked)
    owner.join()
    assert blocked.seen("k") == list(range(1, 24))
    assert blocked.resting() == []
    assert blocked.letters.blocked_lanes() == set()


def test_two_workers_that_redrive_the_same_lane_do_it_once_and_in_order(blocked: Any) -> None:
    del blocked.handler.broken["k"]
    for sequence in range(4, 8):
        blocked.deliver(blocked.record("k", sequence))
    handlers, consumer = {"message.sent": blocked.handler}, blocked.harness.service.name
    start = threading.Barrier(2)

    def worker() -> None:
        start.wait()
        Dispatcher(blocked.runtime, handlers, consumer).redrive(letter)

    letter = blocked.letters.resting()[0]
    workers = [threading.Thread(target=worker) for _ in range(2)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    assert blocked.seen("k") == list(range(1, 8))
    assert blocked.resting() == []
    assert blocked.letters.blocked_lanes() == set()


def test_a_letter_that_nobody_can_read_does_not_stand_in_the_way_of_its_key(probe: Any) -> None:
    probe.deliver(probe.unreadable("k"))
    probe.handler.broken["k"] = RuntimeError()
    for sequence in (2, 3):
        probe.deliver(probe.record("k", sequence))
    del probe.handler.broken["k"]
    _ask(probe, 0, 1)
    _worker_turn(probe)
    assert probe.seen("k") == [2, 3]
    assert [error for _, error in probe.resting()] == [
        "fields do not load: at, channel, kind, message_id, recipient_id"
    ]
    assert probe.letters.resting(State.REDRIVE) == []


def test_giving_up_a_letter_that_nobody_can_read_frees_nobody_else_s_place(probe: Any) -> None:
    probe.deliver(probe.unreadable("k"))
    probe.handler.broken["k"] = RuntimeError()
    probe.deliver(probe.record("k", 2))
    probe.letters.discard(probe.letters.resting()[0], probe.runtime.clock.now())
    del probe.handler.broken["k"]
    # Record 2 has not taken effect, so 3 may not overtake it.
    assert probe.deliver(probe.record("k", 3)) is Fate.PARKED
    _ask(probe, 0)
    _worker_turn(probe)
    assert probe.seen("k") == [2, 3]


def test_a_discarded_letter_frees_its_lane_for_those_behind_it(blocked: Any) -> None:
    blocked.letters.discard(blocked.letters.resting()[0], blocked.runtime.clock.now())
    del blocked.handler.broken["k"]
    assert blocked.deliver(blocked.record("k", 4)) is Fate.PARKED
    _ask(blocked, 0)
    _worker_turn(blocked)
    assert blocked.seen("k") == [2, 3, 4]
    assert blocked.letters.blocked_lanes() == set()


def test_the_last_letter_of_a_lane_that_is_discarded_frees_it_at_once(probe: Any) -> None:
    probe.handler.broken["k"] = RuntimeError()
    probe.deliver(probe.record("k", 1))
    probe.letters.discard(probe.letter(), probe.runtime.clock.now())
    del probe.handler.broken["k"]
    assert probe.deliver(probe.record("k", 2)) is Fate.HANDLED


def test_what_was_given_up_stays_given_up_when_the_broker_sends_everything_again(probe: Any) -> None:
    probe.handler.broken["k"] = RuntimeError()
    failed, unreadable = probe.record("k", 1), probe.unreadable("u")
    for record in (failed, unreadable):
        probe.deliver(record)
    for letter in probe.letters.resting():
        probe.letters.discard(letter, probe.runtime.clock.now())
    del probe.handler.broken["k"]
    assert [probe.deliver(record) for record in (failed, unreadable)] == [Fate.DUPLICATE, Fate.DUPLICATE]
    assert probe.seen() == []
    assert probe.resting() == []


def test_a_letter_whose_event_took_effect_by_another_way_goes_without_a_second_effect(blocked: Any) -> None:
    del blocked.handler.broken["k"]
    blocked.deliver(blocked.letters.resting()[0].record, set())
    _ask(blocked, 0)
    _worker_turn(blocked)
    assert blocked.seen("k") == [1, 2, 3]
    assert blocked.letters.blocked_lanes() == set()


def test_a_redrive_after_a_fault_of_the_database_goes_on_and_blames_nobody(blocked: Any) -> None:

    blocked.handler.broken["k"] = AutoReconnect("gone")
    _ask(blocked, 0)
    with pytest.raises(AutoReconnect):
        _worker_turn(blocked)
    assert [letter.attempts for letter in blocked.letters.resting(State.REDRIVE)] == [1]
    del blocked.handler.broken["k"]
    _worker_turn(blocked)
    assert blocked.seen("k") == [1, 2, 3]
