"""All drive times of a practice at one moment, from which each zone's are taken."""

from __future__ import annotations

from scheduling_svc.travel.estimate import EstimatedTravel, travel_of
from scheduling_svc.travel.road_memory import NO_ROAD
from scheduling_svc.travel.road_travel import Roads, RoadTravel
from scheduling_svc.travel.travel import Basis, Source, Travel
from scheduling_svc.workforce.place import Coordinates
from scheduling_svc.workforce.practice import Practice


class PracticeTravel:
    """Drive times as the practice calibrated them; `roads` None: no routing engine is set up, all is estimated."""

    def __init__(self, practice: Practice, roads: Roads | None = None) -> None:
        self._practice = practice
        self._roads = roads
        self._by_zone: dict[str, Travel] = {}

    def in_zone(self, time_zone: str) -> Travel:
        """Drive times in the local hours of a zone."""
        if time_zone not in self._by_zone:
            estimate = travel_of(self._practice, time_zone)
            self._by_zone[time_zone] = estimate if self._roads is None else self._by_road(self._roads, estimate)
        return self._by_zone[time_zone]

    def free_seconds(self, origin: Coordinates, destination: Coordinates) -> int | None:
        """Of a drive on free roads, without this practice's traffic; None where the roads are not known."""
        seconds = self._roads.leg(origin, destination) if self._roads else None
        return None if seconds == NO_ROAD else seconds

    def basis(self) -> Basis:
        """What the times told so far, in whatever zone, rest on."""
        told = [travel.basis() for travel in self._by_zone.values()]
        sources = {basis.source for basis in told}
        if not sources:
            return Basis(Source.ESTIMATE if self._roads is None else Source.ROADS)
        source = sources.pop() if len(sources) == 1 else Source.MIXED
        because = sorted({reason for basis in told for reason in basis.because})
        return Basis(source, sum(basis.estimated for basis in told), tuple(because))

    def _by_road(self, roads: Roads, estimate: EstimatedTravel) -> Travel:
        practice = self._practice
        return RoadTravel(roads, estimate, practice.road_factor_by_hour, practice.road_overhead_minutes)
