"""Reading all that a booking depends on in one trip, and writing all that it occupies in another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from fascia.localtime import local_date
from fascia.problem import NotFound, Problem
from fascia.store import UnitOfWork
from scheduling_svc.booking.agenda import Agenda, Surroundings
from scheduling_svc.booking.screening import screen
from scheduling_svc.booking.visit import PlannedVisit, VisitRequest, plan_visit, require_length, zone_of_visit
from scheduling_svc.budget import store as budgets
from scheduling_svc.budget.budget import Budget, Reservation
from scheduling_svc.patients import store as patients
from scheduling_svc.plans.marks import mark_changed
from scheduling_svc.routing import days
from scheduling_svc.routing import store as routing
from scheduling_svc.routing.calendar import Calendar, patient_owner, room_owner
from scheduling_svc.routing.therapist_day import TherapistDay
from scheduling_svc.store import Documents, read, write
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.travel.supplying import Day, require_reachable, travel_for
from scheduling_svc.workforce import store as workforce
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import MOBILE


@dataclass(frozen=True)
class Facts:
    """A visit that passed the screening, and what it would occupy."""

    directory: Directory
    visit: PlannedVisit
    budget: Budget | None
    agenda: Agenda
    travel: PracticeTravel
    now: datetime

    @property
    def around(self) -> Surroundings:
        """What its day is judged by."""
        return Surroundings(self.directory, self.travel, self.now)

    def reservation(self, id_: str, held_until: datetime | None) -> Reservation:
        """The budget's side of the visit."""
        return Reservation(id_, self.visit.date, self.visit.mobile, held_until)


def screened(uow: UnitOfWork, request: VisitRequest, ends_at: datetime | None = None) -> Facts:
    """All about a visit that may take place. Raises NotFound, RuleViolation or Conflict for one that may not."""
    directory, documents = _read(uow, request)
    patient = patients.among(uow, documents, request.patient_id)
    visit = plan_visit(request, directory, patient.registered())
    require_length(visit, ends_at)
    screen(visit, patient, patients.preference_among(documents, request.patient_id), uow.now)
    budget = claim_among(documents, request.claim_id, request.patient_id)
    travel = travel_for(uow, directory, [Day(visit.date, visit.therapist.region)])
    if visit.mobile:
        require_reachable(travel.in_zone(visit.site.time_zone), visit.site.coordinates)
    return Facts(directory, visit, budget, _agenda(uow, documents, request, visit.date), travel, uow.now)


def occupy(uow: UnitOfWork, agenda: Agenda, budget: Budget | None, *others: TherapistDay | Calendar) -> None:
    """Write agenda, budget, and what else changed with them; raises StaleVersion."""
    changes = [routing.change(uow, one) for one in (agenda.day, agenda.patient, *others)]
    if agenda.room is not None:
        changes.append(routing.change(uow, agenda.room))
    if budget is not None:
        changes.append(budgets.change(budget))
    write(uow, *changes)


def vacate(uow: UnitOfWork, id_: str, visit: VisitRequest, day: date, *, booked: bool, publish: bool = True) -> None:
    """Give back time, room and budget. What was booked on a published day is told to the therapist.

    publish: False where the caller tells the therapist, together with what else changes.
    """
    documents = read(uow, _keys(visit, day))
    agenda = _agenda(uow, documents, visit, day).without(id_)
    if booked and publish and agenda.day.is_published:
        agenda = replace(agenda, day=days.tell_changes(uow, workforce.directory(uow), agenda.day))
    budget = budgets.among(documents, visit.claim_id) if visit.claim_id else None
    occupy(uow, agenda, budget.release(id_) if budget else None)
    if booked and visit.setting == MOBILE:
        mark_changed(uow, visit.therapist_id, day)


def agenda_of(uow: UnitOfWork, visit: VisitRequest, day: date) -> Agenda:
    """What a visit that was booked occupies now."""
    return _agenda(uow, read(uow, _keys(visit, day)), visit, day)


def claim_among(documents: Documents, claim_id: str | None, patient_id: str) -> Budget | None:
    """The budget of the claim that a visit names. Raises NotFound also for another patient's claim."""
    if claim_id is None:
        return None
    budget = budgets.among(documents, claim_id)
    if budget is None or budget.patient_id != patient_id:
        raise NotFound("claim", claim_id)
    return budget


def _read(uow: UnitOfWork, request: VisitRequest) -> tuple[Directory, Documents]:
    """The workforce and the aggregates. What this process knows of the workforce is checked in the same trip."""
    known = workforce.known_directory(uow)
    if known is not None:
        try:
            keys = _keys_by(request, known)
        except Problem:  # perhaps it names somebody who is new
            keys = []
        documents = read(uow, [*keys, workforce.MARK])
        if keys and workforce.is_current(known, documents):
            return known, documents
    directory = workforce.directory(uow)
    return directory, read(uow, _keys_by(request, directory))


def _keys_by(request: VisitRequest, directory: Directory) -> list[str]:
    return _keys(request, local_date(request.starts_at, zone_of_visit(request, directory)))


def _keys(request: VisitRequest, day: date) -> list[str]:
    patient_id = request.patient_id
    keys = [patients.key(patient_id), patients.preference_key(patient_id), patient_owner(patient_id)]
    keys.append(routing.day_owner(request.therapist_id, day))
    if request.room_id is not None:
        keys.append(room_owner(request.room_id, day.isoformat()))
    if request.claim_id is not None:
        keys.append(budgets.key(request.claim_id))
    return keys


def _agenda(uow: UnitOfWork, documents: Documents, request: VisitRequest, day: date) -> Agenda:
    found = routing.Calendars(uow, documents)
    room = found.calendar(room_owner(request.room_id, day.isoformat())) if request.room_id else None
    patient = found.calendar(patient_owner(request.patient_id))
    return Agenda(found.day(request.therapist_id, day), patient, room)
