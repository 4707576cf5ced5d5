"""A circuit breaker: an engine that failed several times in a row is left alone for a while."""

from __future__ import annotations

import threading


class Breaker:
    """Moments are seconds of any clock that never goes back. Used by many threads."""

    def __init__(self, failures: int = 3, rest_seconds: float = 30.0) -> None:
        self._allowed = failures
        self._rest = rest_seconds
        self._failed = 0
        self._until = 0.0
        self._lock = threading.Lock()

    def lets_through(self, now: float) -> bool:
        """Whether to try. After the rest one caller at a time may; the others are told no until it came back."""
        with self._lock:
            if self._failed < self._allowed:
                return True
            if now < self._until:
                return False
            self._until = now + self._rest
            return True

    def succeeded(self) -> None:
        """It answered."""
        with self._lock:
            self._failed = 0

    def failed(self, now: float) -> None:
        """It did not answer, or too late."""
        with self._lock:
            self._failed += 1
            if self._failed >= self._allowed:
                self._until = now + self._rest

    @property
    def is_open(self) -> bool:
        """Whether it is left alone, or on trial."""
        return self._failed >= self._allowed
