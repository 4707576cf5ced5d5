"""How long a drive takes. One interface; the embedded default needs no map."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from math import asin, ceil, cos, radians, sin, sqrt
from typing import Protocol
from zoneinfo import ZoneInfo

from scheduling_svc.workforce.place import Coordinates
from scheduling_svc.workforce.practice import Practice

_EARTH_KM = 6371.0088  # mean radius, IUGG


class Travel(Protocol):
    """Drive times; a routing engine can stand behind it."""

    def minutes(self, origin: Coordinates, destination: Coordinates, departs_at: datetime) -> int:
        """Whole minutes, rounded up; 0 between equal places."""
        ...


@lru_cache(maxsize=200_000)
def great_circle_km(a: Coordinates, b: Coordinates) -> float:
    """Distance on the sphere (haversine)."""
    half_lat = radians(b.latitude - a.latitude) / 2
    half_lon = radians(b.longitude - a.longitude) / 2
    chord = sin(half_lat) ** 2 + cos(radians(a.latitude)) * cos(radians(b.latitude)) * sin(half_lon) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(chord)))


@dataclass(frozen=True)
class EstimatedTravel:
    """Great circle times circuity, at the speed of the local hour of departure."""

    circuity: float
    kmh_by_hour: tuple[float, ...]
    zone: ZoneInfo

    def minutes(self, origin: Coordinates, destination: Coordinates, departs_at: datetime) -> int:
        if origin == destination:
            return 0
        kmh = self.kmh_by_hour[departs_at.astimezone(self.zone).hour]
        return ceil(great_circle_km(origin, destination) * self.circuity / kmh * 60)


def travel_of(practice: Practice, time_zone: str) -> Travel:
    """Drive times as a practice calibrated them, in the local hours of a zone."""
    return EstimatedTravel(practice.circuity, practice.kmh_by_hour, ZoneInfo(time_zone))
