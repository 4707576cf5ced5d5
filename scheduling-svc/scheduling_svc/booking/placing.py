"""Putting a visit into the days of whoever makes it: of one therapist, or for a tandem of two at the same moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from fascia.ids import new_id
from fascia.problem import RuleViolation
from fascia.store import UnitOfWork
from scheduling_svc.booking.agenda import Agenda
from scheduling_svc.booking.occupying import Facts, occupy, screened
from scheduling_svc.booking.visit import PlannedVisit, VisitRequest
from scheduling_svc.budget.budget import Budget
from scheduling_svc.plans.marks import mark_changed
from scheduling_svc.routing import days
from scheduling_svc.routing.run import Fit
from scheduling_svc.workforce.service_type import ServiceType


@dataclass(frozen=True)
class Wanted:
    """A visit that is asked for; `second_therapist_id` comes along, `ends_at` is the end that the caller names."""

    request: VisitRequest
    ends_at: datetime | None = None
    second_therapist_id: str | None = None


@dataclass(frozen=True)
class Placed:
    """One therapist's part of a visit, in that therapist's day."""

    id: str
    visit: PlannedVisit
    fit: Fit


def screened_halves(uow: UnitOfWork, wanted: Wanted) -> list[Facts]:
    """What a visit, and for a tandem each of its halves, depends on. Raises for one that may not take place."""
    first = screened(uow, wanted.request, wanted.ends_at)
    _require_as_many(first.visit.service, wanted)
    if wanted.second_therapist_id is None:
        return [first]
    return [first, screened(uow, second_half(wanted.request, wanted.second_therapist_id), wanted.ends_at)]


def second_half(request: VisitRequest, therapist_id: str) -> VisitRequest:
    """The same visit for the other therapist. A claim counts one visit, however many come."""
    if therapist_id == request.therapist_id:
        raise RuleViolation(
            "tandem-of-one",
            "A tandem visit is made by two different therapists.",
            "second_therapist_id",
            "Name another therapist.",
        )
    return replace(request, therapist_id=therapist_id, claim_id=None, partner_id=request.partner_id or new_id())


def place(uow: UnitOfWork, halves: list[Facts], held_until: datetime | None) -> list[Placed]:
    """Occupy all that a visit needs, or raise Conflict and occupy nothing."""
    ids = [new_id() for _ in halves]
    first = halves[0]
    budget = first.budget.reserve(first.reservation(ids[0], held_until), uow.now) if first.budget else None
    partners: list[str | None] = [*reversed(ids)] if len(ids) > 1 else [None]
    agenda: Agenda | None = None
    placed, agendas = [], []
    for id_, partner_id, facts in zip(ids, partners, halves, strict=True):
        visit = replace(facts.visit, request=replace(facts.visit.request, partner_id=partner_id))
        mine = facts.agenda.beside(agenda) if agenda else facts.agenda
        agenda, fit = mine.with_visit(id_, visit, facts.around, held_until)
        placed.append(Placed(id_, as_planned(id_, visit, agenda), fit))
        agendas.append(agenda)
    settle(uow, halves, agendas, budget, booked=held_until is None)
    return placed


def settle(uow: UnitOfWork, halves: list[Facts], agendas: list[Agenda], budget: Budget | None, *, booked: bool) -> None:
    """Write what the halves occupy; what was booked on published days is told to the therapists."""
    told = [agenda.day for agenda in agendas]
    if booked:
        told = [days.tell_changes(uow, facts.directory, day) for facts, day in zip(halves, told, strict=True)]
        for day in told:
            mark_changed(uow, day.therapist_id, day.date)
    occupy(uow, replace(agendas[-1], day=told[-1]), budget, *told[:-1])


def as_planned(id_: str, visit: PlannedVisit, agenda: Agenda) -> PlannedVisit:
    """The visit at the time that its day has planned for it."""
    stop = agenda.day.stop(id_)
    assert stop is not None
    return replace(visit, request=replace(visit.request, starts_at=stop.starts_at))


def _require_as_many(service: ServiceType, wanted: Wanted) -> None:
    if service.therapists > 1 and wanted.second_therapist_id is None:
        raise RuleViolation(
            "second-therapist-required",
            f"{service.name} is given by two therapists together.",
            "second_therapist_id",
            "Name the second therapist; offers do.",
        )
    if service.therapists == 1 and wanted.second_therapist_id is not None:
        raise RuleViolation(
            "no-tandem", f"{service.name} is given by one therapist.", "second_therapist_id", "Leave it out."
        )
