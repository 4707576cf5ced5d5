"""Children of the supervisor: watched, started again with growing pauses, stopped for good."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fascia.devset.processes import Child, Program, Reaper, StartError, stop_all

_SLEEP = "import time; time.sleep(60)"
_STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"


@pytest.fixture
def reaper() -> Iterator[Reaper]:
    made = Reaper()
    yield made
    made.close()


def child(reaper: Reaper, folder: Path, code: str, name: str = "toy") -> Child:
    return Child(Program(name=name, argv=(sys.executable, "-c", code), log=folder / f"{name}.log"), reaper)


def wait_dead(one: Child) -> None:
    end = time.monotonic() + 5
    while one.pid is not None and time.monotonic() < end:
        time.sleep(0.01)


def test_a_child_that_dies_is_started_again_after_a_pause(reaper: Reaper, tmp_path: Path) -> None:
    toy = child(reaper, tmp_path, _SLEEP)
    toy.start()
    first = toy.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    wait_dead(toy)
    now = time.monotonic()
    assert "SIGKILL" in (toy.revive(now) or "")
    assert toy.revive(now) is None
    assert toy.pid is None
    toy.revive(now + 1)
    assert toy.pid not in (None, first)
    assert toy.restarts == 1
    stop_all([toy], 5)


def test_pauses_grow_while_it_keeps_dying(reaper: Reaper, tmp_path: Path) -> None:
    toy = child(reaper, tmp_path, "pass")
    pauses = []
    now = time.monotonic()
    toy.start()
    for _ in range(4):
        wait_dead(toy)
        toy.revive(now)
        assert toy.restart_at is not None
        pauses.append(toy.restart_at - now)
        now = toy.restart_at
        toy.revive(now)
    assert pauses == sorted(pauses)
    assert pauses[-1] > 4 * pauses[0]
    stop_all([toy], 5)


def test_a_death_during_the_start_is_told_with_the_end_of_the_log(reaper: Reaper, tmp_path: Path) -> None:
    toy = child(reaper, tmp_path, "raise SystemExit('no such keyring')")
    toy.start()
    wait_dead(toy)
    with pytest.raises(StartError, match=r"toy ended with code exit code 1:\n.*no such keyring"):
        toy.wait_ready()
    toy.forget()


def test_what_does_not_stop_is_killed_and_named(reaper: Reaper, tmp_path: Path) -> None:
    polite, stubborn = child(reaper, tmp_path, _SLEEP, "polite"), child(reaper, tmp_path, _STUBBORN, "stubborn")
    for one in (polite, stubborn):
        one.start()
    time.sleep(0.3)
    assert stop_all([polite, stubborn], 0.5) == ["stubborn"]
    assert polite.pid is stubborn.pid is None
