"""Distances on the sphere."""

from __future__ import annotations

from functools import lru_cache
from math import asin, cos, radians, sin, sqrt

from scheduling_svc.workforce.place import Coordinates

_EARTH_KM = 6371.0088  # mean radius, IUGG

UnitVector = tuple[float, float, float]


@lru_cache(maxsize=50_000)
def unit_vector(place: Coordinates) -> UnitVector:
    """The place as seen from the middle of the earth."""
    latitude, longitude = radians(place.latitude), radians(place.longitude)
    return cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)


def km_between(a: UnitVector, b: UnitVector) -> float:
    """The distance by the chord, which unlike the angle between the vectors stays exact for neighbours."""
    chord = sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2)
    return 2 * _EARTH_KM * asin(min(1.0, chord / 2))


@lru_cache(maxsize=200_000)
def great_circle_km(a: Coordinates, b: Coordinates) -> float:
    """Distance on the sphere."""
    return km_between(unit_vector(a), unit_vector(b))
