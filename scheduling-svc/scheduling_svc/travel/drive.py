"""Drives that were made: between which places, when, and how long they took, as therapists' phones told it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from scheduling_svc.travel.great_circle import great_circle_km
from scheduling_svc.workforce.place import Coordinates

SHORTEST_KM = 0.2
SLOWEST_KMH, FASTEST_KMH = 3.0, 110.0
LONGEST_MINUTES = 240.0


class Doubt(StrEnum):
    """Why a drive says nothing about driving."""

    ORIGIN_UNKNOWN = "where it began is not known"
    NEXT_DOOR = "it is too short to measure"
    TOO_FAST = "faster than anybody drives: the phone was told of it late"
    TOO_SLOW = "slower than a walk: something else was done on the way"


@dataclass(frozen=True)
class Step:
    """A visit that somebody set out to. `at` is None where its place is no longer known; arrived None: it was not
    reached."""

    set_out: datetime
    arrived: datetime | None
    at: Coordinates | None


@dataclass(frozen=True)
class Drive:
    """`hour` is the local hour of the week of its departure, 0 being Monday's first."""

    origin: Coordinates
    destination: Coordinates
    hour: int
    minutes: float

    @property
    def km(self) -> float:
        """As the crow flies."""
        return great_circle_km(self.origin, self.destination)


@dataclass(frozen=True)
class Drives:
    """What a practice drove, and how many drives were left out for which doubt."""

    usable: tuple[Drive, ...] = ()
    doubts: Counter[Doubt] = field(default_factory=Counter)

    def plus(self, other: Drives) -> Drives:
        """Both."""
        return Drives(self.usable + other.usable, self.doubts + other.doubts)


def drives_of_day(base: Coordinates, steps: Iterable[Step], zone_hours: Sequence[int]) -> Drives:
    """The drives of one therapist's day from a base, by the steps in the order in which they were set out to.

    `zone_hours` are the local hours of the week of each step's departure.
    """
    usable: list[Drive] = []
    doubts: Counter[Doubt] = Counter()
    here: Coordinates | None = base
    for step, hour in zip(steps, zone_hours, strict=True):
        if step.arrived is not None:
            found = _judged(here, step, step.arrived, hour)
            if isinstance(found, Drive):
                usable.append(found)
            else:
                doubts[found] += 1
        here = step.at if step.arrived is not None else None
    return Drives(tuple(usable), doubts)


def _judged(origin: Coordinates | None, step: Step, arrived: datetime, hour: int) -> Drive | Doubt:
    if origin is None or step.at is None:
        return Doubt.ORIGIN_UNKNOWN
    minutes = (arrived - step.set_out).total_seconds() / 60
    drive = Drive(origin, step.at, hour, minutes)
    if drive.km < SHORTEST_KM:
        return Doubt.NEXT_DOOR
    if minutes <= 0 or drive.km / minutes * 60 > FASTEST_KMH:
        return Doubt.TOO_FAST
    if minutes > LONGEST_MINUTES or drive.km / minutes * 60 < SLOWEST_KMH:
        return Doubt.TOO_SLOW
    return drive
