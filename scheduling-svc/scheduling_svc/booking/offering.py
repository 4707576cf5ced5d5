"""Finding offers: what they depend on is read in two trips, whatever the number of therapists and days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from fascia.problem import RuleViolation
from fascia.store import UnitOfWork
from scheduling_svc.booking.occupying import claim_among
from scheduling_svc.booking.offers import Offer, Situation, Wish, candidates, days_between, offers
from scheduling_svc.booking.screening import patient_refusal
from scheduling_svc.booking.visit import home_of
from scheduling_svc.budget import store as budgets
from scheduling_svc.budget.budget import Budget, needs_claim
from scheduling_svc.patients import store as patients
from scheduling_svc.patients.patient import Patient
from scheduling_svc.routing import store as routing
from scheduling_svc.routing.calendar import patient_owner, room_owner
from scheduling_svc.store import read
from scheduling_svc.workforce import store as workforce
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import MOBILE
from scheduling_svc.workforce.therapist import Therapist

LONGEST_DAYS = 31


def find_offers(uow: UnitOfWork, wish: Wish) -> list[Offer]:
    """The best offers. Raises what would forbid each of them, so that an empty list means that nobody is free."""
    _require_span(wish)
    directory = workforce.directory(uow)
    service = directory.service_type(wish.service_type)
    needs_claim(wish.claim_id, is_treatment=service.is_treatment, requires_prescription=service.requires_prescription)
    if wish.location_id is not None:
        directory.location(wish.location_id)
    therapists = candidates(wish, directory)
    zones = [therapist.time_zone for therapist in therapists]
    zones += [location.time_zone for location in directory.locations.values()]
    on_days = days_between(wish, zones or [directory.practice.time_zone])
    documents = read(uow, _keys(wish, directory, therapists, on_days))
    patient = patients.among(uow, documents, wish.patient_id)
    profile = patient.registered()
    budget = claim_among(documents, wish.claim_id, wish.patient_id)
    _require_allowed(uow, wish, patient, budget, on_days, treatment=service.is_treatment)
    if wish.setting == MOBILE and therapists:
        home_of(profile, therapists[0])
    found = routing.Calendars(uow, documents)
    situation = Situation(
        directory=directory,
        patient=patient,
        profile=profile,
        days=found.days(),
        calendars={owner: found.calendar(owner) for owner in _rooms(wish, directory, on_days)},
        own_calendar=found.calendar(patient_owner(wish.patient_id)),
        allows=_coverage(budget, mobile=wish.setting == MOBILE),
        now=uow.now,
    )
    return offers(wish, situation)


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
    mobile = wish.setting == MOBILE
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
    if wish.setting == MOBILE:
        return []
    sites = {location.id for location in directory.locations.values() if location.setting == wish.setting}
    rooms = (room.id for room in directory.rooms.values() if room.location_id in sites)
    return [room_owner(room_id, day.isoformat()) for room_id in rooms for day in days]


def _keys(wish: Wish, directory: Directory, therapists: list[Therapist], days: list[date]) -> list[str]:
    keys = [patients.key(wish.patient_id), patient_owner(wish.patient_id)]
    if wish.claim_id is not None:
        keys.append(budgets.key(wish.claim_id))
    keys += [routing.day_owner(therapist.id, day) for therapist in therapists for day in days]
    return keys + _rooms(wish, directory, days)
