"""How far a long play is, in a line now and then."""

from __future__ import annotations

import sys
import threading
import time

from breaking import Breaker
from chains import Player
from metering import Meter


class Telling:
    """Prints chains done, kills and rate; pytest shows it with -s, or when a test fails."""

    def __init__(self, player: Player, breaker: Breaker, meter: Meter, every: float = 10.0) -> None:
        self._player = player
        self._breaker = breaker
        self._meter = meter
        self._every = every
        self._began = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="telling", daemon=True)

    def __enter__(self) -> Telling:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5)
        self.say(self.line())

    def line(self) -> str:
        """Where it stands."""
        seconds = time.monotonic() - self._began
        done, wanted = self._player.done, self._player.wanted
        kills = ", ".join(f"{count} x {name}" for name, count in sorted(self._breaker.struck.items()))
        repeats = ", ".join(f"{count} x {why}" for why, count in sorted(self._player.patience.repeats.items()))
        steps = ", ".join(f"{count} in {step}" for step, count in sorted(self._player.under_way().items()))
        duplicates = self._meter.fates["duplicate"]
        return (
            f"  {seconds:6.0f} s  {done}/{wanted} chains, {done / seconds:.2f}/s ({steps or 'all over'});"
            f" {self._breaker.kills} kills ({kills or 'none'}); repeated: {repeats or 'nothing'};"
            f" redelivered and dropped: {duplicates}"
        )

    def say(self, line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            self.say(self.line())
