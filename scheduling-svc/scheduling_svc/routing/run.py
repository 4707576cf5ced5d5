"""A run as the insertion kernel sees it: its frame, its visits, and what is found out about one more."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from scheduling_svc.workforce.place import Coordinates
from scheduling_svc.workforce.shift import ShiftBreak


class Drives(Protocol):
    """Drive times."""

    def minutes(self, origin: Coordinates, destination: Coordinates, departs_at: datetime) -> int:
        """Whole minutes, rounded up; 0 between equal places."""
        ...


class Obstacle(StrEnum):
    """Why a visit does not fit; the later one is the nearer miss."""

    OUTSIDE = "outside the shift"
    BUSY = "another visit is in the way"
    TRAVEL = "the drive before or after takes too long"
    BREAK = "the break would not fit any more"
    TOO_FAR = "a drive is longer than the therapist drives"
    DRIVING = "the day's driving would be longer than the therapist drives in a day"


@dataclass(frozen=True)
class Visit:
    """A stop of a run: it begins between `earliest` and `latest` (equal for an exact promise) and takes `minutes`.

    `planned` is when it begins in the plan at hand (None: at its earliest); visits stand in its order.
    """

    place: Coordinates
    earliest: datetime
    latest: datetime
    minutes: int
    planned: datetime | None = None

    @property
    def at(self) -> datetime:
        """Its place in time."""
        return self.planned or self.earliest


@dataclass(frozen=True)
class Run:
    """The frame of a run: from when to when, and where it begins and ends.

    `most_driving` bounds the minutes of all its drives; `overtime` is by how many minutes the way home may end after
    `closes`; nobody sets out for a new visit before `now`.
    """

    opens: datetime
    closes: datetime
    base: Coordinates
    longest_drive: int
    most_driving: int | None = None
    overtime: int = 0
    breaks: tuple[ShiftBreak, ...] = ()
    now: datetime | None = None


@dataclass(frozen=True)
class Fit:
    """A visit fits: at which place in the run, with which drive to it, and how much driving the run gains.

    `starts_at` is when it would begin; `waits` the idle minutes right before and after it, as the run stands;
    `overtime_minutes` by how much the run would end after its time.
    """

    position: int
    drive_minutes: int
    added_drive_minutes: int
    starts_at: datetime | None = field(default=None, compare=False)
    waits: tuple[int, int] = field(default=(0, 0), compare=False)
    overtime_minutes: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Opening:
    """A place in a run where a visit could begin between `first` and `last`, in seconds; drives in minutes.

    `free` is when the therapist may leave the stop before, `due` when they must be at the stop after.
    """

    position: int
    first: int
    last: int
    drive_in: int
    drive_out: int
    added: int
    free: int
    due: int
