"""Places: coordinates, the practice's locations and their rooms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOBILE = "mobile"
SITE_SETTINGS = ("clinic", "hospital", "private")
SETTINGS = (*SITE_SETTINGS, MOBILE)


@dataclass(frozen=True)
class Coordinates:
    """WGS 84 degrees."""

    latitude: float
    longitude: float


def inside(place: Coordinates, ring: Sequence[Coordinates]) -> bool:
    """Whether a place lies in a polygon, given by its corners in order (even-odd rule).

    Degrees are taken as a plane: service areas are a few dozen kilometres wide and cross no date line.
    """
    within = False
    before = ring[-1]
    for corner in ring:
        if (corner.latitude > place.latitude) != (before.latitude > place.latitude):
            share = (place.latitude - corner.latitude) / (before.latitude - corner.latitude)
            if place.longitude < corner.longitude + share * (before.longitude - corner.longitude):
                within = not within
        before = corner
    return within


@dataclass(frozen=True)
class Address:
    """A postal address; `coordinates` is None where it could not be placed on the map."""

    line: str
    city: str
    state: str
    postal_code: str
    country: str
    coordinates: Coordinates | None = None


@dataclass(frozen=True)
class Location:
    """A site of the practice; its state decides which licence is needed there, its zone what its clocks show."""

    id: str
    name: str
    setting: str
    address: Address
    time_zone: str
    version: int = 1

    @property
    def coordinates(self) -> Coordinates:
        """Where it is; a location cannot be made without."""
        assert self.address.coordinates is not None
        return self.address.coordinates


@dataclass(frozen=True)
class Room:
    """A room of a location: one visit at a time."""

    id: str
    location_id: str
    name: str
    version: int = 1
