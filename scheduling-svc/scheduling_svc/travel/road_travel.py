"""Drive times by the roads: what a routing engine told, and the estimate where it told nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil

from scheduling_svc.travel.estimate import EstimatedTravel, by_hour, hours_between
from scheduling_svc.travel.travel import UNREACHABLE_MINUTES, Basis, Because, Matrix, Source
from scheduling_svc.workforce.place import Coordinates

Legs = Mapping[Coordinates, Mapping[Coordinates, int]]
"""Seconds on free roads by origin and destination."""


@dataclass(frozen=True)
class Roads:
    """What is known of the roads between some places; `silence` says why a leg among them may be missing."""

    legs: Legs = field(default_factory=dict)
    unreachable: frozenset[Coordinates] = frozenset()
    silence: Because = Because.NOT_STORED


class RoadTravel:
    """Legs of the road at the traffic of the hour. It notes what it had to estimate, so that it can be told."""

    def __init__(
        self,
        roads: Roads,
        estimate: EstimatedTravel,
        factor_by_hour: tuple[float, ...] = (1.0,) * 24,
        overhead: float = 0,
    ) -> None:
        self._roads = roads
        self._estimate = estimate
        self._factors = factor_by_hour
        self._overhead = overhead
        self._told = 0
        self._estimated: set[tuple[Coordinates, Coordinates]] = set()

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
        return max(hours_between(opens, closes), key=self._factor)

    def reaches(self, place: Coordinates) -> bool:
        """Whether a road leads there, as far as is known."""
        return place not in self._roads.unreachable

    def basis(self) -> Basis:
        """What the times told so far rest on."""
        if not self._estimated:
            return Basis(Source.ROADS)
        source = Source.MIXED if self._told else Source.ESTIMATE
        return Basis(source, len(self._estimated), (self._roads.silence,))

    def _minutes(self, origin: Coordinates, destination: Coordinates, departs_at: datetime, factor: float) -> int:
        unreachable = self._roads.unreachable
        if unreachable and (origin in unreachable or destination in unreachable):
            return UNREACHABLE_MINUTES
        row = self._roads.legs.get(origin)
        seconds = row.get(destination) if row else None
        if seconds is None:
            self._estimated.add((origin, destination))
            return self._estimate.minutes(origin, destination, departs_at)
        self._told += 1
        return ceil(seconds * factor / 60 + self._overhead)

    def _factor(self, at: datetime) -> float:
        return by_hour(self._factors, at, self._estimate.zone)
