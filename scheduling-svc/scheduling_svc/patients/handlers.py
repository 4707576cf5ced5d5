"""What scheduling does when a patient or the verdict on one changes."""

from __future__ import annotations

from typing import Any

from fascia.backbone.event import Event
from fascia.store import UnitOfWork
from scheduling_svc.booking.appointment import Reason
from scheduling_svc.booking.rescreening import rescreen_patient
from scheduling_svc.patients import store
from scheduling_svc.patients.clearance import Clearance
from scheduling_svc.patients.patient import Patient, Profile
from scheduling_svc.workforce.place import Address, Coordinates


def keep_profile(uow: UnitOfWork, event: Event) -> None:
    """patient.registered, patient.updated: the newest version is kept; who died is visited no more."""
    changed = store.find(uow, event.data["patient_id"]).with_profile(_profile(event.data))
    if changed is None:
        return
    store.save(uow, changed)
    if changed.profile is not None and changed.profile.deceased:
        _rescreen(uow, changed, Reason.PRACTICE)


def keep_clearance(uow: UnitOfWork, event: Event) -> None:
    """clearance.changed: the newest version is kept, and what is booked is held to it."""
    changed = store.find(uow, event.data["patient_id"]).with_clearance(_clearance(event.data))
    if changed is None:
        return
    store.save(uow, changed)
    _rescreen(uow, changed, Reason.CLEARANCE_WITHDRAWN)


def _rescreen(uow: UnitOfWork, patient: Patient, reason: Reason) -> None:
    # A replay walks through verdicts of the past: what they meant for bookings was done in their time.
    if not uow.backfill:
        rescreen_patient(uow, patient, reason)


def _profile(data: dict[str, Any]) -> Profile:
    address = data["address"]
    return Profile(
        version=data["version"],
        name=f"{data['given_name']} {data['family_name']}".strip(),
        address=_address(address) if address else None,
        time_zone=data["time_zone"],
        door_notes=data["door_notes"],
        deceased=data["deceased"],
    )


def _address(data: dict[str, Any]) -> Address:
    at = data["coordinates"]
    return Address(
        line=data["line"],
        city=data["city"],
        state=data["state"],
        postal_code=data["postal_code"],
        country=data["country"],
        coordinates=Coordinates(at["latitude"], at["longitude"]) if at else None,
    )


def _clearance(data: dict[str, Any]) -> Clearance:
    return Clearance(
        version=data["version"],
        verdict=data["verdict"],
        evaluation_id=data["evaluation_id"],
        home_visits=data["home_visits"],
        effective_at=data["effective_at"],
        expires_on=data["expires_on"],
        reasons=tuple(data["reasons"]),
    )
