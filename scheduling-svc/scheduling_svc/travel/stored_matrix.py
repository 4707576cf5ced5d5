"""The drive times of a region's day as they are kept: places under keyed hashes, never where they are."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

MOST_PLACES = 400
"""More than a region's day has. Beyond that, places that were only asked about give way, the oldest first."""
MOST_STORED_PLACES = 1_500
"""A document of the database holds no more. A larger matrix stays in memory alone."""
FRESH = timedelta(days=14)

_UNKNOWN = -2


@dataclass(frozen=True)
class StoredMatrix:
    """`cells` are the seconds row by row, `asked_at` when any were asked last; `version` is the stored one, 0: none
    yet."""

    id: str
    places: tuple[str, ...] = ()
    cells: Sequence[int] = ()
    unreachable: frozenset[str] = frozenset()
    asked_at: datetime | None = None
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

    def is_fresh(self, now: datetime) -> bool:
        """Whether what it says need not be asked again: roads are built and closed now and then."""
        return self.asked_at is not None and now - self.asked_at < FRESH

    def with_places(
        self,
        wanted: Sequence[str],
        leg: Callable[[str, str], int | None],
        unreachable: frozenset[str],
        now: datetime,
    ) -> StoredMatrix:
        """With all that is known now between the wanted places. The same object where that adds nothing."""
        asked = set(wanted)
        others = [place for place in self.places if place not in asked]
        room = max(MOST_PLACES - len(wanted), 0)
        places = (*others[max(len(others) - room, 0) :], *wanted)
        cells = array("i", [_UNKNOWN]) * (len(places) ** 2)
        for i, origin in enumerate(places):
            for j, destination in enumerate(places):
                known = leg(origin, destination) if origin in asked and destination in asked else None
                cells[i * len(places) + j] = known if known is not None else self._between(origin, destination)
        marked = (self.unreachable - asked) | unreachable
        if self.is_fresh(now) and marked == self.unreachable and self._says(places, cells):
            return self
        return StoredMatrix(self.id, places, cells, marked, now, self.version)

    def _between(self, origin: str, destination: str) -> int:
        row, column = self.row(origin), self.row(destination)
        return _UNKNOWN if row is None or column is None else self.cells[row * len(self.places) + column]

    def _says(self, places: Sequence[str], cells: Sequence[int]) -> bool:
        n = len(places)
        return set(places) == set(self.places) and all(
            cells[i * n + j] == self._between(origin, destination)
            for i, origin in enumerate(places)
            for j, destination in enumerate(places)
        )
