"""What this feature does when an appointment changes: keep the visit that notes refer to."""

from __future__ import annotations

from fascia.backbone.event import Event
from fascia.store import UnitOfWork
from records_svc.notes import store
from records_svc.notes.visit import Visit, newer

_STATUS = {
    "appointment.booked": "booked",
    "appointment.moved": "booked",
    "appointment.completed": "completed",
    "appointment.cancelled": "cancelled",
}


def keep_visit(uow: UnitOfWork, event: Event) -> None:
    """appointment.*: the visit as it is now, unless what is known is newer."""
    data = event.data
    reported = Visit(
        appointment_id=data["appointment_id"],
        version=data["version"],
        patient_id=data["patient_id"],
        therapist_id=data["therapist_id"],
        claim_id=data["claim_id"],
        service_type=data["service_type"],
        setting=data["setting"],
        location_id=data["location_id"],
        starts_at=data["starts_at"],
        ends_at=data["ends_at"],
        time_zone=data["time_zone"],
        status=data.get("status") or _STATUS[event.type],
        started_at=data.get("started_at"),
        ended_at=data.get("ended_at"),
    )
    changed = newer(store.find_visit(uow, reported.appointment_id), reported)
    if changed is not None:
        store.put_visit(uow, changed)
