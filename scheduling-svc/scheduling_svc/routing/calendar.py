"""When a patient or a room is taken.

One document each, written by compare-and-swap: that is what makes overlap impossible.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

_KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Entry:
    """A visit in a calendar; `held_until` is set while it is only held."""

    id: str
    starts_at: datetime
    ends_at: datetime
    held_until: datetime | None = None

    def live(self, now: datetime) -> bool:
        """Whether it is in the way: a hold that ran out is not, even before anybody tidied it away."""
        return self.held_until is None or self.held_until > now


@dataclass(frozen=True)
class Calendar:
    """The visits of one owner, `agenda:PATIENT` or `room:ID:YYYY-MM-DD`; `version` is the stored one, 0: none yet."""

    owner: str
    version: int = 0
    entries: tuple[Entry, ...] = ()

    def blocking(self, starts_at: datetime, ends_at: datetime, now: datetime) -> Entry | None:
        """The first visit that overlaps a time, or None."""
        for entry in self.entries:
            if entry.starts_at < ends_at and starts_at < entry.ends_at and entry.live(now):
                return entry
        return None

    def with_entry(self, entry: Entry, now: datetime) -> Calendar:
        """Taken at one more time, which must be free. What ran out or is long over is dropped."""
        kept = (known for known in self.entries if known.live(now) and known.ends_at > now - _KEPT)
        return replace(self, entries=(*kept, entry))

    def settled(self, id_: str) -> Calendar:
        """A held visit is now booked."""
        return replace(
            self, entries=tuple(replace(known, held_until=None) if known.id == id_ else known for known in self.entries)
        )

    def without(self, id_: str) -> Calendar:
        """A visit is gone."""
        return replace(self, entries=tuple(known for known in self.entries if known.id != id_))

    def holds(self, id_: str, now: datetime) -> bool:
        """Whether a visit is in it and counts."""
        return any(known.id == id_ and known.live(now) for known in self.entries)


def patient_owner(patient_id: str) -> str:
    """The calendar of a patient: all their visits to come."""
    return f"agenda:{patient_id}"


def room_owner(room_id: str, day: str) -> str:
    """The calendar of a room on one local day (YYYY-MM-DD): visits never cross midnight, for shifts do not."""
    return f"room:{room_id}:{day}"
