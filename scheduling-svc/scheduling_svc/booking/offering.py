"""Finding offers: what they depend on is read in two trips, whatever the number of therapists and days."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from fascia.problem import RuleViolation
from fascia.store import UnitOfWork
from scheduling_svc.booking.occupying import claim_among
from scheduling_svc.booking.offers import Offer, offers
from scheduling_svc.booking.reach import Situation, candidates
from scheduling_svc.booking.screening import patient_refusal
from scheduling_svc.booking.visit import home_of
from scheduling_svc.booking.wish import Wish
from scheduling_svc.budget import store as budgets
from scheduling_svc.budget.budget import Budget, needs_claim
from scheduling_svc.expecting import store as expecting
from scheduling_svc.expecting.expected import ExpectedVisit
from scheduling_svc.patients import store as patients
from scheduling_svc.patients.patient import Patient
from scheduling_svc.routing import store as routing
from scheduling_svc.routing.calendar import Calendar, patient_owner, room_owner
from scheduling_svc.routing.therapist_day import TherapistDay
from scheduling_svc.store import Documents, read
from scheduling_svc.travel.supplying import Day, DayPlaces, prepared_travel, require_reachable
from scheduling_svc.travel.travel import Basis
from scheduling_svc.workforce import store as workforce
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import MOBILE, Coordinates
from scheduling_svc.workforce.therapist import Therapist

LONGEST_DAYS = 31


@dataclass(frozen=True)
class Found:
    """Offers, and what the drive times rest on by which they were judged."""

    offers: list[Offer]
    travel: Basis


def find_offers(uow: UnitOfWork, wish: Wish) -> Found:
    """The best offers. Raises what would forbid each of them, so that an empty list means that nobody is free."""
    _require_span(wish)
    directory = workforce.directory(uow)
    service = directory.service_type(wish.service_type)
    needs_claim(wish.claim_id, is_treatment=service.is_treatment, requires_prescription=service.requires_prescription)
    if wish.location_id is not None:
        directory.location(wish.location_id)
    zones = [therapist.time_zone for therapist in directory.therapists.values()]
    zones += [location.time_zone for location in directory.locations.values()]
    on_days = wish.days(zones or [directory.practice.time_zone])
    therapists = candidates(wish, directory)
    documents = read(uow, _keys(wish, directory, therapists, on_days))
    patient = patients.among(uow, documents, wish.patient_id)
    profile = patient.registered()
    budget = claim_among(documents, wish.claim_id, wish.patient_id)
    _require_allowed(uow, wish, patient, budget, on_days, treatment=service.is_treatment)
    preference = patients.preference_among(documents, wish.patient_id)
    if wish.therapist_id is not None and (refused := preference.refusal(wish.therapist_id)) is not None:
        raise refused
    home = home_of(profile, therapists[0]).coordinates if wish.mobile and therapists else None
    days, calendars = _without_the_visit_to_be_moved(uow, wish, directory, documents, on_days)
    travel = prepared_travel(uow, directory, _places(directory, days, home))
    if home is not None:
        require_reachable(travel.in_zone(directory.practice.time_zone), home)
    situation = Situation(
        directory=directory,
        patient=patient,
        profile=profile,
        preference=preference,
        days=days,
        calendars=calendars,
        own_calendar=calendars[patient_owner(wish.patient_id)],
        travel=travel,
        allows=_coverage(budget, mobile=wish.mobile),
        now=uow.now,
        expected=_expected(uow, documents, days, directory),
    )
    return Found(offers(wish, situation), travel.basis())


def _without_the_visit_to_be_moved(
    uow: UnitOfWork, wish: Wish, directory: Directory, documents: Documents, on_days: list[date]
) -> tuple[list[TherapistDay], dict[str, Calendar]]:
    """Days and calendars. A visit that would be moved is in nobody's way."""
    found = routing.Calendars(uow, documents)
    owners = [patient_owner(wish.patient_id), *_rooms(wish, directory, on_days)]
    moved = wish.instead_of
    if moved is None:
        return found.days(), {owner: found.calendar(owner) for owner in owners}
    return [day.without(moved) for day in found.days()], {o: found.calendar(o).without(moved) for o in owners}


