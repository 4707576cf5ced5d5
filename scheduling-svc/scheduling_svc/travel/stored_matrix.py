"""The drive times of a region's day as they are kept: places under keyed hashes, never where they are."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

MOST_PLACES = 400
"""More than a region's day has. Beyond that, places that were only asked about give way, the oldest first."""
MOST_STORED_PLACES = 1_500
"""A document of the database holds no more. A larger matrix stays in memory alone."""

_UNKNOWN = -2


@dataclass(frozen=True)
class StoredMatrix:
    """`cells` are the seconds row by row; `version` is the stored one, 0: none yet."""

    id: str
    places: tuple[str, ...] = ()
    cells: Sequence[int] = ()
    unreachable: frozenset[str] = frozenset()
    version: int = 0

    @cached_property
    def _rows(self) -> Mapping[str, int]:
        return {place: row for row, place in enumerate(self.places)}

    def row(self, place: str) -> int | None:
        """The place's row and column."""
        return self._rows.get(place)

    def cell(self, row: int, column: int) -> int | None:
        """Seconds, NO_ROAD, or None where nobody has asked."""
        seconds = self.cells[row * len(self.places) + column]
        return None if seconds == _UNKNOWN else seconds

    def with_places(
        self, wanted: Sequence[str], leg: Callable[[str, str], int | None], unreachable: frozenset[str]
    ) -> StoredMatrix:
        """With all that is known between the wanted places added. The same object where that adds nothing."""
        others = [place for place in self.places if place not in set(wanted)]
        room = max(MOST_PLACES - len(wanted), 0)
        places = (*others[max(len(others) - room, 0) :], *wanted)
        cells = array("i", [_UNKNOWN]) * (len(places) ** 2)
        asked = set(wanted)
        for i, origin in enumerate(places):
            for j, destination in enumerate(places):
                known = leg(origin, destination) if origin in asked and destination in asked else None
                known = known if known is not None else self._between(origin, destination)
                if known is not None:
                    cells[i * len(places) + j] = known
        marked = self.unreachable | unreachable
        if set(places) == set(self.places) and marked == self.unreachable and self._knows(places, cells):
            return self
        return StoredMatrix(self.id, places, cells, marked, self.version)

    def _between(self, origin: str, destination: str) -> int | None:
        row, column = self.row(origin), self.row(destination)
        return None if row is None or column is None else self.cell(row, column)

    def _knows(self, places: Sequence[str], cells: Sequence[int]) -> bool:
        n = len(places)
        return all(
            cells[i * n + j] == _UNKNOWN or self._between(origin, destination) is not None
            for i, origin in enumerate(places)
            for j, destination in enumerate(places)
        )
