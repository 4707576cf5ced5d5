"""The walk through all retained events, for a broker that lost what it had.

Nothing is marked on the way: how far the walk has come is one document, so that a long history costs reads alone, and
a process that takes over goes on where the last one stood. A piece is a span of time, for ids begin with theirs, and
short ranges are what every database answers fast. Events that are still unsent wait until the walk is over, so a key's
older events leave before its newer ones. Consumers see all of them under a new group and drop what their inbox holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pymongo.database import Database

from fascia.backbone.outbox_row import OutboxRow

_PIECE = 500
_FIRST_SPAN = 60_000
_RETAINED = {"pending": {"$exists": False}}


@dataclass(frozen=True)
class Piece:
    """Retained rows, oldest first, and the millisecond up to which these are all."""

    rows: list[OutboxRow]
    until: int


class OutboxReplay:
    """For the holder of the relay's lease."""

    def __init__(self, database: Database[dict[str, Any]], piece: int = _PIECE) -> None:
        self._rows = database["outbox"]
        self._state = database["outbox_state"]
        self._size = piece
        self._span = _FIRST_SPAN
        self._under_way = False

    def begin(self, generation: str) -> bool:
        """Start a walk where the broker is not the one that was known; returns whether one is under way."""
        state = self._state.find_one({"_id": "broker"})
        if state is None or state["generation"] != generation:
            walk = self._whole() if state else None
            state = {"_id": "broker", "generation": generation, "walk": walk}
            self._state.replace_one({"_id": "broker"}, state, upsert=True)
        self._under_way = state.get("walk") is not None
        return self._under_way

    def next(self) -> Piece | None:
        """The next piece, the same one until it is `passed`; None when no walk is under way any more."""
        while self._under_way:
            at, end = self._state.find_one({"_id": "broker"})["walk"]  # type: ignore[index]
            if at >= end:
                self._keep(None)
                self._under_way = False
            elif (piece := self._read(at, end)).rows:
                return piece
            else:
                self.passed(piece)
        return None

    def passed(self, piece: Piece) -> None:
        """All of it was acknowledged."""
        self._state.update_one({"_id": "broker"}, {"$set": {"walk.0": piece.until}})

    def _read(self, at: int, end: int) -> Piece:
        """A span with rows for one piece; one in which nothing happened makes the next one longer."""
        while True:
            until = min(at + self._span, end)
            wanted = {"_id": {"$gte": first_id_at(at), "$lt": first_id_at(until)}, **_RETAINED}
            documents = list(self._rows.find(wanted).sort("_id", 1).limit(self._size + 1))
            if len(documents) > self._size and self._span > 1:
                self._span = max(1, self._span // 2)
                continue
            if len(documents) > self._size:  # more in one millisecond than a piece holds
                documents = list(self._rows.find(wanted).sort("_id", 1))
            if len(documents) < self._size // 4:
                self._span *= 2
            return Piece([OutboxRow.of(document) for document in documents], until)

    def _whole(self) -> list[int] | None:
        ends = [list(self._rows.find(_RETAINED, {"_id": 1}).sort("_id", way).limit(1)) for way in (1, -1)]
        if not ends[0]:
            return None
        first, last = (_millisecond_of(found[0]["_id"]) for found in ends)
        return [first, last + 1]

    def _keep(self, walk: list[int] | None) -> None:
        self._state.update_one({"_id": "broker"}, {"$set": {"walk": walk}})


def first_id_at(milliseconds: int) -> str:
    """The bound below which all ids of earlier milliseconds lie."""
    digits = f"{milliseconds:012x}"
    return f"{digits[:8]}-{digits[8:]}"


def _millisecond_of(id_: str) -> int:
    return int(id_[:8] + id_[9:13], 16)
