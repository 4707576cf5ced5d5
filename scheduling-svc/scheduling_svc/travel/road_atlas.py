"""Asking a routing engine for what is missing, in tables that it allows, and no longer than somebody wants to wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import ceil
from time import monotonic
from typing import Any, Protocol

from scheduling_svc.travel import telemetry
from scheduling_svc.travel.breaker import Breaker
from scheduling_svc.travel.osrm import PlaceOffRoad, RoadsSilent, Table
from scheduling_svc.travel.road_memory import NO_ROAD, RoadMemory
from scheduling_svc.travel.travel import Because
from scheduling_svc.workforce.place import Coordinates

FARTHEST_OFF_ROAD_METRES = 2_000.0
"""An engine takes the nearest road for a place, however far. Farther than this, the address is not where it says."""

REMEMBERED_SECONDS = 24 * 3600.0

Rectangle = tuple[Sequence[Coordinates], Sequence[Coordinates]]


class RoadEngine(Protocol):
    """A routing engine that fills tables; OSRM is one."""

    def table(self, origins: Sequence[Coordinates], destinations: Sequence[Coordinates]) -> Table:
        """Raises RoadsSilent or PlaceOffRoad."""
        ...


class RoadAtlas:
    """An engine, what it has told so far, and whether it answers. One per process; used by many threads."""

    def __init__(self, engine: RoadEngine, table_size: int, clock: Callable[[], float] = monotonic) -> None:
        self.memory = RoadMemory()
        self.breaker = Breaker()
        self._engine = engine
        self._size = table_size
        self._clock = clock
        self.last_silence: RoadsSilent | None = None
        self._since = clock()

    def renew(self) -> None:
        """Forget after a day, so that roads which were built or closed are not judged by what was once told."""
        if self._clock() - self._since > REMEMBERED_SECONDS:
            self._since = self._clock()
            self.memory = RoadMemory()

    def learn(self, places: Sequence[Coordinates], patience_seconds: float) -> Because | None:
        """Ask for every leg between the places that is not known yet. Returns why some of them still are not."""
        deadline = self._clock() + patience_seconds
        wanted = list(dict.fromkeys(places))
        while True:
            new = self.memory.incomplete(wanted)
            try:
                for origins, destinations in self._rectangles(new, wanted):
                    self._ask(origins, destinations, deadline)
            except PlaceOffRoad:
                continue
            except RoadsSilent as silence:
                return silence.because
            self._find_islands(new, wanted)
            return None

    def state(self) -> dict[str, Any]:
        """Whether the engine answers, and why it did not last time."""
        silence = self.last_silence
        return {
            "answers": not self.breaker.is_open,
            "silence": f"{silence.because.value}: {silence}" if silence else None,
        }

    def _rectangles(self, new: Sequence[Coordinates], places: Sequence[Coordinates]) -> Iterator[Rectangle]:
        reachable = [place for place in places if not self.memory.is_unreachable(place)]
        fresh = set(new)
        old = [place for place in reachable if place not in fresh]
        for origins in _blocks(new, self._size):
            for destinations in _blocks(reachable, self._size):
                yield origins, destinations
            for others in _blocks(old, self._size):
                yield others, origins

    def _ask(self, origins: Sequence[Coordinates], destinations: Sequence[Coordinates], deadline: float) -> None:
        now = self._clock()
        if now > deadline:
            raise RoadsSilent(Because.SLOW, "the time to wait was over")
        if not self.breaker.lets_through(now):
            raise RoadsSilent(Because.AWAY, "left alone after several failures")
        try:
            table = self._engine.table(origins, destinations)
        except PlaceOffRoad as place:
            self._answered(now)
            self.memory.mark_unreachable([[*origins, *destinations][place.index]])
            raise
        except RoadsSilent as silence:
            self.breaker.failed(self._clock())
            self.last_silence = silence
            telemetry.asked(silence.because.value, self._clock() - now)
            telemetry.roads_up(not self.breaker.is_open)
            raise
        self._answered(now)
        self._keep(table, origins, destinations)

    def _answered(self, since: float) -> None:
        self.breaker.succeeded()
        self.last_silence = None
        telemetry.asked("told", self._clock() - since)
        telemetry.roads_up(True)

    def _keep(self, table: Table, origins: Sequence[Coordinates], destinations: Sequence[Coordinates]) -> None:
        points = (*origins, *destinations)
        far = {at for at, metres in zip(points, table.off_road, strict=True) if metres > FARTHEST_OFF_ROAD_METRES}
        self.memory.mark_unreachable(far)
        self.memory.learn(
            (origin, destination, NO_ROAD if seconds is None else ceil(seconds))
            for origin, row in zip(origins, table.seconds, strict=True)
            for destination, seconds in zip(destinations, row, strict=True)
            if origin != destination and not far & {origin, destination}
        )

    def _find_islands(self, new: Sequence[Coordinates], places: Sequence[Coordinates]) -> None:
        """A place that no other leads to, among others that do lead to each other, is no place to send anybody."""
        reachable = [place for place in places if not self.memory.is_unreachable(place)]
        joined = {at for at in reachable if any(self._leads(at, other) for other in reachable if other != at)}
        if len(joined) > 1:
            self.memory.mark_unreachable(at for at in new if at not in joined and at in reachable)

    def _leads(self, a: Coordinates, b: Coordinates) -> bool:
        there, back = self.memory.leg(a, b), self.memory.leg(b, a)
        return (there is not None and there != NO_ROAD) or (back is not None and back != NO_ROAD)


def _blocks(places: Sequence[Coordinates], size: int) -> list[Sequence[Coordinates]]:
    return [places[start : start + size] for start in range(0, len(places), size)]
