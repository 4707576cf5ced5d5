"""appointment.*: when a patient comes, so that the baseline is asked for before treatment begins."""

from __future__ import annotations

from fascia.backbone.event import Event
from fascia.clock import to_milliseconds
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.episodes.store import lock_patient
from outcomes_svc.follow_up.asking import attend
from outcomes_svc.follow_up.store import put_visit
from outcomes_svc.follow_up.visit import Visit


def on_visit(uow: UnitOfWork, event: Event) -> None:
    """Booked or moved: it is to take place at its time."""
    _keep(uow, event, booked=True)


def on_visit_over(uow: UnitOfWork, event: Event) -> None:
    """Completed or cancelled: it is not to take place any more."""
    _keep(uow, event, booked=False)


def _keep(uow: UnitOfWork, event: Event, *, booked: bool) -> None:
    data = event.data
    visit = Visit(
        id=data["appointment_id"],
        version=data["version"],
        patient_id=data["patient_id"],
        therapist_id=data["therapist_id"],
        starts_at=to_milliseconds(data["starts_at"]),
        ends_at=to_milliseconds(data["ends_at"]),
        booked=booked,
    )
    sequence = lock_patient(uow, visit.patient_id)
    if put_visit(uow, visit):
        attend(uow, visit.patient_id, sequence)


HANDLERS = {
    "appointment.booked": on_visit,
    "appointment.moved": on_visit,
    "appointment.completed": on_visit_over,
    "appointment.cancelled": on_visit_over,
}
