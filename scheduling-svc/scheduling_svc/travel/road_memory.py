"""What a process knows of the roads: drive times between places, as the routing engine told them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence

from scheduling_svc.workforce.place import Coordinates

NO_ROAD = -1
"""Instead of seconds: the engine was asked, and finds no way from the one to the other."""


class RoadMemory:
    """Legs by origin and destination. When there are too many, those of the origins not used for longest go.

    Reading takes no lock: it is done for every position of every slot of a search.
    """

    def __init__(self, most_legs: int = 600_000) -> None:
        self._most = most_legs
        self._rows: OrderedDict[Coordinates, dict[Coordinates, int]] = OrderedDict()
        self._unreachable: set[Coordinates] = set()
        self._legs = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._legs

    def leg(self, origin: Coordinates, destination: Coordinates) -> int | None:
        """Seconds, NO_ROAD, or None for what is not known."""
        row = self._rows.get(origin)
        return row.get(destination) if row is not None else None

    def knows(self, place: Coordinates) -> bool:
        """Whether drives from there are known."""
        return place in self._rows

    def is_unreachable(self, place: Coordinates) -> bool:
        """Whether no road leads there."""
        return place in self._unreachable

    def incomplete(self, places: Sequence[Coordinates]) -> list[Coordinates]:
        """As few of the places as have, taken together, a part in every leg that is missing among all of them.

        To ask from these to all and from all to these is then enough.
        """
        reachable = [place for place in places if place not in self._unreachable]
        new = {place for place in reachable if place not in self._rows}
        gaps: dict[Coordinates, set[Coordinates]] = {}
        rest = [place for place in reachable if place not in new]
        for origin in rest:
            row = self._rows.get(origin, {})  # another thread may have let go of it meanwhile
            for destination in rest:
                if destination not in row and destination != origin:
                    gaps.setdefault(origin, set()).add(destination)
                    gaps.setdefault(destination, set()).add(origin)
        found = [place for place in reachable if place in new] if len(reachable) > 1 else []
        while gaps:
            found.append(place := max(gaps, key=lambda at: len(gaps[at])))
            for other in gaps.pop(place):
                gaps[other].discard(place)
                if not gaps[other]:
                    del gaps[other]
        return found

    def learn(self, legs: Iterable[tuple[Coordinates, Coordinates, int]]) -> None:
        """Keep legs."""
        with self._lock:
            for origin, destination, seconds in legs:
                row = self._rows.setdefault(origin, {})
                self._legs += destination not in row
                row[destination] = seconds
                self._rows.move_to_end(origin)
            while self._legs > self._most and len(self._rows) > 1:
                _, row = self._rows.popitem(last=False)
                self._legs -= len(row)

    def mark_unreachable(self, places: Iterable[Coordinates]) -> None:
        """No road leads to these."""
        with self._lock:
            self._unreachable = self._unreachable | set(places)
