"""The embedded default, which needs no map: great circle times circuity, at the speed of the hour of the week."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from scheduling_svc.travel.great_circle import great_circle_km, km_between, unit_vector
from scheduling_svc.travel.travel import Basis, Matrix
from scheduling_svc.workforce.place import Coordinates
from scheduling_svc.workforce.practice import Practice

HOURS_OF_WEEK = 168


def by_hour(values: Sequence[float], at: datetime, zone: ZoneInfo) -> float:
    """The value of a local hour: of 24 for every day alike, or of 168 from Monday's first hour on."""
    local = at.astimezone(zone)
    return values[local.weekday() * 24 + local.hour if len(values) == HOURS_OF_WEEK else local.hour]


def hours_between(opens: datetime, closes: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """One moment in each local hour that a span touches, the first being its beginning."""
    at = opens
    while at <= closes:
        yield at
        local = at.astimezone(zone)
        at += timedelta(hours=1) - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)


@dataclass(frozen=True)
class EstimatedTravel:
    """`overhead` minutes of every drive pass before and after the road: walking to the car, parking."""

    circuity: float
    kmh_by_hour: tuple[float, ...]
    zone: ZoneInfo
    overhead: float = 0.0

    def minutes(self, origin: Coordinates, destination: Coordinates, departs_at: datetime) -> int:
        """Whole minutes, rounded up; 0 between equal places."""
        if origin == destination:
            return 0
        return ceil(great_circle_km(origin, destination) * self._pace(departs_at) + self.overhead)

    def seconds(self, places: Sequence[Coordinates], departs_at: datetime) -> Matrix:
        """From each place to each."""
        pace, overhead = self._pace(departs_at), self.overhead
        vectors = [unit_vector(place) for place in places]
        rows = [[0] * len(places) for _ in places]
        for i, origin in enumerate(vectors):
            for j in range(i):
                if origin != vectors[j]:
                    rows[i][j] = rows[j][i] = 60 * ceil(km_between(vectors[j], origin) * pace + overhead)
        return tuple(map(tuple, rows))

    def slowest(self, opens: datetime, closes: datetime) -> datetime:
        """The departure between two moments at which drives take longest."""
        return max(hours_between(opens, closes, self.zone), key=self._pace)

    def reaches(self, place: Coordinates) -> bool:
        """An estimate knows no place to which no road leads."""
        return True

    def basis(self) -> Basis:
        """An estimate."""
        return Basis()

    def _pace(self, at: datetime) -> float:
        return self.circuity / by_hour(self.kmh_by_hour, at, self.zone) * 60


def travel_of(practice: Practice, time_zone: str) -> EstimatedTravel:
    """Drive times as a practice calibrated them, in the local hours of a zone."""
    zone = ZoneInfo(time_zone)
    return EstimatedTravel(practice.circuity, practice.kmh_by_hour, zone, practice.drive_overhead_minutes)
