"""Where visits that were given up are kept, and all revisions of a route in one look."""

from __future__ import annotations

from datetime import date
from typing import Any

from fascia.store import Document, Index, UnitOfWork
from fascia.web.pages import find_page
from scheduling_svc.routes.given_up import GivenUp, Why

INDEXES = (
    Index("given_up_visits", (("practice_id", 1), ("_id", 1))),
    Index("given_up_visits", (("practice_id", 1), ("therapist_id", 1), ("date", 1))),
    Index("given_up_visits", (("practice_id", 1), ("date", 1), ("_id", 1))),
)


def find_given_up(uow: UnitOfWork, id_: str) -> GivenUp | None:
    """One visit that was given up, or None."""
    found = uow.collection("given_up_visits").find_one({"_id": _id(uow, id_)})
    return _given_up(found) if found else None


def given_up_on(uow: UnitOfWork, therapist_id: str, day: date) -> dict[str, GivenUp]:
    """What a therapist gave up of a day, by appointment."""
    wanted = {"therapist_id": therapist_id, "date": day.isoformat()}
    found = [_given_up(document) for document in uow.collection("given_up_visits").find(wanted)]
    return {one.appointment_id: one for one in found}


def unsettled_on(uow: UnitOfWork, day: date) -> list[GivenUp]:
    """What was given up of a day and nobody has seen to."""
    found = uow.collection("given_up_visits").find({"date": day.isoformat()})
    return [one for one in map(_given_up, found) if one.settled_at is None]


def given_up_page(uow: UnitOfWork, query: dict[str, Any]) -> tuple[list[GivenUp], str | None]:
    """Given-up visits by appointment, filtered by what the query names."""
    wanted: Document = {}
    if query.get("date"):
        wanted["date"] = query["date"].isoformat()
    if query.get("settled") is not None:
        wanted["settled_at"] = {"$ne": None} if query["settled"] else None
    documents, next_cursor = find_page(uow.collection("given_up_visits"), wanted, query)
    return [_given_up(document) for document in documents], next_cursor


def save_given_up(uow: UnitOfWork, given_up: GivenUp) -> GivenUp:
    """Write it; raises StaleVersion. Returns it as it is now stored."""
    document = {
        "_id": _id(uow, given_up.id),
        "appointment_id": given_up.appointment_id,
        "therapist_id": given_up.therapist_id,
        "date": given_up.date.isoformat(),
        "why": given_up.why.value,
        "said_at": given_up.said_at,
        "settled_at": given_up.settled_at,
        "settled_by": given_up.settled_by,
        "version": given_up.version + 1,
    }
    if given_up.version == 0:
        uow.collection("given_up_visits").insert_one(document)
    else:
        uow.collection("given_up_visits").replace(document, expected_version=given_up.version)
    return _given_up(document)


def _given_up(document: Document) -> GivenUp:
    return GivenUp(
        appointment_id=document["appointment_id"],
        therapist_id=document["therapist_id"],
        date=date.fromisoformat(document["date"]),
        why=Why(document["why"]),
        said_at=document["said_at"],
        settled_at=document["settled_at"],
        settled_by=document["settled_by"],
        version=document["version"],
    )


def _id(uow: UnitOfWork, id_: str) -> str:
    return f"{uow.practice_id}:{id_}"
