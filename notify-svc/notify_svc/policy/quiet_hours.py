"""Hours in which a practice sends no texts, by the recipient's wall clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class QuietHours:
    """From `starts_at` (included) to `ends_at` (excluded), wall time; it may span midnight."""

    starts_at: time
    ends_at: time

    def covers(self, at: datetime, zone: str) -> bool:
        """Whether a moment is quiet for somebody in `zone`."""
        clock = at.astimezone(ZoneInfo(zone)).time().replace(tzinfo=None)
        if self.starts_at <= self.ends_at:
            return self.starts_at <= clock < self.ends_at
        return clock >= self.starts_at or clock < self.ends_at

    def next_open(self, at: datetime, zone: str) -> datetime:
        """The first moment from `at` on that is not quiet."""
        if not self.covers(at, zone):
            return at
        day = at.astimezone(ZoneInfo(zone)).date()
        ends = (first_moment(day + timedelta(days=more), self.ends_at, zone) for more in (0, 1))
        return next(moment for moment in ends if moment > at)

    def last_open(self, at: datetime, zone: str) -> datetime:
        """The last minute up to `at` that is not quiet."""
        if not self.covers(at, zone):
            return at
        day = at.astimezone(ZoneInfo(zone)).date()
        starts = (first_moment(day - timedelta(days=less), self.starts_at, zone) for less in (0, 1))
        return next(moment for moment in starts if moment <= at) - timedelta(minutes=1)


def first_moment(day: date, clock: time, zone: str) -> datetime:
    """The first moment at which a wall clock in `zone` shows `clock` or later on `day`.

    A time that the spring change skips becomes the moment of the change; one that autumn repeats is the first.
    """
    tz = ZoneInfo(zone)
    wanted = datetime.combine(day, clock)
    moment = wanted.replace(tzinfo=tz, fold=0).astimezone(UTC)
    shown = moment.astimezone(tz).replace(tzinfo=None)
    if shown == wanted:
        return moment
    # In a gap fold=0 uses the offset from before the change, so the moment lies past it by what the gap skipped.
    low, high = moment - (shown - wanted) - timedelta(hours=3), moment
    while high - low > timedelta(milliseconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(tz).replace(tzinfo=None) >= wanted:
            high = middle
        else:
            low = middle
    return (high + timedelta(milliseconds=500)).replace(microsecond=0)
