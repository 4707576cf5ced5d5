"""Appointments after their days were planned anew: who makes the visit now, and what the patient is told of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from fascia.store import UnitOfWork
from scheduling_svc.booking import store
from scheduling_svc.booking.announcing import announce_move
from scheduling_svc.booking.appointment import Appointment
from scheduling_svc.routing.therapist_day import Stop, TherapistDay


@dataclass(frozen=True)
class Retold:
    """Appointments that went to another therapist, and those whose patients are told a new time."""

    handed_over: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


def retell(uow: UnitOfWork, days: Iterable[TherapistDay], told_days: Iterable[TherapistDay], tolerance: int) -> Retold:
    """Bring the appointments of changed days in line with their stops.

    days: all that changed. told_days: those that the therapist is told of now; only there a planned start that is more
    than `tolerance` minutes from the told one becomes the told one.
    """
    changed = list(days)
    telling = {(day.therapist_id, day.date) for day in told_days}
    owners = {stop.id: (day, stop) for day in changed for stop in day.booked()}
    handed_over, told = [], []
    for appointment in store.find_appointments(uow, owners):
        day, stop = owners[appointment.id]
        moved = _in_line(appointment, day, stop, tolerance, tell=(day.therapist_id, day.date) in telling)
        if moved is None:
            continue
        if moved.visit.therapist_id != appointment.visit.therapist_id:
            handed_over.append(moved.id)
        tell_patient = moved.starts_at != appointment.starts_at
        if tell_patient:
            told.append(moved.id)
        announce_move(uow, store.save_appointment(uow, moved), tell_patient=tell_patient)
    return Retold(tuple(handed_over), tuple(told))


def _in_line(
    appointment: Appointment, day: TherapistDay, stop: Stop, tolerance: int, *, tell: bool
) -> Appointment | None:
    """The appointment as its stop says; None where it says so already."""
    visit = replace(appointment.visit, therapist_id=day.therapist_id)
    if tell and abs(stop.starts_at - appointment.starts_at) > timedelta(minutes=tolerance):
        visit = replace(visit, starts_at=stop.starts_at)
    if visit == appointment.visit or appointment.has_begun:
        return None
    return appointment.moved(visit, stop.minutes)
