"""Where budgets are kept: one document per claim, so that no race can overdraw it."""

from __future__ import annotations

from datetime import date
from typing import Any

from fascia.store import Document, Index, UnitOfWork
from fascia.web.pages import find_page

from scheduling_svc.budget.budget import Budget, Prescription, Reservation

INDEXES = (Index("budgets", (("practice_id", 1), ("patient_id", 1), ("_id", 1))),)


def find(uow: UnitOfWork, claim_id: str) -> Budget | None:
    """The budget of a claim, or None where no event named the claim yet."""
    found = uow.collection("budgets").find_one({"_id": f"{uow.practice_id}:{claim_id}"})
    return _budget(uow, found) if found else None


def page(uow: UnitOfWork, query: dict[str, Any]) -> tuple[list[Budget], str | None]:
    """Budgets by claim id, perhaps of one patient."""
    wanted = {"patient_id": query["patient_id"]} if query.get("patient_id") else {}
    documents, next_cursor = find_page(uow.collection("budgets"), wanted, query)
    return [_budget(uow, document) for document in documents], next_cursor


def save(uow: UnitOfWork, budget: Budget) -> None:
    """Write the new state; raises StaleVersion."""
    document = {
        "_id": f"{uow.practice_id}:{budget.claim_id}",
        "patient_id": budget.patient_id,
        "version": budget.version + 1,
        "prescriptions": [
            {**vars(known), "starts_on": known.starts_on.isoformat(), "expires_on": known.expires_on.isoformat()}
            for known in budget.prescriptions
        ],
        "reservations": [
            {**vars(reservation), "day": reservation.day.isoformat()} for reservation in budget.reservations
        ],
        "consumed": list(budget.consumed),
    }
    if budget.version == 0:
        uow.collection("budgets").insert_one(document)
    else:
        uow.collection("budgets").replace(document, expected_version=budget.version)


def _budget(uow: UnitOfWork, document: Document) -> Budget:
    return Budget(
        claim_id=str(document["_id"]).removeprefix(f"{uow.practice_id}:"),
        patient_id=document["patient_id"],
        version=document["version"],
        prescriptions=tuple(
            Prescription(
                **{
                    **known,
                    "starts_on": date.fromisoformat(known["starts_on"]),
                    "expires_on": date.fromisoformat(known["expires_on"]),
                }
            )
            for known in document["prescriptions"]
        ),
        reservations=tuple(
            Reservation(**{**reservation, "day": date.fromisoformat(reservation["day"])})
            for reservation in document["reservations"]
        ),
        consumed=tuple(document["consumed"]),
    )
