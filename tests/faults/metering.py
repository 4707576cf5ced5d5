"""What the workers' metrics say over a play, added up across the processes that were killed in between."""

from __future__ import annotations

import re
import threading
from collections import Counter
from typing import Any

import requests

_EVERY_SECONDS = 1.0
_CONSUMED = re.compile(r'^fascia_events_consumed_total\{.*fate="(\w+)".*\} ([0-9.e+]+)$', re.MULTILINE)


class Meter:
    """Reads /metrics of each worker again and again. A counter that falls belongs to a new process.

    What a process counted after the last reading before its death is not seen, so the sums are lower bounds.
    """

    def __init__(self, suite: dict[str, Any]) -> None:
        self.fates: Counter[str] = Counter()
        self._workers: dict[str, str] = suite["workers"]
        self._last: dict[str, Counter[str]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="meter", daemon=True)

    def __enter__(self) -> Meter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)

    def _run(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while True:
                for name, url in self._workers.items():
                    self._read(session, name, url)
                if self._stop.wait(_EVERY_SECONDS):
                    return

    def _read(self, session: requests.Session, name: str, url: str) -> None:
        try:
            text = session.get(f"{url}/metrics", timeout=3).text
        except requests.RequestException:
            return
        now: Counter[str] = Counter()
        for fate, value in _CONSUMED.findall(text):
            now[fate] += int(float(value))
        before = self._last.get(name, Counter())
        # One counter that fell means that all of them began anew.
        if any(now[fate] < count for fate, count in before.items()):
            before = Counter()
        for fate, count in now.items():
            self.fates[fate] += count - before[fate]
        self._last[name] = now
