"""When each visit of a run may begin: pushed forwards and backwards through the run, by the pauses taken before.

Moments are whole seconds since 1970. Drives are reckoned at the moment of leaving in the plan at hand; where speeds
change in between, `Timing.timetable` drives the whole run again before anything is promised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from scheduling_svc.routing.pauses import NEVER, Pause, free_before, ready_after
from scheduling_svc.routing.run import Drives, Run, Visit
from scheduling_svc.workforce.place import Coordinates

_QUARTER = 900
"""Speeds change by the hour of a clock, and every zone's hours begin at a quarter of an hour of UTC."""


@dataclass(frozen=True)
class Timetable:
    """When each visit begins, in order, and when the therapist is back."""

    starts: tuple[datetime, ...]
    ends: datetime


class Timing:
    """A run with its visits in order.

    free[p][k]: when the therapist may leave the stop before position p, after k pauses. due[p][k]: by when they must be
    at the stop after it, if k pauses are over by then. What was promised stays: visits that cannot all be kept, or
    leave no time for the pauses, are taken as they stand.
    """

    def __init__(self, run: Run, visits: Sequence[Visit], drives: Drives) -> None:
        self.run = run
        self._drives = drives
        self._known: dict[tuple[Coordinates, Coordinates, int], int] = {}
        self.count = len(visits)
        self.opens, self.closes = seconds(run.opens), seconds(run.closes)
        self.closing = self.closes + run.overtime * 60
        self.now = seconds(run.now) if run.now else -NEVER
        self.places = [run.base, *(visit.place for visit in visits), run.base]
        self.lengths = [visit.minutes * 60 for visit in visits]
        self.planned = [seconds(visit.at) for visit in visits]
        self.windows = [self._window(visit) for visit in visits]
        self.legs = self._drive_all()
        self.pauses = tuple(Pause(seconds(p.earliest), seconds(p.latest), p.minutes * 60) for p in run.breaks)
        self.free = self._push_forward()
        if self.pauses and self.ends_at(self.free[-1]) > self.closing:
            self.pauses = ()
            self.free = self._push_forward()
        self.due = self._push_backward()

    @property
    def driving(self) -> int:
        """Minutes of all drives of the run."""
        return sum(self.legs)

    def minutes(self, here: Coordinates, there: Coordinates, leaves: int) -> int:
        """The drive between two places."""
        if here == there:
            return 0
        key = (here, there, leaves // _QUARTER)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._drives.minutes(here, there, moment(leaves))
        return known

    def ends_at(self, free: Sequence[int]) -> int:
        """When the run ends, by when its last stop may be left."""
        drive = self.legs[-1] * 60
        return min(ready_after(at, drive, self.pauses[taken:]) for taken, at in enumerate(free))

    def timetable(self) -> Timetable | None:
        """When each visit begins if the plan at hand is kept as far as it can be; None where it cannot be driven.

        A visit is moved only as far as the others need it: later by what holds the therapist up, earlier by what is
        due behind it.
        """
        at, taken, starts = self.opens, 0, []
        for index, (earliest, latest) in enumerate(self.windows):
            drive = self.minutes(self.places[index], self.places[index + 1], at) * 60
            found = self._begin(index, at, taken, drive, earliest)
            if found is None or found[0] > latest:
                return None
            starts.append(moment(found[0]))
            at, taken = found[0] + self.lengths[index], found[1]
        drive = self.minutes(self.places[-2], self.places[-1], at) * 60
        ends = ready_after(at, drive, self.pauses[taken:])
        return Timetable(tuple(starts), moment(ends)) if ends <= self.closing else None

    def _begin(self, index: int, at: int, taken: int, drive: int, earliest: int) -> tuple[int, int] | None:
        """When a visit begins and how many pauses are over by then; waiting costs nothing, so pauses come early."""
        best: tuple[int, int] | None = None
        for after in range(len(self.pauses), taken - 1, -1):
            due = self.due[index][after]
            ready = max(ready_after(at, drive, self.pauses[taken:after]), earliest)
            begins = max(ready, min(self.planned[index], due))
            if begins <= due and (best is None or begins < best[0]):
                best = begins, after
        return best

    def _window(self, visit: Visit) -> tuple[int, int]:
        """When a visit may begin from now on: one that has begun stays where it is."""
        planned, earliest, latest = seconds(visit.at), seconds(visit.earliest), seconds(visit.latest)
        if planned <= self.now:
            return planned, planned
        return max(earliest, min(self.now, planned)), latest

    def _drive_all(self) -> list[int]:
        leaves = [self.opens, *(at + length for at, length in zip(self.planned, self.lengths, strict=True))]
        pairs = zip(self.places, self.places[1:], leaves, strict=False)
        return [self.minutes(here, there, at) for here, there, at in pairs]

    def _push_forward(self) -> list[list[int]]:
        count = len(self.pauses)
        rows = [[self.opens, *[NEVER] * count]]
        for (earliest, latest), length, drive in zip(self.windows, self.lengths, self.legs, strict=False):
            before, row = rows[-1], []
            for taken in range(count + 1):
                gaps = ((before[b], self.pauses[b:taken]) for b in range(taken + 1))
                ready = max(min(ready_after(free, drive * 60, pauses) for free, pauses in gaps), earliest)
                row.append(ready + length if ready <= latest else NEVER)
            if min(row) >= NEVER:
                row = [latest + length if free < NEVER else NEVER for free in before]
            rows.append(row)
        return rows

    def _push_backward(self) -> list[list[int]]:
        count = len(self.pauses)
        rows = [[*[-NEVER] * count, self.closing]]
        for index in range(self.count - 1, -1, -1):
            latest, length, drive = self.windows[index][1], self.lengths[index], self.legs[index + 1]
            after, row = rows[-1], []
            for taken in range(count + 1):
                gaps = ((after[a], self.pauses[taken:a]) for a in range(taken, count + 1))
                due = min(max(free_before(due, drive * 60, pauses) for due, pauses in gaps) - length, latest)
                row.append(due if due + length >= self.free[index + 1][taken] else -NEVER)
            if max(row) <= -NEVER:
                row = [self.planned[index] if free < NEVER else -NEVER for free in self.free[index + 1]]
            rows.append(row)
        return rows[::-1]


def seconds(at: datetime) -> int:
    """Since 1970."""
    return int(at.timestamp())


def moment(at: int) -> datetime:
    """From seconds since 1970."""
    return datetime.fromtimestamp(at, UTC)
