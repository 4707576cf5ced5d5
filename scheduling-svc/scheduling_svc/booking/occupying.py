"""Reading and writing what a visit occupies: days and calendars in one trip each, the claim's budget in another."""

from __future__ import annotations

from datetime import date, datetime

from fascia.problem import NotFound
from fascia.store import UnitOfWork

from scheduling_svc.booking.agenda import Agenda
from scheduling_svc.booking.visit import PlannedVisit, VisitRequest
from scheduling_svc.budget import store as budgets
from scheduling_svc.budget.budget import Budget, Reservation
from scheduling_svc.routing import days
from scheduling_svc.routing import store as routing
from scheduling_svc.routing.calendar import patient_owner, room_owner
from scheduling_svc.workforce import store as workforce


def read_agenda(uow: UnitOfWork, visit: VisitRequest, day: date) -> Agenda:
    """Therapist's day, patient's calendar, and the room's where there is one."""
    patient = patient_owner(visit.patient_id)
    room = room_owner(visit.room_id, day.isoformat()) if visit.room_id else None
    owners = [routing.day_owner(visit.therapist_id, day), patient, *([room] if room else [])]
    read = routing.Calendars(uow, owners)
    return Agenda(read.day(visit.therapist_id, day), read.calendar(patient), read.calendar(room) if room else None)


def write_agenda(uow: UnitOfWork, agenda: Agenda) -> None:
    """Write all of it; raises StaleVersion."""
    routing.save(uow, agenda.day, agenda.patient, *([agenda.room] if agenda.room else []))


def claim_budget(uow: UnitOfWork, visit: VisitRequest) -> Budget | None:
    """The budget of the claim that a visit names. Raises NotFound also for another patient's claim."""
    if visit.claim_id is None:
        return None
    budget = budgets.find(uow, visit.claim_id)
    if budget is None or budget.patient_id != visit.patient_id:
        raise NotFound("claim", visit.claim_id)
    return budget


def reservation_of(id_: str, visit: PlannedVisit, held_until: datetime | None) -> Reservation:
    """The budget's side of a visit."""
    return Reservation(id_, visit.date, visit.mobile, held_until)


def vacate(uow: UnitOfWork, id_: str, visit: VisitRequest, day: date, *, booked: bool) -> None:
    """Give back time, room and budget. What was booked on a published day is told to the therapist."""
    agenda = read_agenda(uow, visit, day).without(id_)
    if booked:
        told = days.tell_changes(uow, workforce.directory(uow), agenda.day)
        agenda = Agenda(told, agenda.patient, agenda.room)
    write_agenda(uow, agenda)
    budget = budgets.find(uow, visit.claim_id) if visit.claim_id else None
    released = budget.release(id_) if budget else None
    if released is not None:
        budgets.save(uow, released)
