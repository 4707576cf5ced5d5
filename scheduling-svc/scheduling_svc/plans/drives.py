"""The places of a plan, and the drives between them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from scheduling_svc.planning.problem import Matrix
from scheduling_svc.travel.travel import Travel
from scheduling_svc.workforce.place import Coordinates
from scheduling_svc.workforce.shift import Shift


class Places:
    """Places by number: the rows of the matrix, each place once."""

    def __init__(self) -> None:
        self._numbers: dict[Coordinates, int] = {}

    @property
    def all(self) -> tuple[Coordinates, ...]:
        """In the order of their numbers."""
        return tuple(self._numbers)

    def number(self, place: Coordinates) -> int:
        """Its row; a new one for a place that was not met before."""
        return self._numbers.setdefault(place, len(self._numbers))


def drives(places: Sequence[Coordinates], travel: Travel, shifts: Sequence[Shift], *, slowest: bool) -> Matrix:
    """Seconds between all places. A matrix knows one hour of departure: the slowest of the shifts, or a usual one."""
    if not places or not shifts:
        return tuple((0,) * len(places) for _ in places)
    return travel.seconds(places, _departure(places, travel, shifts, slowest=slowest))


def _departure(places: Sequence[Coordinates], travel: Travel, shifts: Sequence[Shift], *, slowest: bool) -> datetime:
    opens, closes = min(shift.starts_at for shift in shifts), max(shift.ends_at for shift in shifts)
    if slowest:
        return travel.slowest(opens, closes)
    hours = [
        shift.starts_at + timedelta(hours=hour)
        for shift in shifts
        for hour in range(-((shift.starts_at - shift.ends_at) // timedelta(hours=1)))
    ]
    far = max(places, key=lambda place: abs(place.latitude - places[0].latitude))
    if not hours:  # shifts of which nothing is left
        return opens
    by_speed = sorted((travel.minutes(places[0], far, hour), hour) for hour in set(hours))
    return by_speed[len(by_speed) // 2][1]
