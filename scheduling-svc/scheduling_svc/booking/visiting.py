"""Appointments: booked from a hold or at once, moved along, cancelled."""

from __future__ import annotations

from dataclasses import replace

from fascia.ids import new_id
from fascia.problem import StaleVersion
from fascia.store import UnitOfWork

from scheduling_svc.booking import store
from scheduling_svc.booking.agenda import Agenda
from scheduling_svc.booking.announcing import announce
from scheduling_svc.booking.appointment import Appointment, Reason, Status
from scheduling_svc.booking.occupying import claim_budget, read_agenda, reservation_of, vacate, write_agenda
from scheduling_svc.booking.screening import screen
from scheduling_svc.booking.visit import PlannedVisit, VisitRequest, plan_visit
from scheduling_svc.budget import store as budgets
from scheduling_svc.patients import store as patients
from scheduling_svc.routing import days
from scheduling_svc.routing import store as routing
from scheduling_svc.workforce import store as workforce
from scheduling_svc.workforce.directory import Directory

_UNDER_WAY = frozenset({Status.EN_ROUTE, Status.ARRIVED, Status.IN_PROGRESS})


def book_hold(uow: UnitOfWork, hold_id: str) -> Appointment:
    """Turn a hold into an appointment. Everything is checked again: the world may have changed since the hold."""
    hold = store.get_hold(uow, hold_id)
    converted = hold.converted(uow.now)
    directory, visit = _screened(uow, hold.visit)
    budget = claim_budget(uow, hold.visit)
    if budget is not None:
        budget.require_cover(visit.date, visit.mobile)
        budgets.save(uow, budget.settle(hold.id, uow.now))
    _write(uow, directory, read_agenda(uow, hold.visit, visit.date).settled(hold.id, uow.now))
    store.save_hold(uow, converted)
    return _promise(uow, hold.id, visit)


def book_now(uow: UnitOfWork, request: VisitRequest) -> Appointment:
    """Book a slot in one step, for a clerk who has the patient's yes already."""
    directory, visit = _screened(uow, request)
    id_ = new_id()
    budget = claim_budget(uow, request)
    if budget is not None:
        budgets.save(uow, budget.reserve(reservation_of(id_, visit, None), uow.now))
    taken, _ = read_agenda(uow, request, visit.date).with_visit(id_, visit, directory, None, uow.now)
    _write(uow, directory, taken)
    return _promise(uow, id_, visit)


def progress(uow: UnitOfWork, appointment: Appointment, status: Status) -> Appointment:
    """Move a visit along. Raises Conflict."""
    practice = workforce.directory(uow).practice
    moved = store.save_appointment(uow, appointment.progressed(status, uow.now, practice.early_start_minutes))
    announce(uow, moved)
    if status in _UNDER_WAY:
        day = days.find_day(uow, appointment.visit.therapist_id, appointment.date)
        if day.running() is not day:
            routing.save(uow, day.running())
    return moved


def cancel(uow: UnitOfWork, appointment: Appointment, reason: Reason) -> Appointment:
    """A visit will not take place: its time, room and budget are free again. Raises Conflict once it has begun."""
    cutoff_hours = workforce.directory(uow).practice.cancellation_cutoff_hours
    cancelled = store.save_appointment(uow, appointment.cancelled(reason, uow.now, cutoff_hours))
    vacate(uow, appointment.id, appointment.visit, appointment.date, booked=True)
    announce(uow, cancelled)
    return cancelled


def at_version(appointment: Appointment, expected: int | None) -> Appointment:
    """The appointment, if it is still at the version that the caller read. Raises StaleVersion."""
    if expected is not None and appointment.version != expected:
        raise StaleVersion(expected)
    return appointment


def _screened(uow: UnitOfWork, request: VisitRequest) -> tuple[Directory, PlannedVisit]:
    directory = workforce.directory(uow)
    patient, profile = patients.get(uow, request.patient_id)
    visit = plan_visit(request, directory, profile)
    screen(visit, patient, uow.now)
    return directory, visit


def _write(uow: UnitOfWork, directory: Directory, agenda: Agenda) -> None:
    write_agenda(uow, replace(agenda, day=days.tell_changes(uow, directory, agenda.day)))


def _promise(uow: UnitOfWork, id_: str, visit: PlannedVisit) -> Appointment:
    made = Appointment(
        id=id_,
        visit=visit.request,
        ends_at=visit.ends_at,
        date=visit.date,
        time_zone=visit.site.time_zone,
        treatment=visit.service.is_treatment,
    )
    stored = store.save_appointment(uow, made.booked(uow.now))
    announce(uow, stored)
    return stored
