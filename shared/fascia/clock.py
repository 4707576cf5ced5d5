"""Time as a thing that is passed in, so that no rule reads the wall by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present moment."""

    def now(self) -> datetime:
        """The present as an aware UTC datetime with millisecond resolution."""
        ...


def to_milliseconds(at: datetime) -> datetime:
    """Cut to milliseconds: MongoDB keeps no more, and a value must be equal to itself after a round trip."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return to_milliseconds(datetime.now(UTC))


class FixedClock:
    """A clock that stands still until it is told to move; for tests and what-ifs."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("a clock needs an aware datetime")
        self._at = to_milliseconds(at.astimezone(UTC))

    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> None:
        """Move forward (or back)."""
        self._at += by
