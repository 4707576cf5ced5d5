"""A shift of which some hours fall away: the therapist is ill, or has to be elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduling_svc.workforce.shift import Shift, ShiftBreak


@dataclass(frozen=True)
class Absence:
    """From when to when a therapist does not work."""

    since: datetime
    until: datetime

    def touches(self, shift: Shift) -> bool:
        """Whether any of a shift falls into it."""
        return self.since < shift.ends_at and shift.starts_at < self.until


def around(shift: Shift, absence: Absence, id_after: str) -> tuple[Shift, ...]:
    """What is left of a shift. Its id stays with what comes first; a second part gets `id_after`.

    A shift of which nothing is left stays, without length, for it is where its visits were: they are looked for there
    until they have found another therapist.
    """
    if not absence.touches(shift):
        return (shift,)
    if absence.since <= shift.starts_at and absence.until < shift.ends_at:
        return (_after(shift, absence.until, shift.id),)
    ends_at = max(shift.starts_at, absence.since)
    before = replace(shift, ends_at=ends_at, ended_early=True, breaks=_until(shift.breaks, ends_at))
    if absence.until >= shift.ends_at:
        return (before,)
    return before, _after(shift, absence.until, id_after)


def without(shifts: Sequence[Shift], absence: Absence, ids_after: Sequence[str]) -> tuple[Shift, ...]:
    """All shifts of a day or a roster without an absence; `ids_after` has an id for each of them."""
    return tuple(part for shift, id_ in zip(shifts, ids_after, strict=True) for part in around(shift, absence, id_))


def _after(shift: Shift, since: datetime, id_: str) -> Shift:
    breaks = tuple(replace(one, earliest=max(one.earliest, since)) for one in shift.breaks if one.latest >= since)
    return replace(shift, id=id_, starts_at=since, breaks=breaks)


def _until(breaks: Sequence[ShiftBreak], ends_at: datetime) -> tuple[ShiftBreak, ...]:
    """A break that need not have been taken by then is not owed any more."""
    return tuple(one for one in breaks if one.latest + timedelta(minutes=one.minutes) <= ends_at)
