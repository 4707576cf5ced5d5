"""Where the waitlist is kept, one document per wish."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from fascia.problem import NotFound
from fascia.store import Document, Index, UnitOfWork
from fascia.web.pages import find_page
from scheduling_svc.waitlist.entry import Entry, EntryState, Hours

INDEXES = (
    Index("waitlist", (("practice_id", 1), ("_id", 1))),
    Index("waitlist", (("practice_id", 1), ("state", 1), ("to_day", 1))),
)
_OPEN = (EntryState.WAITING.value, EntryState.OFFERED.value)


def get_entry(uow: UnitOfWork, entry_id: str) -> Entry:
    """Raises NotFound."""
    found = uow.collection("waitlist").find_one({"_id": entry_id})
    if found is None:
        raise NotFound("waitlist entry", entry_id)
    return _entry(found)


def find_open(uow: UnitOfWork, first: date, last: date) -> list[Entry]:
    """Wishes that were not booked nor withdrawn and that suit any day of a span, oldest first."""
    wanted = {"state": {"$in": list(_OPEN)}, "to_day": {"$gte": first.isoformat()}}
    found = uow.collection("waitlist").find(wanted, sort=[("_id", 1)])
    return [entry for entry in map(_entry, found) if entry.from_day <= last]


def entries_page(uow: UnitOfWork, query: dict[str, Any]) -> tuple[list[Entry], str | None]:
    """Wishes in the order in which they were made."""
    wanted = {"patient_id": query["patient_id"]} if query.get("patient_id") else {}
    documents, next_cursor = find_page(uow.collection("waitlist"), wanted, query)
    return [_entry(document) for document in documents], next_cursor


def save_entry(uow: UnitOfWork, entry: Entry) -> Entry:
    """Write a wish; raises StaleVersion. Returns it as it is now stored."""
    document = {
        "_id": entry.id,
        **{name: value for name, value in vars(entry).items() if name != "id"},
        "from_day": entry.from_day.isoformat(),
        "to_day": entry.to_day.isoformat(),
        "skills": list(entry.skills),
        "hours": [[part.begin, part.end] for part in entry.hours],
        "state": entry.state.value,
        "version": entry.version + 1,
    }
    if entry.version == 0:
        uow.collection("waitlist").insert_one(document)
    else:
        uow.collection("waitlist").replace(document, expected_version=entry.version)
    return replace(entry, version=entry.version + 1)


def _entry(document: Document) -> Entry:
    fields = {name: value for name, value in document.items() if name not in ("_id", "practice_id")}
    own = {
        "id": document["_id"],
        "from_day": date.fromisoformat(document["from_day"]),
        "to_day": date.fromisoformat(document["to_day"]),
        "skills": tuple(document["skills"]),
        "hours": tuple(Hours(*part) for part in document["hours"]),
        "state": EntryState(document["state"]),
    }
    return Entry(**{**fields, **own})
