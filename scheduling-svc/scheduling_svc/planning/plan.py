"""A solved plan: who drives where and when, what was left out and why, and what it costs by part."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

PROMISED = 10_000_000
"""What leaving out a promised visit costs, in seconds of driving: no other part of a plan reaches it."""
URGENT = PROMISED // 2
"""The prize of an urgent visit: above any driving, below any promise, so that it never pushes one out for good."""


class Why(StrEnum):
    """Why a visit is in no run."""

    NOBODY_MAY = "no therapist on duty has the skill, the licence and the area for it"
    TOO_FAR = "it is farther than any of these therapists drives"
    NO_TIME = "no therapist can be there inside its window beside what was promised to others"
    NOT_WORTH_IT = "it is optional, and making it costs more than leaving it out"
    PARTNER_MISSING = "the second therapist of a tandem visit cannot be found"


@dataclass(frozen=True)
class PlannedVisit:
    """`drive` is the drive to it; it is reached at `arrives` and begins at `starts` (seconds since the origin).

    The therapist leaves the place before at `arrives - drive`: the first visit is reached just in time, each later one
    as soon as may be.
    """

    visit: str
    drive: int
    arrives: int
    starts: int


@dataclass(frozen=True)
class PlannedBreak:
    """A pause of a run."""

    starts: int
    seconds: int


@dataclass(frozen=True)
class PlannedRun:
    """The visits of one run in order; `drive_back` is the drive to its end place, reached at `ends`.

    A run without visits has no breaks and no drives, and `ends` is the moment at which it opens. The drive back begins
    at `ends - drive_back`.
    """

    run: str
    visits: tuple[PlannedVisit, ...] = ()
    breaks: tuple[PlannedBreak, ...] = ()
    drive_back: int = 0
    ends: int = 0

    @property
    def driving(self) -> int:
        """Seconds of driving in all."""
        return sum(visit.drive for visit in self.visits) + self.drive_back


@dataclass(frozen=True)
class LeftOut:
    """A visit that is in no run."""

    visit: str
    why: Why


@dataclass(frozen=True)
class Cost:
    """What a plan costs by part, in seconds of driving; each part is a whole number, rounded once for the whole plan.

    left_out: the prizes of optional visits that are not made, and PROMISED for each promised one.
    """

    driving: int = 0
    overtime: int = 0
    preference: int = 0
    unfairness: int = 0
    changed_hands: int = 0
    moved: int = 0
    left_out: int = 0

    @property
    def total(self) -> int:
        """All parts."""
        return sum(vars(self).values())


@dataclass(frozen=True)
class Plan:
    """A plan and where it came from: the same problem, seed and engine with the same rounds give the same plan."""

    runs: tuple[PlannedRun, ...]
    left_out: tuple[LeftOut, ...] = ()
    cost: Cost = field(default_factory=Cost)
    engine: str = ""
    seed: int = 0
