"""A visit that has to be made today: it goes where it breaks no promise, and others move behind theirs to make room."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from fascia.ids import new_id
from fascia.localtime import wall
from fascia.problem import Conflict, RuleViolation
from fascia.store import UnitOfWork
from scheduling_svc.booking import visiting
from scheduling_svc.booking.appointment import Appointment
from scheduling_svc.booking.visit import VisitRequest, home_of
from scheduling_svc.disruption.applying import Applied, Rest, apply, plan_region
from scheduling_svc.disruption.replanning import Alternative, alternatives
from scheduling_svc.disruption.rest_of_day import with_visit
from scheduling_svc.patients import store as patients
from scheduling_svc.patients.patient import Patient
from scheduling_svc.patients.preference import Preference
from scheduling_svc.planning.plan import URGENT, PlannedVisit
from scheduling_svc.planning.problem import Visit, Window
from scheduling_svc.plans.assembling import Assembled
from scheduling_svc.plans.reading import regions_of
from scheduling_svc.plans.suiting import Need, may_make
from scheduling_svc.routing.promise import Promise
from scheduling_svc.travel.supplying import Day, travel_for
from scheduling_svc.travel.travel import Travel
from scheduling_svc.workforce import store as workforce
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import MOBILE, Coordinates
from scheduling_svc.workforce.service_type import ServiceType


@dataclass(frozen=True)
class Urgent:
    """Who needs what, and between which moments it has to begin; `since` None: from now on."""

    patient_id: str
    service_type: str
    until: datetime
    since: datetime | None = None
    claim_id: str | None = None
    skills: tuple[str, ...] | list[str] = ()


@dataclass(frozen=True)
class Made:
    """The appointment that was made, and what else changed for it."""

    appointment: Appointment
    region: str
    applied: Applied
    solving_ms: int


@dataclass(frozen=True)
class _Wanted:
    """The visit with all that was looked up for it."""

    id: str
    urgent: Urgent
    service: ServiceType
    patient: Patient
    preference: Preference
    home: Coordinates
    since: datetime


def place(uow: UnitOfWork, on: date, urgent: Urgent) -> Made:
    """Find a place today and book it. Raises NotFound, RuleViolation, or Conflict where nobody can be there in time."""
    wanted = _wanted(uow, urgent)
    directory = workforce.directory(uow)
    tried: list[tuple[str, Rest]] = []
    for region in regions_of(directory):
        travel = travel_for(uow, directory, [Day(on, region)]).in_zone(directory.practice.time_zone)
        rest = plan_region(uow, region, on, lambda assembled, t=travel: _with(assembled, wanted, t))  # type: ignore[misc]
        if rest is not None:
            tried.append((region, rest))
    found = [(rest.outcome.plan.cost.total, region, rest) for region, rest in tried if _planned(rest, wanted)]
    if not found:
        raise _nobody(directory, [rest for _, rest in tried], wanted)
    _, region, rest = min(found, key=lambda one: one[:2])
    run, planned = _planned(rest, wanted) or ("", PlannedVisit("", 0, 0, 0))
    therapist_id = rest.assembled.shifts[run][0].therapist_id
    applied = apply(uow, _without(rest, wanted), "There is no time for it")
    request = _request(wanted, therapist_id, rest.assembled.moment(planned.starts), directory.practice.promise_minutes)
    return Made(visiting.book_now(uow, request), region, applied, rest.solving_ms)


def _wanted(uow: UnitOfWork, urgent: Urgent) -> _Wanted:
    directory = workforce.directory(uow)
    service = directory.service_type(urgent.service_type)
    if MOBILE not in service.settings or service.therapists > 1:
        raise RuleViolation(
            "not-an-urgent-visit",
            f"{service.name} is not a mobile visit of one therapist.",
            "service_type",
            "Ask for offers and book it.",
        )
    since = _full_minute(max(uow.now, urgent.since or uow.now))
    if urgent.until <= since:
        raise RuleViolation("span-is-empty", "It would have to begin in the past.", "until", "Send a later moment.")
    patient, preference = patients.find_with_preference(uow, urgent.patient_id)
    profile = patient.registered()
    anybody = next(iter(directory.therapists.values()), None)
    if anybody is None:
        raise Conflict("nobody-works", "The practice has no therapists yet.", "until", "Add therapists and shifts.")
    home = home_of(profile, anybody).coordinates
    return _Wanted(new_id(), urgent, service, patient, preference, home, since)


def _with(assembled: Assembled, wanted: _Wanted, travel: Travel) -> Assembled:
    source, problem = assembled.source, assembled.problem
    need = Need(wanted.service.code, tuple(wanted.urgent.skills), wanted.home)
    runs = frozenset(
        run
        for run, (day, _) in assembled.shifts.items()
        if may_make(
            source.directory.therapist(day.therapist_id),
            need,
            wanted.patient,
            wanted.preference,
            day.date,
            source.directory,
        )
    )
    window = Window(assembled.seconds(wanted.since), assembled.seconds(wanted.urgent.until))
    visit = Visit(wanted.id, 0, wanted.service.minutes * 60, (window,), runs, prize=URGENT)
    if wanted.home in assembled.places:
        known = replace(visit, place=assembled.places.index(wanted.home))
        return replace(assembled, problem=replace(problem, visits=(*problem.visits, known)))
    there = [travel.minutes(place, wanted.home, wanted.since) * 60 for place in assembled.places]
    back = [travel.minutes(wanted.home, place, wanted.since) * 60 for place in assembled.places]
    places = (*assembled.places, wanted.home)
    return replace(assembled, problem=with_visit(problem, visit, there, back), places=places)


def _planned(rest: Rest, wanted: _Wanted) -> tuple[str, PlannedVisit] | None:
    found = ((run.run, one) for run in rest.outcome.plan.runs for one in run.visits if one.visit == wanted.id)
    return next(found, None)


def _without(rest: Rest, wanted: _Wanted) -> Rest:
    """The plan with the room that was made for it, and without the visit: it is booked like any other."""
    outcome = rest.outcome
    runs = tuple(
        replace(run, visits=tuple(one for one in run.visits if one.visit != wanted.id)) for run in outcome.plan.runs
    )
    problem = replace(outcome.problem, visits=tuple(visit for visit in outcome.problem.visits if visit.id != wanted.id))
    changes = tuple(change for change in outcome.changes if change.visit != wanted.id)
    plan = replace(outcome.plan, runs=runs)
    return replace(rest, outcome=replace(outcome, problem=problem, plan=plan, changes=changes))


def _request(wanted: _Wanted, therapist_id: str, starts_at: datetime, promise_minutes: int) -> VisitRequest:
    latest = min(wanted.urgent.until, starts_at + timedelta(minutes=promise_minutes))
    return VisitRequest(
        patient_id=wanted.urgent.patient_id,
        service_type=wanted.urgent.service_type,
        setting=MOBILE,
        therapist_id=therapist_id,
        starts_at=starts_at,
        claim_id=wanted.urgent.claim_id,
        skills=tuple(wanted.urgent.skills),
        promise=Promise(starts_at, latest) if promise_minutes and latest > starts_at else None,
    )


def _nobody(directory: Directory, tried: list[Rest], wanted: _Wanted) -> Conflict:
    """Why not, and when somebody could: the first moment after the span, beside what was promised to others."""
    later: list[tuple[datetime, str]] = []
    for rest in tried:
        ways: tuple[Alternative, ...] = alternatives(rest.outcome.problem, rest.outcome.plan, wanted.id)
        later += [(rest.assembled.moment(one.starts), rest.assembled.shifts[one.run][0].therapist_id) for one in ways]
    if not later:
        return Conflict(
            "no-place-for-urgent-visit",
            "No therapist who may make this visit can be there on that day.",
            "until",
            "Choose another day, or add a shift.",
        )
    starts_at, therapist_id = min(later)
    zone = directory.therapist(therapist_id).time_zone
    return Conflict(
        "no-place-for-urgent-visit",
        "Nobody can be there in time beside what was promised to others.",
        "until",
        f"Therapist {therapist_id} could begin at {wall(starts_at, zone)}: send a later moment.",
    )


def _full_minute(moment: datetime) -> datetime:
    floor = moment.replace(second=0, microsecond=0)
    return floor if floor == moment else floor + timedelta(minutes=1)
