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
        base = self._with_room_for(wanted)
        new = [place for place in wanted if base.row(place) is None]
        size, places = len(base.places), (*base.places, *new)
        width = len(places)
        cells = array("i", [_UNKNOWN]) * (width * width)
        for row in range(size):
            cells[row * width : row * width + size] = array("i", base.cells[row * size : (row + 1) * size])
        rows = {place: row for row, place in enumerate(places)}
        changed = bool(new) or not self.is_fresh(now)
        for origin in wanted:
            at = rows[origin] * width
            for destination in wanted:
                known = leg(origin, destination)
                if known is not None and cells[at + rows[destination]] != known:
                    cells[at + rows[destination]] = known
                    changed = True
        marked = (self.unreachable - set(wanted)) | unreachable
        if not changed and marked == self.unreachable:
            return self
        return StoredMatrix(self.id, places, cells, marked, now, self.version)

    def _with_room_for(self, wanted: Sequence[str]) -> StoredMatrix:
        """Without those places, the oldest first, for which there would be no room beside the wanted ones."""
        others = [place for place in self.places if place not in set(wanted)]
        too_many = len(others) + len(wanted) - MOST_PLACES
        if too_many <= 0:
            return self
        dropped = set(others[:too_many])
        kept = [row for row, place in enumerate(self.places) if place not in dropped]
        width = len(self.places)
        cells = array("i", (self.cells[row * width + column] for row in kept for column in kept))
        return StoredMatrix(self.id, tuple(self.places[row] for row in kept), cells)
