"""Moving an appointment: it takes place in another slot, perhaps with another therapist, and stays the same visit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from fascia.problem import Conflict, RuleViolation
from fascia.store import UnitOfWork
from scheduling_svc.booking import store
from scheduling_svc.booking.agenda import Agenda
from scheduling_svc.booking.announcing import announce_move
from scheduling_svc.booking.appointment import Appointment
from scheduling_svc.booking.occupying import Facts, agenda_of, occupy, screened
from scheduling_svc.booking.placing import as_planned
from scheduling_svc.booking.visit import VisitRequest
from scheduling_svc.plans.marks import mark_changed
from scheduling_svc.routing import days
from scheduling_svc.routing.calendar import Calendar
from scheduling_svc.routing.therapist_day import TherapistDay
from scheduling_svc.workforce.directory import Directory


def move(
    uow: UnitOfWork, appointment: Appointment, request: VisitRequest, ends_at: datetime | None = None
) -> Appointment:
    """Give up the old slot and take the new one, or neither. Raises NotFound, RuleViolation or Conflict."""
    _require_movable(appointment)
    wanted = _same_visit(appointment, request)
    facts = screened(uow, wanted, ends_at)
    before = agenda_of(uow, appointment.visit, appointment.date)
    id_ = appointment.id
    left = before.without(id_)
    agenda, _ = facts.agenda.without(id_).with_visit(id_, facts.visit, facts.around, None)
    visit = as_planned(id_, facts.visit, agenda)
    placed = replace(appointment, time_zone=visit.site.time_zone)
    moved = store.save_appointment(uow, placed.moved(visit.request, visit.service.minutes))
    _occupy(uow, facts, agenda, left, id_)
    announce_move(uow, moved, tell_patient=True)
    return moved


def _require_movable(appointment: Appointment) -> None:
    appointment.moved(appointment.visit, 0)
    if appointment.visit.partner_id is not None:
        raise Conflict(
            "tandem-not-movable",
            "A tandem visit belongs to two therapists' days and is not moved as one.",
            "appointment_id",
            "Cancel it, and book another one.",
        )


def _same_visit(appointment: Appointment, request: VisitRequest) -> VisitRequest:
    """The request for the new slot. Raises RuleViolation where it asks for another visit than the one at hand."""
    known = appointment.visit
    for field in ("patient_id", "service_type"):
        if getattr(request, field) != getattr(known, field):
            raise RuleViolation(
                "another-visit",
                f"The appointment has {field} {getattr(known, field)}; moving it does not change that.",
                field,
                "Send what the appointment has, or book another visit.",
            )
    if request.claim_id not in (None, known.claim_id):
        raise RuleViolation("another-visit", "The appointment counts for another claim.", "claim_id", "Leave it out.")
    return replace(request, claim_id=known.claim_id, skills=request.skills or known.skills)


def _occupy(uow: UnitOfWork, facts: Facts, agenda: Agenda, left: Agenda, id_: str) -> None:
    """Write both slots and the claim's day; what changed on published days is told to the therapists."""
    budget = facts.budget
    if budget is not None:
        budget = (budget.release(id_) or budget).reserve(facts.reservation(id_, None), uow.now)
    others: list[TherapistDay | Calendar] = []
    if (left.day.therapist_id, left.day.date) != (agenda.day.therapist_id, agenda.day.date):
        others.append(_told(uow, facts.directory, left.day))
    if left.room is not None and (agenda.room is None or left.room.owner != agenda.room.owner):
        others.append(left.room)
    occupy(uow, replace(agenda, day=_told(uow, facts.directory, agenda.day)), budget, *others)


def _told(uow: UnitOfWork, directory: Directory, day: TherapistDay) -> TherapistDay:
    mark_changed(uow, day.therapist_id, day.date)
    return days.tell_changes(uow, directory, day)
