"""Policies to stand beside: a calendar, two that know the road but never plan anew, and one that promises less."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from scheduling_svc.booking.offers import Offer
from scheduling_svc.workforce.planning_policy import PlanningPolicy
from slotting_checker import Routes, Stop
from slotting_memory import Week
from slotting_world import DAYS, LUNCH, LUNCH_FROM, SHIFT, THERAPISTS, VISIT, World

_ALL = 400
_PAD = 30
"""Minutes that a calendar leaves between visits for whatever drive there may be."""
_DRIVING = PlanningPolicy(fill_minutes=0, unfairness=0, change_of_hands_minutes=0)
"""Driving is all that counts."""


def calendar(world: World) -> Routes:
    """Slots of a visit and half an hour, lunch at half past eleven, the first free one of whoever has the skill.

    It does not know about travel, so it comes late: the checker says how often.
    """
    routes: Routes = {(therapist, day): [] for therapist in range(THERAPISTS) for day in range(DAYS)}
    for request in world.requests:
        places = ((day, slot, therapist) for day in range(DAYS) for slot in _slots() for therapist in range(THERAPISTS))
        for day, slot, therapist in places:
            stops = routes[therapist, day]
            if world.may(therapist, request) and all(stop.starts != slot for stop in stops):
                stops.append(Stop(request.number, slot, (slot, slot)))
                stops.sort(key=lambda stop: stop.starts)
                break
    return routes


def earliest(world: World) -> Routes:
    """The first window that can be driven, wherever it is."""
    return _greedy(world, lambda offer: (offer.visit.promised.earliest, offer.added_drive_minutes))


def cheapest(world: World) -> Routes:
    """The window that adds the least driving."""
    return _greedy(world, lambda offer: (offer.added_drive_minutes, offer.visit.promised.earliest))


def day_alone(world: World) -> Routes:
    """Not a policy to follow: nobody chooses and only the day is promised; it is planned anew after every booking.

    It shows what not knowing who will call costs, beside what choice and windows cost. It proves no bound.
    """
    week = Week(world, grid=30, promise=SHIFT - VISIT, policy=_DRIVING)
    week.expect(20_000)
    for request in world.requests:
        for offer in week.offers(request, 1):
            _, day = week.book(request, offer)
            week.replan(day, rounds=1_000)
    return week.routes()


POLICIES: Mapping[str, Callable[[World], Routes]] = {
    "calendar: 60 + 30 minute slots, knows no travel": calendar,
    "earliest: the first window that can be driven": earliest,
    "cheapest insertion: never planned anew": cheapest,
    "the day alone: no window, the best offer taken, planned anew": day_alone,
}


def _slots() -> list[int]:
    found, at = [], 0
    while at + VISIT <= SHIFT:
        if at < LUNCH_FROM + LUNCH and at + VISIT > LUNCH_FROM:
            at = LUNCH_FROM + LUNCH
        found.append(at)
        at += VISIT + _PAD
    return found


def _greedy(world: World, order: Callable[[Offer], object]) -> Routes:
    week = Week(world, policy=_DRIVING)
    for request in world.requests:
        offers = week.offers(request, _ALL)
        if offers:
            week.book(request, min(offers, key=order))  # type: ignore[type-var,arg-type]
    return week.routes()
