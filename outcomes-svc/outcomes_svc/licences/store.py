"""Licence entries in MongoDB. They are inserted and never changed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from fascia.store.indexes import Index
from fascia.store.tenant_collection import Document
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.licences.licence import Action, LicenceEntry, Terms

CHANGES = "licence_changes"
INDEXES = (
    Index("instrument_licences", (("practice_id", 1), ("instrument", 1), ("version", 1)), unique=True),
    Index(CHANGES, (("practice_id", 1), ("changed_at", 1))),
)


def licences(uow: UnitOfWork) -> list[LicenceEntry]:
    """All entries of the practice, oldest first per instrument."""
    return [_entry(document) for document in _kept(uow).find({}, sort=[("instrument", 1), ("version", 1)])]


def licences_of(uow: UnitOfWork, instrument: str) -> list[LicenceEntry]:
    """The entries for one instrument, oldest first."""
    return [_entry(document) for document in _kept(uow).find({"instrument": instrument}, sort=[("version", 1)])]


def add_entry(uow: UnitOfWork, entry: LicenceEntry) -> None:
    """Append an entry, and note that scores may change by it.

    Of two that are written at once one is refused by its number and runs again.
    """
    terms: dict[str, Any] = asdict(entry.terms)
    terms |= {name: day.isoformat() if (day := terms[name]) else None for name in ("valid_from", "valid_until")}
    id_ = f"{uow.practice_id}:{entry.instrument}:{entry.version}"
    _kept(uow).insert_one({**asdict(entry), "terms": terms, "_id": id_})
    uow.collection(CHANGES).insert_one(
        {"_id": id_, "instrument": entry.instrument, "changed_at": entry.recorded_at, "version": entry.version}
    )


def changes_before(uow: UnitOfWork, at: datetime) -> list[tuple[str, str]]:
    """Changes whose effect on scores is still open, as (id, instrument)."""
    found = uow.collection(CHANGES).find({"changed_at": {"$lte": at}}, sort=[("changed_at", 1)])
    return [(document["_id"], document["instrument"]) for document in found]


def change_done(uow: UnitOfWork, change_id: str) -> None:
    """All scores follow the change."""
    uow.collection(CHANGES).delete_one({"_id": change_id})


def _kept(uow: UnitOfWork) -> Any:
    return uow.collection("instrument_licences")


def _entry(document: Document) -> LicenceEntry:
    terms = document["terms"]
    until = terms["valid_until"]
    return LicenceEntry(
        instrument=document["instrument"],
        version=document["version"],
        action=Action(document["action"]),
        terms=Terms(
            holder=terms["holder"],
            reference=terms["reference"],
            valid_from=date.fromisoformat(terms["valid_from"]),
            valid_until=date.fromisoformat(until) if until else None,
        ),
        recorded_by=document["recorded_by"],
        recorded_at=document["recorded_at"],
    )
