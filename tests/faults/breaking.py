"""Kills: processes of a suite, its broker, its database, at random moments of a play and never more than was agreed.

A blow falls when the play has come to a given part of its steps, so all of them fall while chains are under way. Only
processes are killed whose parent is the suite's supervisor (or, for a web server, their own children).

What a kill may cost in time: a transaction that was open in a killed process keeps its documents locked until the
database gives it up, 60 s later by default (transactionLifetimeLimitSeconds); a message that was being sent is looked
up when the attempt's lease is over, after 30 s; a consumer group hands over after its session timeout, 6 s.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from running_suite import RunningSuite

SERVICES = ("scheduling", "records", "outcomes", "notify")
PROCESSES = tuple(f"{service} {role}" for service in SERVICES for role in ("web", "worker"))
_PATIENCE_SECONDS = 60.0
_LEAST_PAUSE = 0.4
# From this part of its steps on events travel through all services.
_UNDER_WAY = 0.1


@dataclass(frozen=True)
class Blow:
    """What is struck when the play has come to `at` (0 to 1). `strike` returns False when nothing was there to hit."""

    at: float
    name: str
    strike: Callable[[], bool]


class Breaker:
    """Lets blows fall in a thread of its own, in order; ends after the last one or when it is told to."""

    def __init__(self, blows: Iterable[Blow], progress: Callable[[], float], within: float | None = None) -> None:
        """`within`: seconds of a play under way after which all have fallen, also where one brings it to a stand."""
        self.struck: Counter[str] = Counter()
        self.missed: list[str] = []
        self._blows: Sequence[Blow] = sorted(blows, key=lambda blow: blow.at)
        self._progress = progress
        self._within = within
        self._under_way_since: float | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="breaker", daemon=True)

    def __enter__(self) -> Breaker:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(_PATIENCE_SECONDS * 2)

    @property
    def kills(self) -> int:
        """How many blows hit."""
        return sum(self.struck.values())

    def finish(self, seconds: float) -> None:
        """Wait for the blows that are still to fall."""
        self._thread.join(seconds)

    def _run(self) -> None:
        for blow in self._blows:
            while not self._is_due(blow):
                if self._stop.wait(0.05):
                    return
            if blow.strike():
                self.struck[blow.name] += 1
            else:
                self.missed.append(blow.name)
            if self._stop.wait(_LEAST_PAUSE):
                return

    def _is_due(self, blow: Blow) -> bool:
        come_to, now = self._progress(), time.monotonic()
        if self._under_way_since is None and come_to >= _UNDER_WAY:
            self._under_way_since = now
        if self._within is None or self._under_way_since is None:
            return come_to >= blow.at
        return come_to >= blow.at or now >= self._under_way_since + blow.at * self._within


def each_once(suite: RunningSuite, names: Sequence[str], dice: random.Random, until: float = 0.85) -> list[Blow]:
    """Each named process once, at a random part of the play."""
    return [_blow(suite, name, dice, until) for name in names]


def many(suite: RunningSuite, count: int, dice: random.Random, until: float = 0.95) -> list[Blow]:
    """`count` kills of any web or worker process."""
    return [_blow(suite, dice.choice(PROCESSES), dice, until) for _ in range(count)]


def evenly(name: str, strikes: Sequence[Callable[[], bool]]) -> list[Blow]:
    """Blows spread over the play."""
    return [Blow((number + 0.5) / len(strikes) * 0.95, name, strike) for number, strike in enumerate(strikes)]


def _blow(suite: RunningSuite, name: str, dice: random.Random, until: float) -> Blow:
    only_child = name.endswith(" web") and dice.random() < 0.5
    return Blow(dice.uniform(0.03, until), name, lambda: kill(suite, name, only_child=only_child))


def kill(suite: RunningSuite, name: str, *, only_child: bool = False) -> bool:
    """Kill a process of the suite with -9, waiting for one that is just being started.

    `only_child`: of a web server not the master but the process that answers.
    """
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        pid = suite.description()["processes"].get(name)
        if pid is not None and _parent(pid) == suite.pid:
            children = _children(pid) if only_child else []
            with contextlib.suppress(ProcessLookupError):
                os.kill(children[0] if children else pid, signal.SIGKILL)
                return True
        time.sleep(0.1)
    return False


def _parent(pid: int) -> int | None:
    return next((parent for child, parent in _processes() if child == pid), None)


def _children(pid: int) -> list[int]:
    return [child for child, parent in _processes() if parent == pid]


def _processes() -> list[tuple[int, int]]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    return [(int(child), int(parent)) for child, parent in (line.split() for line in listed.splitlines())]
