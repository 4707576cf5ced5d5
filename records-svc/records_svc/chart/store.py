"""The chart in MongoDB: one collection per kind. Nothing here names a patient; entries point to one by id."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, NamedTuple

from fascia.store import Index, UnitOfWork
from fascia.web.pages import find_page
from records_svc.chart.chart import Allergy, ChartEntry, Code, Condition, MedicationOrder, Organization, Practitioner

_DAYS = ("since", "until", "authored_on", "recorded_on")


class Shelf(NamedTuple):
    """Where one kind of entry is kept, and how it is made again."""

    collection: str
    make: Callable[..., ChartEntry]


SHELVES: Mapping[type[ChartEntry], Shelf] = {
    Condition: Shelf("conditions", Condition),
    MedicationOrder: Shelf("medications", MedicationOrder),
    Allergy: Shelf("allergies", Allergy),
    Practitioner: Shelf("practitioners", Practitioner),
    Organization: Shelf("organizations", Organization),
}
INDEXES = tuple(
    Index(shelf.collection, (("practice_id", 1), ("patient_id", 1), ("_id", 1)))
    for kind, shelf in SHELVES.items()
    if kind in (Condition, MedicationOrder, Allergy)
) + tuple(Index(SHELVES[kind].collection, (("practice_id", 1), ("_id", 1))) for kind in (Practitioner, Organization))


def add(uow: UnitOfWork, kind: type[ChartEntry], entries: Sequence[ChartEntry]) -> None:
    """Insert new entries of one kind."""
    uow.collection(SHELVES[kind].collection).insert_many([{**_document(entry), "version": 1} for entry in entries])


def replace(uow: UnitOfWork, entry: ChartEntry) -> None:
    """Write an entry that its source changed."""
    document = _document(entry)
    entry_id = document.pop("_id")
    uow.collection(SHELVES[type(entry)].collection).update_one(
        {"_id": entry_id}, {"$set": document, "$inc": {"version": 1}}
    )


def page(
    uow: UnitOfWork, kind: type[ChartEntry], query: Mapping[str, Any], patient_id: str | None = None
) -> tuple[list[ChartEntry], str | None]:
    """A page of entries of a kind, of one patient where that is given."""
    wanted = {"patient_id": patient_id} if patient_id else {}
    documents, cursor = find_page(uow.collection(SHELVES[kind].collection), wanted, query)
    return [_entry(kind, document) for document in documents], cursor


def medications(uow: UnitOfWork, patient_id: str) -> list[MedicationOrder]:
    """Every drug ordered for a patient."""
    documents = uow.collection(SHELVES[MedicationOrder].collection).find({"patient_id": patient_id})
    return [
        entry for entry in (_entry(MedicationOrder, row) for row in documents) if isinstance(entry, MedicationOrder)
    ]


def _document(entry: ChartEntry) -> dict[str, Any]:
    document = asdict(entry)
    document["_id"] = document.pop("id")
    for name in _DAYS:
        if document.get(name):
            document[name] = document[name].isoformat()
    if "categories" in document:
        document["categories"] = list(document["categories"])
    return document


def _entry(kind: type[ChartEntry], document: Mapping[str, Any]) -> ChartEntry:
    values = {name: value for name, value in document.items() if name not in ("_id", "practice_id", "version")}
    for name in _DAYS:
        if values.get(name):
            values[name] = date.fromisoformat(values[name])
    if "code" in values:
        values["code"] = Code(**values["code"])
    if "categories" in values:
        values["categories"] = tuple(values["categories"])
    return SHELVES[kind].make(id=document["_id"], **values)
