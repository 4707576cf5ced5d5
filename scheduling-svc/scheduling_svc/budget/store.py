"""Where budgets are kept: one document per claim, so that no race can overdraw it."""

from __future__ import annotations

from datetime import date
from typing import Any

from fascia.store import Document, UnitOfWork
from scheduling_svc.budget.budget import Budget, Prescription, Reservation
from scheduling_svc.store import Change, Documents, read, write
from scheduling_svc.store import page as aggregates_page

_PREFIX = "claim:"


def key(claim_id: str) -> str:
    """The key of a claim's aggregate."""
    return f"{_PREFIX}{claim_id}"


def among(documents: Documents, claim_id: str) -> Budget | None:
    """The budget of a claim, or None where no event named the claim yet, from aggregates that were read."""
    document = documents.get(key(claim_id))
    return _budget(claim_id, document) if document else None


def find(uow: UnitOfWork, claim_id: str) -> Budget | None:
    """The budget of a claim, or None where no event named the claim yet."""
    return among(read(uow, [key(claim_id)]), claim_id)


def page(uow: UnitOfWork, query: dict[str, Any]) -> tuple[list[Budget], str | None]:
    """Budgets by claim id, perhaps of one patient."""
    wanted = {"patient_id": query["patient_id"]} if query.get("patient_id") else {}
    found, next_cursor = aggregates_page(uow, _PREFIX, wanted, query)
    return [_budget(name.removeprefix(_PREFIX), document) for name, document in found], next_cursor


def save(uow: UnitOfWork, budget: Budget) -> None:
    """Write the new state; raises StaleVersion."""
    write(uow, change(budget))


def change(budget: Budget) -> Change:
    """The new state, to be written with others."""
    fields = {
        "patient_id": budget.patient_id,
        "prescriptions": [
            {**vars(known), "starts_on": known.starts_on.isoformat(), "expires_on": known.expires_on.isoformat()}
            for known in budget.prescriptions
        ],
        "reservations": [
            {**vars(reservation), "day": reservation.day.isoformat()} for reservation in budget.reservations
        ],
        "consumed": list(budget.consumed),
    }
    return Change(key(budget.claim_id), fields, budget.version)


def _budget(claim_id: str, document: Document) -> Budget:
    return Budget(
        claim_id=claim_id,
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
