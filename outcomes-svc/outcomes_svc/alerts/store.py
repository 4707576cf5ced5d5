"""Alerts in MongoDB, apart from scores and pay; the note of who acknowledged one is sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo.database import Database

from fascia.store.indexes import Index
from fascia.store.tenant_collection import Document
from fascia.store.unit_of_work import UnitOfWork
from fascia.web.pages import find_page
from outcomes_svc.alerts.alert import WAITING, Alert, AlertKind, AlertState, Step

COLLECTION = "alerts"
INDEXES = (
    Index(COLLECTION, (("practice_id", 1), ("patient_id", 1), ("_id", 1))),
    # Of all practices: a worker asks every half minute, and must not read through what was settled long ago.
    Index(COLLECTION, (("state", 1), ("escalate_at", 1))),
    Index(COLLECTION, (("practice_id", 1), ("_id", 1))),
)


def find_alert(uow: UnitOfWork, alert_id: str) -> Alert | None:
    """One alert, or None."""
    document = uow.collection(COLLECTION).find_one({"_id": alert_id})
    return _alert(uow, document) if document else None


def alerts_of(uow: UnitOfWork, patient_id: str) -> dict[str, Alert]:
    """All alerts of a patient, by id."""
    found = uow.collection(COLLECTION).find({"patient_id": patient_id})
    return {document["_id"]: _alert(uow, document) for document in found}


def save_alert(uow: UnitOfWork, alert: Alert) -> None:
    """Write an alert; version 1 is a new one. Raises StaleVersion."""
    document = {
        **asdict(alert),
        "_id": alert.id,
        "severity": alert.severity.value,
        "history": [asdict(step) for step in alert.history],
        "note": None if alert.note is None else uow.keyring.seal_json(alert.note, f"alert:{alert.id}"),
    }
    del document["id"]
    if alert.version == 1:
        uow.collection(COLLECTION).insert_one(document)
    else:
        uow.collection(COLLECTION).replace(document, expected_version=alert.version - 1)


def due_to_escalate(database: Database[Document], until: datetime, limit: int) -> list[tuple[str, str]]:
    """Practice and id of open alerts that nobody acknowledged in time, the oldest first."""
    query = {"state": AlertState.OPEN.value, "escalate_at": {"$lte": until}}
    due = database[COLLECTION].find(query, {"practice_id": 1}).sort("escalate_at", 1).limit(limit)
    return [(document["practice_id"], document["_id"]) for document in due]


def alert_page(uow: UnitOfWork, query: Mapping[str, Any]) -> tuple[list[Alert], str | None]:
    """A page of alerts, filtered by patient_id, therapist_id and state; `waiting` is open or escalated."""
    wanted: Document = {name: query[name] for name in ("patient_id", "therapist_id") if query.get(name)}
    state = query.get("state")
    if state is not None:
        wanted["state"] = {"$in": sorted(WAITING)} if state == "waiting" else state
    documents, cursor = find_page(uow.collection(COLLECTION), wanted, query)
    return [_alert(uow, document) for document in documents], cursor


def _alert(uow: UnitOfWork, document: Document) -> Alert:
    fields = {
        name: value for name, value in document.items() if name not in ("_id", "practice_id", "severity", "updated_at")
    }
    sealed = fields["note"]
    fields |= {
        "id": document["_id"],
        "kind": AlertKind(fields["kind"]),
        "state": AlertState(fields["state"]),
        "history": tuple(Step(AlertState(row["state"]), row["at"], row["by"]) for row in fields["history"]),
        "note": None if sealed is None else uow.keyring.open_json(sealed, f"alert:{document['_id']}"),
    }
    return Alert(**fields)
