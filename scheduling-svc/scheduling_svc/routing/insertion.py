"""The insertion kernel: may one more visit go into a run, and what does it cost in driving?

Each stop knows its earliest and its latest start, pushed forwards and backwards through the run once (forward time
slack, Savelsbergh 1985). One position is then judged in constant time, however long the run is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from scheduling_svc.routing.travel import Travel
from scheduling_svc.workforce.place import Coordinates


class Obstacle(StrEnum):
    """Why a visit does not fit."""

    OUTSIDE = "outside the shift"
    BUSY = "another visit is in the way"
    TRAVEL = "the drive before or after takes too long"
    TOO_FAR = "a drive is longer than the therapist drives"


@dataclass(frozen=True)
class Visit:
    """A stop of a run: it begins between `earliest` and `latest` (equal for a fixed promise) and takes `minutes`."""

    place: Coordinates
    earliest: datetime
    latest: datetime
    minutes: int


@dataclass(frozen=True)
class Fit:
    """A visit fits: at which place in the run, with which drive to it, and how much driving the run gains."""

    position: int
    drive_minutes: int
    added_drive_minutes: int


@dataclass(frozen=True)
class Run:
    """The frame of a run: from when to when, and where it begins and ends."""

    opens: datetime
    closes: datetime
    base: Coordinates
    longest_drive: int


class Schedule:
    """A run with its visits in order, ready to judge further ones. Times are aware; the visits must be feasible."""

    def __init__(self, run: Run, visits: Sequence[Visit], travel: Travel) -> None:
        self._run = run
        self._visits = sorted(visits, key=lambda visit: visit.earliest)
        self._travel = travel
        self._starts = [visit.earliest for visit in self._visits]
        self._earliest = self._push_forward()
        self._latest = self._push_backward()

    def judge(self, place: Coordinates, starts_at: datetime, minutes: int) -> Fit | Obstacle:
        """Whether a visit that begins at a fixed moment fits; constant time but for finding its position."""
        run = self._run
        ends_at = starts_at + timedelta(minutes=minutes)
        if starts_at < run.opens or ends_at > run.closes:
            return Obstacle.OUTSIDE
        position = bisect_left(self._starts, starts_at)
        leaves, before = self._before(position)
        arrives_by, after = self._after(position)
        if leaves > starts_at or (position < len(self._visits) and ends_at > self._latest[position]):
            return Obstacle.BUSY
        drive_in = self._travel.minutes(before, place, leaves)
        drive_out = self._travel.minutes(place, after, ends_at)
        if leaves + timedelta(minutes=drive_in) > starts_at or ends_at + timedelta(minutes=drive_out) > arrives_by:
            return Obstacle.TRAVEL
        if max(drive_in, drive_out) > run.longest_drive:
            return Obstacle.TOO_FAR
        return Fit(position, drive_in, drive_in + drive_out - self._travel.minutes(before, after, leaves))

    def starts(
        self, place: Coordinates, minutes: int, first: datetime, step: timedelta
    ) -> Iterator[tuple[datetime, Fit]]:
        """Every start on a grid that fits, with its cost."""
        starts_at = first
        last = self._run.closes - timedelta(minutes=minutes)
        while starts_at <= last:
            found = self.judge(place, starts_at, minutes)
            if isinstance(found, Fit):
                yield starts_at, found
            starts_at += step

    def drives(self) -> list[int]:
        """Minutes of driving to each visit, in order; the drive back to the base is the last number."""
        legs = []
        leaves, here = self._run.opens, self._run.base
        for index, visit in enumerate(self._visits):
            legs.append(self._travel.minutes(here, visit.place, leaves))
            leaves, here = self._before(index + 1)
        return [*legs, self._travel.minutes(here, self._run.base, leaves)]

    def _before(self, position: int) -> tuple[datetime, Coordinates]:
        """When and where the therapist is free before a position."""
        if position == 0:
            return self._run.opens, self._run.base
        previous = self._visits[position - 1]
        return self._earliest[position - 1] + timedelta(minutes=previous.minutes), previous.place

    def _after(self, position: int) -> tuple[datetime, Coordinates]:
        """When and where the therapist must be after a position."""
        if position == len(self._visits):
            return self._run.closes, self._run.base
        return self._latest[position], self._visits[position].place

    def _push_forward(self) -> list[datetime]:
        earliest: list[datetime] = []
        free, here = self._run.opens, self._run.base
        for visit in self._visits:
            arrives = free + timedelta(minutes=self._travel.minutes(here, visit.place, free))
            earliest.append(max(visit.earliest, min(arrives, visit.latest)))
            free, here = earliest[-1] + timedelta(minutes=visit.minutes), visit.place
        return earliest

    def _push_backward(self) -> list[datetime]:
        latest: list[datetime] = []
        due, there = self._run.closes, self._run.base
        for visit, planned in zip(reversed(self._visits), reversed(self._earliest), strict=True):
            length = timedelta(minutes=visit.minutes)
            drive = timedelta(minutes=self._travel.minutes(visit.place, there, planned + length))
            due = max(planned, min(visit.latest, due - drive - length))
            latest.append(due)
            there = visit.place
        return latest[::-1]
