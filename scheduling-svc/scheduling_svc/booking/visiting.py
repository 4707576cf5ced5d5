"""Appointments: booked from a hold or at once, moved along, cancelled."""

from __future__ import annotations

from datetime import datetime

from fascia.problem import StaleVersion
from fascia.store import UnitOfWork
from scheduling_svc.booking import store
from scheduling_svc.booking.announcing import announce
from scheduling_svc.booking.appointment import Appointment, Reason, Status
from scheduling_svc.booking.holding import halves_of
from scheduling_svc.booking.occupying import screened, vacate
from scheduling_svc.booking.placing import Wanted, as_planned, place, screened_halves, settle
from scheduling_svc.booking.visit import PlannedVisit, VisitRequest
from scheduling_svc.disruption import live
from scheduling_svc.routing import days
from scheduling_svc.workforce import store as workforce

_UNDER_WAY = frozenset({Status.EN_ROUTE, Status.ARRIVED, Status.IN_PROGRESS})


def book_hold(uow: UnitOfWork, hold_id: str) -> Appointment:
    """Turn a hold into an appointment, of a tandem both halves; the one of the hold that was named is returned.

    Everything is checked again: the world may have changed since the hold.
    """
    holds = halves_of(uow, store.get_hold(uow, hold_id))
    converted = [hold.converted(uow.now) for hold in holds]
    halves = [screened(uow, hold.visit) for hold in holds]
    first, budget = halves[0].visit, halves[0].budget
    if budget is not None:
        budget.require_cover(first.date, first.mobile)
        budget = budget.settle(holds[0].id, uow.now)
    agenda, agendas = None, []
    for hold, facts in zip(holds, halves, strict=True):
        mine = facts.agenda.beside(agenda) if agenda else facts.agenda
        agenda = mine.settled(hold.id, uow.now)
        agendas.append(agenda)
    settle(uow, halves, agendas, budget, booked=True)
    for hold in converted:
        store.save_hold(uow, hold)
    made = {
        hold.id: _promise(uow, hold.id, as_planned(hold.id, facts.visit, mine))
        for hold, facts, mine in zip(holds, halves, agendas, strict=True)
    }
    return made[hold_id]


def book_now(
    uow: UnitOfWork,
    request: VisitRequest,
    ends_at: datetime | None = None,
    *,
    second_therapist_id: str | None = None,
) -> Appointment:
    """Book a slot in one step, for a clerk who has the patient's yes already; of a tandem both halves, or none."""
    halves = screened_halves(uow, Wanted(request, ends_at, second_therapist_id))
    made = [_promise(uow, one.id, one.visit) for one in place(uow, halves, None)]
    return made[0]


def progress(uow: UnitOfWork, appointment: Appointment, status: Status, at: datetime | None = None) -> Appointment:
    """Move a visit along; `at` is when it really happened, where that is told later. Raises Conflict."""
    practice = workforce.directory(uow).practice
    happened = appointment.progressed(status, at or uow.now, practice.early_start_minutes)
    moved = store.save_appointment(uow, happened)
    announce(uow, moved)
    if status in _UNDER_WAY:
        days.begin_visit(uow, moved.visit.therapist_id, moved.date, moved.id)
    live.follow(uow, moved.visit.therapist_id, moved.date)
    return moved


def cancel(uow: UnitOfWork, appointment: Appointment, reason: Reason, *, publish: bool = True) -> Appointment:
    """A visit will not take place: its time, room and budget are free again. Raises Conflict once it has begun.

    Of a tandem the other therapist does not come either, unless they have set out already. publish: False where the
    caller tells the therapist of the changed day, together with what else changes.
    """
    cutoff_hours = workforce.directory(uow).practice.cancellation_cutoff_hours
    cancelled = store.save_appointment(uow, appointment.cancelled(reason, uow.now, cutoff_hours))
    vacate(uow, appointment.id, appointment.visit, appointment.date, booked=True, publish=publish)
    announce(uow, cancelled)
    live.follow(uow, appointment.visit.therapist_id, appointment.date)
    partner_id = appointment.visit.partner_id
    for partner in store.find_appointments(uow, [partner_id] if partner_id else []):
        if not partner.has_begun:
            cancel(uow, partner, reason)
    return cancelled


def at_version(appointment: Appointment, expected: int | None) -> Appointment:
    """The appointment, if it is still at the version that the caller read. Raises StaleVersion."""
    if expected is not None and appointment.version != expected:
        raise StaleVersion(expected)
    return appointment


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
