"""Days that changed and wait to be planned anew.

A mark is a row of its own, written with whatever changed the day: bookings of one day don't meet in it. The transaction
that carries out the new plan clears the marks that were there before the days were read, and no others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from fascia.ids import new_id
from fascia.store import Index, UnitOfWork

COLLECTION = "replan_marks"
INDEXES = (Index(COLLECTION, (("practice_id", 1), ("date", 1))),)


@dataclass(frozen=True)
class Mark:
    """A therapist's day that changed."""

    id: str
    therapist_id: str
    date: date


def mark_changed(uow: UnitOfWork, therapist_id: str, on: date) -> None:
    """Have the day planned anew, behind what was promised."""
    row = {"_id": new_id(), "therapist_id": therapist_id, "date": on.isoformat(), "at": uow.now}
    uow.collection(COLLECTION).insert_one(row)


def marks(uow: UnitOfWork, on: date | None = None) -> list[Mark]:
    """The marks that wait, of one day or of all, oldest first."""
    wanted = {"date": on.isoformat()} if on else {}
    found = uow.collection(COLLECTION).find(wanted, sort=[("_id", 1)])
    return [Mark(row["_id"], row["therapist_id"], date.fromisoformat(row["date"])) for row in found]


def clear(uow: UnitOfWork, done: Iterable[Mark]) -> None:
    """What they asked for was done."""
    uow.collection(COLLECTION).delete_many({"_id": {"$in": [mark.id for mark in done]}})
