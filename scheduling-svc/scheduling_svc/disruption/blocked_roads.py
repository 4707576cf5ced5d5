"""Roads on which driving takes longer for some hours: an area, or the way between two places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, cos, hypot, radians

from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.travel.travel import UNREACHABLE_MINUTES, Basis, Matrix, Travel
from scheduling_svc.workforce.place import Coordinates

_KM_PER_DEGREE = 111.2


@dataclass(frozen=True)
class RoadBlock:
    """Drives through a circle take `factor` times as long, and `delay_minutes` more, between two moments.

    other: then only drives from the one circle to the one around `other` and back are slow: a closed bridge or pass.
    """

    id: str
    centre: Coordinates
    radius_km: float
    since: datetime
    until: datetime
    factor: float = 1.0
    delay_minutes: int = 0
    other: Coordinates | None = None

    def touches(self, origin: Coordinates, destination: Coordinates) -> bool:
        """Whether the way between two places leads through it, as the crow flies."""
        if self.other is None:
            return _distance_km(self.centre, origin, destination) <= self.radius_km
        ends = (self.centre, self.other)
        return any(self._near(origin, a) and self._near(destination, b) for a, b in (ends, ends[::-1]))

    def slowed(self, minutes: int) -> int:
        """What a drive that takes so many minutes takes now."""
        return min(UNREACHABLE_MINUTES, ceil(minutes * self.factor) + self.delay_minutes)

    def during(self, begins: datetime, ends: datetime) -> bool:
        """Whether it lasts at any moment of a span."""
        return self.since < ends and begins < self.until

    def _near(self, place: Coordinates, end: Coordinates) -> bool:
        return _distance_km(end, place, place) <= self.radius_km


class BlockedTravel:
    """Drive times with roads blocked: a drive is slow that is on the road while its road is."""

    def __init__(self, plain: Travel, blocks: Sequence[RoadBlock]) -> None:
        self._plain = plain
        self._blocks = blocks

    def minutes(self, origin: Coordinates, destination: Coordinates, departs_at: datetime) -> int:
        plain = self._plain.minutes(origin, destination, departs_at)
        if plain == 0:
            return plain
        arrives = departs_at + timedelta(minutes=plain)
        slow = (
            b.slowed(plain) for b in self._blocks if b.during(departs_at, arrives) and b.touches(origin, destination)
        )
        return max(slow, default=plain)

    def seconds(self, places: Sequence[Coordinates], departs_at: datetime) -> Matrix:
        """Without the blocks: a matrix knows one hour, and a block others. `slowed_by` puts them into a problem."""
        return self._plain.seconds(places, departs_at)

    def slowest(self, opens: datetime, closes: datetime) -> datetime:
        return self._plain.slowest(opens, closes)

    def reaches(self, place: Coordinates) -> bool:
        return self._plain.reaches(place)

    def basis(self) -> Basis:
        return self._plain.basis()


class BlockedPracticeTravel(PracticeTravel):
    """All drive times of a practice on a day with blocked roads."""

    def __init__(self, plain: PracticeTravel, blocks: Sequence[RoadBlock]) -> None:
        self._unblocked = plain
        self.blocks = tuple(blocks)

    def in_zone(self, time_zone: str) -> Travel:
        return BlockedTravel(self._unblocked.in_zone(time_zone), self.blocks)

    def basis(self) -> Basis:
        return self._unblocked.basis()


def with_blocks(travel: PracticeTravel, blocks: Sequence[RoadBlock]) -> PracticeTravel:
    """Drive times with roads blocked, where any are."""
    return BlockedPracticeTravel(travel, blocks) if blocks else travel


def blocks_of(travel: PracticeTravel) -> tuple[RoadBlock, ...]:
    """The blocks that drive times know of."""
    return travel.blocks if isinstance(travel, BlockedPracticeTravel) else ()


def _distance_km(point: Coordinates, origin: Coordinates, destination: Coordinates) -> float:
    """From a point to the straight line between two places; on a plane, which at these distances is near enough."""
    scale = cos(radians(point.latitude))

    def flat(place: Coordinates) -> tuple[float, float]:
        x = (place.longitude - point.longitude) * scale * _KM_PER_DEGREE
        return x, (place.latitude - point.latitude) * _KM_PER_DEGREE

    (ax, ay), (bx, by) = flat(origin), flat(destination)
    length = (bx - ax) ** 2 + (by - ay) ** 2
    along = 0.0 if length == 0 else max(0.0, min(1.0, -(ax * (bx - ax) + ay * (by - ay)) / length))
    return hypot(ax + along * (bx - ax), ay + along * (by - ay))