def _expected(
    uow: UnitOfWork, documents: Documents, days: Iterable[TherapistDay], directory: Directory
) -> dict[tuple[str, date], list[ExpectedVisit]]:
    """What is expected of each therapist's day beside what is booked."""
    found: dict[tuple[str, date], list[ExpectedVisit]] = {}
    if not directory.practice.planning.foresight_weeks:
        return found
    for region, on in {(directory.therapist(day.therapist_id).region, day.date) for day in days}:
        known = expecting.among(uow, documents, region, on)
        for visit in known.visits if known else ():
            if visit.therapist_id is not None:
                found.setdefault((visit.therapist_id, on), []).append(visit)
    return found


def _places(directory: Directory, days: Iterable[TherapistDay], home: Coordinates | None) -> list[DayPlaces]:
    """Between which places somebody might drive, by region and day."""
    found: dict[Day, set[Coordinates]] = {}
    for day in days:
        therapist = directory.therapist(day.therapist_id)
        places = found.setdefault(Day(day.date, therapist.region), {home} if home else set())
        bases = {directory.base(shift, therapist) for shift in day.shifts if shift.setting == MOBILE}
        if home is not None and bases:
            places |= {*bases, *(stop.place for stop in day.stops if stop.setting == MOBILE)}
    return [DayPlaces(day, frozenset(places)) for day, places in found.items()]


def _require_span(wish: Wish) -> None:
    if wish.latest <= wish.earliest:
        raise RuleViolation("span-is-empty", "`to` is not after `from`.", "to", "Send a later moment.")
    if (wish.latest - wish.earliest).days >= LONGEST_DAYS:
        raise RuleViolation(
            "span-too-long", f"Offers are searched for {LONGEST_DAYS} days at most.", "to", "Ask again."
        )


def _require_allowed(
    uow: UnitOfWork, wish: Wish, patient: Patient, budget: Budget | None, days: list[date], *, treatment: bool
) -> None:
    """Raise the reason when no day at all is allowed: an answer that says why is worth more than an empty list."""
    mobile = wish.mobile
    refused = patient_refusal(patient, days[0], treatment=treatment, mobile=mobile)
    if refused is not None:
        raise refused
    if budget is None:
        return
    budget.require_room(uow.now)
    if not any(map(_coverage(budget, mobile=mobile), days)):
        budget.require_cover(days[0], mobile)


def _coverage(budget: Budget | None, *, mobile: bool) -> Callable[[date], bool]:
    current = budget.current if budget else None
    if budget is None:
        return lambda _: True
    return lambda day: current is not None and current.covers(day, mobile)


def _rooms(wish: Wish, directory: Directory, days: list[date]) -> list[str]:
    if wish.mobile:
        return []
    sites = {location.id for location in directory.locations.values() if location.setting == wish.setting}
    rooms = (room.id for room in directory.rooms.values() if room.location_id in sites)
    return [room_owner(room_id, day.isoformat()) for room_id in rooms for day in days]


def _keys(wish: Wish, directory: Directory, therapists: list[Therapist], days: list[date]) -> list[str]:
    patient_id = wish.patient_id
    keys = [patients.key(patient_id), patients.preference_key(patient_id), patient_owner(patient_id)]
    if wish.claim_id is not None:
        keys.append(budgets.key(wish.claim_id))
    keys += [routing.day_owner(therapist.id, day) for therapist in therapists for day in days]
    if directory.practice.planning.foresight_weeks and wish.mobile:
        keys += [expecting.key(region, day) for region in {one.region for one in therapists} for day in days]
    return keys + _rooms(wish, directory, days)
