"""Ids: every record is found by them and sorted by them, so they may neither repeat nor go back."""

from __future__ import annotations

import sys
import threading
import time
import uuid
from collections.abc import Iterator

import pytest

from fascia import ids
from fascia.ids import derived_id, new_id


def test_ids_of_a_process_increase_strictly_and_never_repeat() -> None:
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


@pytest.fixture
def _threads_take_turns_often() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("_threads_take_turns_often")
def test_ids_of_many_threads_increase_in_each_and_never_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    present = time.time_ns()
    monkeypatch.setattr(ids.time, "time_ns", lambda: present)  # all within one moment: nothing but the counter helps
    made: list[list[str]] = [[] for _ in range(4)]

    def make(into: list[str]) -> None:
        into.extend(new_id() for _ in range(3_000))

    threads = [threading.Thread(target=make, args=(into,)) for into in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for own in made:
        assert own == sorted(own)
    assert len({id_ for own in made for id_ in own}) == 12_000


def test_an_id_is_a_uuid_of_version_7_that_tells_when_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid.UUID(new_id())
    after = time.time_ns() // 1_000_000 + 1
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert before <= made.int >> 80 <= after


def test_an_id_made_later_sorts_later() -> None:
    earlier = new_id()
    time.sleep(0.003)
    assert earlier < new_id()


def test_ids_go_on_increasing_when_the_clock_of_the_machine_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = new_id()
    present = time.time_ns()
    monkeypatch.setattr(ids.time, "time_ns", lambda: present - 3_600_000_000_000)
    assert earlier < new_id() < new_id()


def test_a_derived_id_is_the_same_each_time_and_sorts_as_its_origin_does() -> None:
    early, late = "01900000-0000-7000-8000-000000000000", "01900000-0001-7000-8000-000000000000"
    assert derived_id(early, "demo", "score") == derived_id(early, "demo", "score")
    assert derived_id(early, "zz") < derived_id(late, "aa")
    assert uuid.UUID(derived_id(early)).version == uuid.UUID(derived_id("s-1")).version == 8
    assert uuid.UUID(derived_id("s-1")).variant == uuid.RFC_4122


def test_derived_ids_of_different_things_differ() -> None:
    made = {derived_id("s-1", "ab", "c"), derived_id("s-1", "a", "bc"), derived_id("s-1ab", "c"), derived_id("s-1")}
    assert len(made) == 4
