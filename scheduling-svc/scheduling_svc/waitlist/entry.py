"""A wish that waits: an optional visit, with the days and hours that suit the patient and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from fascia.localtime import resolve
from fascia.problem import Conflict, RuleViolation
from scheduling_svc.booking.hold import HoldState


class EntryState(StrEnum):
    """waiting -> offered -> booked; offered -> waiting (declined, timed out); waiting -> withdrawn, expired."""

    WAITING = "waiting"
    OFFERED = "offered"
    BOOKED = "booked"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Hours:
    """A part of a day by the wall clock, `HH:MM`, in which the visit may begin; both ends included."""

    begin: str
    end: str


@dataclass(frozen=True)
class Entry:
    """A patient's wish for one mobile visit between two local days, both included.

    hours: empty: at any time of day. prize_minutes: how many minutes of driving the practice would accept for it.
    book: it is booked as soon as it is placed; otherwise it is held for the desk to ask the patient. `hold_id` is the
    hold, or the appointment, that it was placed as. `version` is the stored one, 0: none yet.
    """

    id: str
    patient_id: str
    service_type: str
    from_day: date
    to_day: date
    claim_id: str | None = None
    skills: tuple[str, ...] = ()
    hours: tuple[Hours, ...] = ()
    prize_minutes: int = 60
    book: bool = False
    state: EntryState = EntryState.WAITING
    hold_id: str | None = None
    version: int = 0

    def seen(self, today: date, hold: HoldState | None) -> EntryState:
        """Its state on a day, beside the state of the hold that it was offered as."""
        if self.state is EntryState.OFFERED:
            if hold is HoldState.CONVERTED:
                return EntryState.BOOKED
            if hold is HoldState.ACTIVE:
                return EntryState.OFFERED
        if self.state in (EntryState.BOOKED, EntryState.WITHDRAWN):
            return self.state
        return EntryState.EXPIRED if self.to_day < today else EntryState.WAITING

    def placed(self, hold_id: str) -> Entry:
        """It was given a place in a day."""
        return replace(self, state=EntryState.BOOKED if self.book else EntryState.OFFERED, hold_id=hold_id)

    def withdrawn(self, seen: EntryState) -> Entry:
        """The patient does not wait any more. Raises Conflict once it has a place or is over."""
        if seen is not EntryState.WAITING:
            raise Conflict(
                "not-waiting",
                f"The wish is {seen.value}.",
                "id",
                "Release its hold or cancel its appointment." if seen is not EntryState.EXPIRED else "It is over.",
            )
        return replace(self, state=EntryState.WITHDRAWN)

    def windows(self, day: date, zone: str) -> list[tuple[datetime, datetime]]:
        """When it may begin on a day: moments by the clocks of a zone; none on a day that does not suit."""
        if not self.from_day <= day <= self.to_day:
            return []
        parts = self.hours or (Hours("00:00", "23:59"),)
        return [(_moment(day, part.begin, zone), _moment(day, part.end, zone)) for part in parts]


def require_valid(entry: Entry, today: date) -> None:
    """Raise RuleViolation for a wish that nobody could meet."""
    if entry.to_day < entry.from_day:
        raise RuleViolation("span-is-empty", "The last day is before the first.", "to_day", "Send a later day.")
    if entry.to_day < today:
        raise RuleViolation("span-is-over", "The last day is in the past.", "to_day", "Send a day to come.")
    for number, part in enumerate(entry.hours):
        if part.end < part.begin:
            raise RuleViolation(
                "hours-are-empty", "The hours end before they begin.", f"hours.{number}.end", "Send a later time."
            )


def _moment(day: date, clock: str, zone: str) -> datetime:
    """A wall time of a day; one that the change of clocks skips means the first moment after it."""
    wall_time = datetime.fromisoformat(f"{day.isoformat()}T{clock}")
    for _ in range(24 * 60):
        try:
            return resolve(wall_time, zone)
        except RuleViolation:
            wall_time += timedelta(minutes=1)
    raise RuleViolation("nonexistent-local-time", f"{clock} does not exist on {day}.", "hours", "Send another time.")
