"""What booking does when an event arrives."""

from __future__ import annotations

from fascia.backbone.event import Event
from fascia.problem import Conflict, NotFound
from fascia.store import UnitOfWork
from scheduling_svc.booking import store, visiting
from scheduling_svc.booking.appointment import Status
from scheduling_svc.patients import store as patients
from scheduling_svc.routing import days


def keep_session(uow: UnitOfWork, event: Event) -> None:
    """session.completed: the appointment knows its session and can't be cancelled any more.

    The therapist has then treated the patient once more, which counts for continuity of care.
    """
    try:
        appointment = store.get_appointment(uow, event.data["appointment_id"])
    except NotFound:
        return
    if appointment.session_id is None:
        store.save_appointment(uow, appointment.signed(event.data["session_id"]))
        days.begin_visit(uow, appointment.visit.therapist_id, appointment.date, appointment.id)
        _, preference = patients.find_with_preference(uow, appointment.visit.patient_id)
        patients.save_preference(uow, preference.treated_by(event.data["therapist_id"]))


def confirm(uow: UnitOfWork, event: Event) -> None:
    """reply.received: a patient confirmed a visit. A visit that is over or has moved on is left as it is."""
    appointment_id = event.data["appointment_id"]
    if event.data["request"] != "confirm" or appointment_id is None:
        return
    try:
        appointment = store.get_appointment(uow, appointment_id)
        if appointment.visit.patient_id == event.data["patient_id"]:
            visiting.progress(uow, appointment, Status.CONFIRMED)
    except (NotFound, Conflict):
        return
