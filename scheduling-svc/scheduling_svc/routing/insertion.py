"""The insertion kernel: may one more visit go into a run, and what does it cost in driving?

Each stop knows its earliest and its latest start, pushed forwards and backwards through the run once (forward time
slack, Savelsbergh 1985). Every position is then judged in constant time, however long the run is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from scheduling_svc.routing.pauses import free_before, ready_after
from scheduling_svc.routing.run import Drives, Fit, Obstacle, Opening, Run, Visit
from scheduling_svc.routing.timing import Timetable, Timing, moment, seconds
from scheduling_svc.workforce.place import Coordinates

__all__ = ["Fit", "Obstacle", "Opening", "Run", "Schedule", "Visit"]

_NEARNESS = {obstacle: place for place, obstacle in enumerate(Obstacle)}
_LEAST_GAIN = 3600
"""By how many seconds an opening may be too short at the hour of its first start and still be worth a look."""


class Schedule:
    """A run with its visits in order, ready to judge further ones. Times are aware."""

    def __init__(self, run: Run, visits: Sequence[Visit], travel: Drives) -> None:
        self._travel = travel
        self._visits = sorted(visits, key=lambda visit: visit.at)
        self._timing = Timing(run, self._visits, travel)

    @property
    def driving(self) -> int:
        """Minutes of all drives of the run."""
        return self._timing.driving

    @property
    def ends(self) -> datetime | None:
        """When the therapist is back, as the run is planned; None where it cannot be driven like that."""
        timetable = self._timing.timetable()
        return timetable.ends if timetable else None

    @property
    def working(self) -> int:
        """Minutes of all visits and drives of the run."""
        return self._timing.driving + sum(visit.minutes for visit in self._visits)

    def drives(self) -> list[int]:
        """Minutes of driving to each visit, in order; the drive back to the base is the last number."""
        return list(self._timing.legs)

    def judge(
        self, place: Coordinates, starts_at: datetime, minutes: int, latest: datetime | None = None
    ) -> Fit | Obstacle:
        """Whether a visit fits that begins at `starts_at`, or from then until `latest`; at its cheapest place."""
        first, last = seconds(starts_at), seconds(latest or starts_at)
        if last < self._timing.opens or first + minutes * 60 > self._timing.closes:
            return Obstacle.OUTSIDE
        found = self.cheapest(self.openings(place, minutes), place, minutes, (first, last))
        return found or self._obstacle(place, minutes, (first, last))

    def judge_at(
        self, position: int, place: Coordinates, starts_at: datetime, minutes: int, latest: datetime
    ) -> Fit | Obstacle:
        """Whether a visit fits at one position of the run, from `starts_at` until `latest`."""
        window = seconds(starts_at), seconds(latest)
        if window[1] < self._timing.opens or window[0] + minutes * 60 > self._timing.closes:
            return Obstacle.OUTSIDE
        here = [opening for opening in self.openings(place, minutes) if opening.position == position]
        return self.cheapest(here, place, minutes, window) or self._obstacle_at(position, place, minutes * 60, window)

    def starts(
        self, place: Coordinates, minutes: int, first: datetime, step: timedelta, promise: timedelta = timedelta(0)
    ) -> Iterator[tuple[datetime, Fit]]:
        """Every window of the promised length that opens on a grid, stays inside the shift and fits, with its cost."""
        openings = self.openings(place, minutes)
        if not openings:
            return
        opens, stride, length = seconds(first), int(step.total_seconds()), int(promise.total_seconds())
        closes = min(self._timing.closes - minutes * 60, max(one.last for one in openings) + _LEAST_GAIN + length)
        while opens + length <= closes:
            found = self.cheapest(openings, place, minutes, (opens, opens + length))
            if found:
                yield moment(opens), found
            opens += stride

    def openings(self, place: Coordinates, minutes: int) -> list[Opening]:
        """Every place in the run where a visit fits at all, in constant time each."""
        timing, length = self._timing, minutes * 60
        found: list[Opening] = []
        for position in range(timing.count + 1):
            drive_in, drive_out = self._detour(position, place, length)
            added = drive_in + drive_out - timing.legs[position]
            if max(drive_in, drive_out) > timing.run.longest_drive or added > self._drivable:
                continue
            free, due = min(timing.free[position]), max(timing.due[position])
            for taken in range(len(timing.pauses) + 1):
                first = max(self._ready(position, taken, drive_in), timing.opens)
                last = min(self._leave_by(position, taken, drive_out), timing.closes) - length
                if first <= last + _LEAST_GAIN:
                    found.append(Opening(position, first, last, drive_in, drive_out, added, free, due))
        return found

    def cheapest(
        self, openings: Sequence[Opening], place: Coordinates, minutes: int, window: tuple[int, int]
    ) -> Fit | None:
        """The visit at the opening where it adds the least driving, in a window of seconds; of equals the earliest."""
        best: Fit | None = None
        for opening in openings:
            if opening.first > window[1] or opening.last + _LEAST_GAIN < window[0]:
                continue
            found = self.at(opening, place, minutes, window)
            if found and (best is None or _order(found) < _order(best)):
                best = found
        return best

    def at(self, opening: Opening, place: Coordinates, minutes: int, window: tuple[int, int]) -> Fit | None:
        """The visit at one opening, begun as early as a window of seconds allows."""
        timing, begins = self._timing, max(opening.first, window[0])
        ends = begins + minutes * 60
        if begins > window[1] or ends > timing.closes:
            return None
        drive_out = timing.minutes(place, timing.places[opening.position + 1], ends)
        if begins > opening.last + (opening.drive_out - drive_out) * 60 or drive_out > timing.run.longest_drive:
            return None
        before = begins - opening.free - opening.drive_in * 60
        after = opening.due - ends - drive_out * 60
        return Fit(
            position=opening.position,
            drive_minutes=opening.drive_in,
            added_drive_minutes=opening.added + drive_out - opening.drive_out,
            starts_at=moment(begins),
            waits=(max(0, before) // 60, max(0, after) // 60),
            overtime_minutes=self._overtime(opening.position, ends + drive_out * 60),
        )

    def with_visit(self, visit: Visit, position: int) -> Timetable | None:
        """The timetable with a visit at a position, every drive at the hour when it is driven; None: it can't be."""
        visits = [*self._visits[:position], visit, *self._visits[position:]]
        after = Timing(self._timing.run, visits, self._travel).timetable()
        if after is None and self._timing.timetable() is None:
            # What was promised before cannot be kept anyhow: then the new visit is judged by itself.
            at = [known.at for known in visits]
            return Timetable(tuple(at), at[-1])
        return after

    @property
    def _drivable(self) -> int:
        """By how many minutes the run's driving may grow."""
        most = self._timing.run.most_driving
        return 1 << 30 if most is None else max(0, most - self._timing.driving)

    def _overtime(self, position: int, ready: int) -> int:
        """Minutes past the end of the shift that a new last visit brings; of others the plan decides."""
        if position < self._timing.count:
            return 0
        return max(0, ready - self._timing.closes + 59) // 60

    def _detour(self, position: int, place: Coordinates, length: int) -> tuple[int, int]:
        """Minutes to a place from the stop before a position, and on to the stop after it."""
        timing = self._timing
        free = max(min(timing.free[position]), timing.now)
        drive_in = timing.minutes(timing.places[position], place, free)
        return drive_in, timing.minutes(place, timing.places[position + 1], free + drive_in * 60 + length)

    def _ready(self, position: int, taken: int, drive: int) -> int:
        """The first moment at a new stop, when `taken` pauses are over by then."""
        row, pauses, now = self._timing.free[position], self._timing.pauses, self._timing.now
        return min(ready_after(max(row[b], now), drive * 60, pauses[b:taken]) for b in range(taken + 1))

    def _leave_by(self, position: int, taken: int, drive: int) -> int:
        """The last moment to leave a new stop, when `taken` pauses are over by then."""
        row, pauses = self._timing.due[position], self._timing.pauses
        return max(free_before(row[a], drive * 60, pauses[taken:a]) for a in range(taken, len(row)))

    def _obstacle(self, place: Coordinates, minutes: int, window: tuple[int, int]) -> Obstacle:
        found = (self._obstacle_at(p, place, minutes * 60, window) for p in range(self._timing.count + 1))
        return max(found, key=_NEARNESS.__getitem__)

    def _obstacle_at(self, position: int, place: Coordinates, length: int, window: tuple[int, int]) -> Obstacle:
        timing, (first, last) = self._timing, window
        free, due = max(min(timing.free[position]), timing.now), max(timing.due[position])
        if free > last or (position < timing.count and first + length > due):
            return Obstacle.BUSY
        drive_in = self._detour(position, place, length)[0]
        begins = max(free + drive_in * 60, first)
        drive_out = timing.minutes(place, timing.places[position + 1], begins + length)
        if begins > last or begins + length + drive_out * 60 > due:
            return Obstacle.TRAVEL
        if max(drive_in, drive_out) > timing.run.longest_drive:
            return Obstacle.TOO_FAR
        if drive_in + drive_out - timing.legs[position] > self._drivable:
            return Obstacle.DRIVING
        return Obstacle.BREAK


def _order(fit: Fit) -> tuple[int, datetime]:
    assert fit.starts_at is not None
    return fit.added_drive_minutes, fit.starts_at
