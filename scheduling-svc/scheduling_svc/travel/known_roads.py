"""What a use case knows of the roads: the process's memory and, behind it, the stored matrices of some days."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scheduling_svc.travel.road_memory import RoadMemory
from scheduling_svc.travel.stored_matrix import StoredMatrix
from scheduling_svc.travel.travel import Because
from scheduling_svc.workforce.place import Coordinates


class KnownRoads:
    """Stored matrices are read when the memory lacks a leg for the first time, and never where it does not.

    `silence` says why a leg may be missing.
    """

    def __init__(
        self,
        memory: RoadMemory,
        read: Callable[[], Sequence[StoredMatrix]],
        key: Callable[[Coordinates], str],
        silence: Because = Because.NOT_STORED,
    ) -> None:
        self._memory = memory
        self._read = read
        self._key_of = key
        self._keys: dict[Coordinates, str] = {}
        self._stored: Sequence[StoredMatrix] | None = None
        self.silence = silence

    def leg(self, origin: Coordinates, destination: Coordinates) -> int | None:
        """Seconds on free roads, NO_ROAD, or None for what is not known."""
        known = self._memory.leg(origin, destination)
        if known is None and (known := self._stored_leg(origin, destination)) is not None:
            self._memory.learn([(origin, destination, known)])
        return known

    def is_unreachable(self, place: Coordinates) -> bool:
        """Whether no road leads there, as far as is known."""
        if self._memory.is_unreachable(place):
            return True
        if self._memory.knows(place) or not any(self._key(place) in matrix.unreachable for matrix in self._matrices()):
            return False
        self._memory.mark_unreachable([place])
        return True

    def recall(self, places: Sequence[Coordinates]) -> None:
        """Take all that is stored of the places into the memory."""
        for matrix in self._matrices():
            at = [(place, row) for place in places if (row := matrix.row(self._key(place))) is not None]
            self._memory.learn(
                (origin, destination, seconds)
                for origin, row in at
                for destination, column in at
                if (seconds := matrix.cell(row, column)) is not None
            )
            self._memory.mark_unreachable(place for place in places if self._key(place) in matrix.unreachable)

    def _stored_leg(self, origin: Coordinates, destination: Coordinates) -> int | None:
        for matrix in self._matrices():
            row, column = matrix.row(self._key(origin)), matrix.row(self._key(destination))
            if row is not None and column is not None and (seconds := matrix.cell(row, column)) is not None:
                return seconds
        return None

    def _matrices(self) -> Sequence[StoredMatrix]:
        if self._stored is None:
            self._stored = self._read()
        return self._stored

    def _key(self, place: Coordinates) -> str:
        if place not in self._keys:
            self._keys[place] = self._key_of(place)
        return self._keys[place]
