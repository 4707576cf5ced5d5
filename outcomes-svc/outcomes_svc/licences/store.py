"""Licence entries in MongoDB. They are inserted and never changed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from fascia.store.indexes import Index
from fascia.store.tenant_collection import Document
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.licences.licence import Action, LicenceEntry, Terms

INDEXES = (Index("instrument_licences", (("practice_id", 1), ("instrument", 1), ("version", 1)), unique=True),)


def licences(uow: UnitOfWork) -> list[LicenceEntry]:
    """All entries of the practice, oldest first per instrument."""
    return [_entry(document) for document in _kept(uow).find({}, sort=[("instrument", 1), ("version", 1)])]


def licences_of(uow: UnitOfWork, instrument: str) -> list[LicenceEntry]:
    """The entries for one instrument, oldest first."""
    return [_entry(document) for document in _kept(uow).find({"instrument": instrument}, sort=[("version", 1)])]


def add_entry(uow: UnitOfWork, entry: LicenceEntry) -> None:
    """Append an entry. Of two that are written at once one is refused by its number and runs again."""
    terms: dict[str, Any] = asdict(entry.terms)
    terms |= {name: day.isoformat() if (day := terms[name]) else None for name in ("valid_from", "valid_until")}
    _kept(uow).insert_one(
        {**asdict(entry), "terms": terms, "_id": f"{uow.practice_id}:{entry.instrument}:{entry.version}"}
    )


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
