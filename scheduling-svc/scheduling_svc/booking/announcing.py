"""What an appointment's change tells the other services."""

from __future__ import annotations

from typing import Any

from fascia.store import UnitOfWork
from scheduling_svc.booking.appointment import Appointment, Status


def announce(uow: UnitOfWork, appointment: Appointment) -> None:
    """Publish the event of the state that a stored appointment has come to."""
    fields = _fields(appointment)
    if appointment.status is Status.BOOKED:
        type_ = "appointment.booked"
    elif appointment.status is Status.COMPLETED:
        type_ = "appointment.completed"
        fields |= {"started_at": appointment.started_at, "ended_at": appointment.ended_at}
    elif appointment.cancelled_because is not None:
        type_ = "appointment.cancelled"
        fields |= {"late": appointment.late, "reason": appointment.cancelled_because.value}
    else:
        type_ = "appointment.progressed"
        fields |= {"status": appointment.status.value}
    uow.publish(type_, fields, sequence=appointment.version)


def announce_move(uow: UnitOfWork, appointment: Appointment, *, tell_patient: bool) -> None:
    """Publish that a stored appointment has another time, therapist or place than before."""
    fields = {**_fields(appointment), "tell_patient": tell_patient}
    uow.publish("appointment.moved", fields, sequence=appointment.version)


def _fields(appointment: Appointment) -> dict[str, Any]:
    visit = appointment.visit
    return {
        "appointment_id": appointment.id,
        "version": appointment.version,
        "calendar_sequence": appointment.calendar_sequence,
        "patient_id": visit.patient_id,
        "therapist_id": visit.therapist_id,
        "claim_id": visit.claim_id,
        "service_type": visit.service_type,
        "setting": visit.setting,
        "location_id": visit.location_id,
        "starts_at": visit.starts_at,
        "ends_at": appointment.ends_at,
        "time_zone": appointment.time_zone,
        "local_start": appointment.local_start,
        "promised_from": visit.promised.earliest,
        "promised_until": visit.promised.latest,
    }
