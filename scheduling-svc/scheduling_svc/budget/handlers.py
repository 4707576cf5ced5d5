"""What a budget does when a prescription changes or a session is signed."""

from __future__ import annotations

from fascia.backbone.event import Event
from fascia.store import UnitOfWork
from scheduling_svc.booking.appointment import Reason
from scheduling_svc.booking.rescreening import withdraw
from scheduling_svc.budget import store
from scheduling_svc.budget.budget import Budget, Prescription


def allow(uow: UnitOfWork, event: Event) -> None:
    """prescription.activated: the claim allows so many visits, in this span."""
    data = event.data
    prescription = Prescription(
        id=data["prescription_id"],
        version=data["version"],
        visits_authorised=data["visits_authorised"],
        starts_on=data["starts_on"],
        expires_on=data["expires_on"],
        home_visits=data["home_visits"],
    )
    _keep(uow, _budget(uow, data["claim_id"], data["patient_id"]).with_prescription(prescription))


def revoke(uow: UnitOfWork, event: Event) -> None:
    """prescription.revoked: what it allowed is taken back, and visits that nothing else allows are cancelled."""
    data = event.data
    known = _budget(uow, data["claim_id"], data["patient_id"])
    _keep(uow, known.with_revoked(data["prescription_id"], data["version"]))


def consume(uow: UnitOfWork, event: Event) -> None:
    """session.completed: a reservation becomes a used visit, once."""
    claim_id = event.data["claim_id"]
    if claim_id is None:
        return
    changed = _budget(uow, claim_id, event.data["patient_id"]).consume(event.data["appointment_id"])
    if changed is not None:
        store.save(uow, changed)


def _keep(uow: UnitOfWork, changed: Budget | None) -> None:
    if changed is None:
        return
    store.save(uow, changed)
    # A replay walks through prescriptions of the past: what they meant for bookings was done in their time.
    if not uow.backfill:
        withdraw(uow, changed.uncovered(uow.now), Reason.PRESCRIPTION_REVOKED)


def _budget(uow: UnitOfWork, claim_id: str, patient_id: str) -> Budget:
    return store.find(uow, claim_id) or Budget(claim_id, patient_id)
