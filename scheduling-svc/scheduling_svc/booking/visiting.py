"""Appointments: booked from a hold or at once, moved along, cancelled."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from fascia.ids import new_id
from fascia.problem import StaleVersion
from fascia.store import UnitOfWork
from scheduling_svc.booking import store
from scheduling_svc.booking.agenda import Agenda
from scheduling_svc.booking.announcing import announce
from scheduling_svc.booking.appointment import Appointment, Reason, Status
from scheduling_svc.booking.occupying import Facts, occupy, screened, vacate
from scheduling_svc.booking.visit import PlannedVisit, VisitRequest
from scheduling_svc.budget.budget import Budget
from scheduling_svc.routing import days
from scheduling_svc.routing import store as routing
from scheduling_svc.workforce import store as workforce

_UNDER_WAY = frozenset({Status.EN_ROUTE, Status.ARRIVED, Status.IN_PROGRESS})


def book_hold(uow: UnitOfWork, hold_id: str) -> Appointment:
    """Turn a hold into an appointment. Everything is checked again: the world may have changed since the hold."""
    hold = store.get_hold(uow, hold_id)
    converted = hold.converted(uow.now)
    facts = screened(uow, hold.visit)
    visit, budget = facts.visit, facts.budget
    if budget is not None:
        budget.require_cover(visit.date, visit.mobile)
        budget = budget.settle(hold.id, uow.now)
    _occupy(uow, facts, facts.agenda.settled(hold.id, uow.now), budget)
    store.save_hold(uow, converted)
    return _promise(uow, hold.id, visit)


def book_now(uow: UnitOfWork, request: VisitRequest, ends_at: datetime | None = None) -> Appointment:
    """Book a slot in one step, for a clerk who has the patient's yes already."""
    facts = screened(uow, request, ends_at)
    id_ = new_id()
    budget = facts.budget.reserve(facts.reservation(id_, None), uow.now) if facts.budget else None
    agenda, _ = facts.agenda.with_visit(id_, facts.visit, facts.directory, facts.travel, None, uow.now)
    _occupy(uow, facts, agenda, budget)
    return _promise(uow, id_, facts.visit)


def progress(uow: UnitOfWork, appointment: Appointment, status: Status, at: datetime | None = None) -> Appointment:
    """Move a visit along; `at` is when it really happened, where that is told later. Raises Conflict."""
    practice = workforce.directory(uow).practice
    happened = appointment.progressed(status, at or uow.now, practice.early_start_minutes)
    moved = store.save_appointment(uow, happened)
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


def _occupy(uow: UnitOfWork, facts: Facts, agenda: Agenda, budget: Budget | None) -> None:
    told = days.tell_changes(uow, facts.directory, agenda.day)
    occupy(uow, replace(agenda, day=told), budget)


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
