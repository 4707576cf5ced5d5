"""What the ledger does when an appointment of a claim changes."""

from __future__ import annotations

from fascia.backbone.event import Event
from fascia.store import UnitOfWork
from records_svc.prescription import store
from records_svc.prescription.claim import LedgerEntry, Use, released_by, reserved_by


def reserve(uow: UnitOfWork, event: Event) -> None:
    """appointment.booked, moved, progressed, completed: the visit is reserved until its session is signed."""
    reported = _entry(event)
    if reported is not None:
        store.put_entry(uow, reserved_by(store.entry_of(uow, reported.appointment_id), reported))


def release(uow: UnitOfWork, event: Event) -> None:
    """appointment.cancelled: the visit is free again."""
    reported = _entry(event)
    if reported is not None:
        store.put_entry(uow, released_by(store.entry_of(uow, reported.appointment_id), reported))


def _entry(event: Event) -> LedgerEntry | None:
    data = event.data
    if data["claim_id"] is None:
        return None
    return LedgerEntry(
        claim_id=data["claim_id"],
        appointment_id=data["appointment_id"],
        appointment_version=data["version"],
        patient_id=data["patient_id"],
        starts_at=data["starts_at"],
        use=Use.RESERVED,
    )
