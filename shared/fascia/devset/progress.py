"""What people see while the suite starts: one line per step, with the time that it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_WIDTH = 34


class Progress:
    """Prints steps. On a terminal the line is shown before the step is done."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._live = sys.stdout.isatty()

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._started

    def title(self, line: str) -> None:
        """What the steps belong to."""
        print(line, flush=True)

    @contextmanager
    def step(self, title: str) -> Iterator[list[str]]:
        """A step; what is appended to the yielded list is shown behind it."""
        notes: list[str] = []
        begun = time.monotonic()
        if self._live:
            print(f"  {title:<{_WIDTH}} ...", end="\r", flush=True)
        yield notes
        took = time.monotonic() - begun
        detail = f"  {', '.join(notes)}" if notes else ""
        print(f"  {title:<{_WIDTH}} {took:5.1f} s{detail}", flush=True)

    def counting(self, title: str, done: int, total: int) -> None:
        """How far a long step is, on a terminal alone."""
        if self._live:
            print(f"  {title:<{_WIDTH}} {done}/{total}", end="\r", flush=True)

    def say(self, line: str) -> None:
        """A line with the time since the beginning."""
        print(f"  {self.seconds:6.1f} s  {line}", flush=True)
