"""Drive times by the roads: what a routing engine told, and the estimate where it told nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import ceil
from typing import Protocol

from scheduling_svc.travel.estimate import EstimatedTravel, by_hour, hours_between
from scheduling_svc.travel.road_memory import NO_ROAD
from scheduling_svc.travel.travel import UNREACHABLE_MINUTES, Basis, Because, Matrix, Source
from scheduling_svc.workforce.place import Coordinates


class Roads(Protocol):
    """What is known of the roads. `silence` says why a leg may be missing."""

    silence: Because

    def leg(self, origin: Coordinates, destination: Coordinates) -> int | None:
        """Seconds on free roads, NO_ROAD, or None for what is not known."""
        ...

    def is_unreachable(self, place: Coordinates) -> bool:
        """Whether no road leads there, as far as is known."""
        ...


class RoadTravel:
    """Legs of the road at the traffic of the hour. It notes what it had to estimate, so that it can be told."""

    def __init__(
        self,
        roads: Roads,
        estimate: EstimatedTravel,
        factor_by_hour: tuple[float, ...] = (1.0,) * 24,
        overhead: float = 0.0,
    ) -> None:
        self._roads = roads
        self._estimate = estimate
        self._factors = factor_by_hour
        self._overhead = overhead
        self._told = False
        self._estimated: dict[tuple[Coordinates, Coordinates], Because] = {}

    def minutes(self, origin: Coordinates, destination: Coordinates, departs_at: datetime) -> int:
        """Whole minutes, rounded up; 0 between equal places, UNREACHABLE_MINUTES where no road leads."""
        if origin == destination:
            return 0
        return self._minutes(origin, destination, departs_at, self._factor(departs_at))

    def seconds(self, places: Sequence[Coordinates], departs_at: datetime) -> Matrix:
        """From each place to each."""
        factor = self._factor(departs_at)
        return tuple(
            tuple(0 if a == b else 60 * self._minutes(a, b, departs_at, factor) for b in places) for a in places
        )

    def slowest(self, opens: datetime, closes: datetime) -> datetime:
        """The departure between two moments at which drives take longest."""
        return max(hours_between(opens, closes, self._estimate.zone), key=self._factor)

    def reaches(self, place: Coordinates) -> bool:
        """Whether a road leads there, as far as is known."""
        return not self._roads.is_unreachable(place)

    def basis(self) -> Basis:
        """What the times told so far rest on."""
        if not self._estimated:
            return Basis(Source.ROADS)
        because = tuple(sorted(set(self._estimated.values())))
        return Basis(Source.MIXED if self._told else Source.ESTIMATE, len(self._estimated), because)

    def _minutes(self, origin: Coordinates, destination: Coordinates, departs_at: datetime, factor: float) -> int:
        seconds = self._roads.leg(origin, destination)
        if seconds is not None and seconds != NO_ROAD:
            self._told = True
            return ceil(seconds * factor / 60 + self._overhead)
        if self._roads.is_unreachable(origin) or self._roads.is_unreachable(destination):
            return UNREACHABLE_MINUTES
        self._estimated[origin, destination] = Because.NO_ROAD if seconds == NO_ROAD else self._roads.silence
        return self._estimate.minutes(origin, destination, departs_at)

    def _factor(self, at: datetime) -> float:
        return by_hour(self._factors, at, self._estimate.zone)
