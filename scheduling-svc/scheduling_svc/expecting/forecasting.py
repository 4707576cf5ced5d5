"""Reckoning what the days to come will ask for: visits of the weeks before, planned as if they had been booked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

from fascia.store import UnitOfWork
from scheduling_svc.expecting.expected import ExpectedDay, ExpectedVisit, Place
from scheduling_svc.planning.plan import Plan
from scheduling_svc.plans.assembling import Assembled
from scheduling_svc.plans.finding import Solve, find_plan
from scheduling_svc.plans.reading import members_of, prepare_travel, read_region
from scheduling_svc.routing import store as routing
from scheduling_svc.routing.therapist_day import Stop
from scheduling_svc.workforce import store as workforce
from scheduling_svc.workforce.place import MOBILE


def expect(uow: UnitOfWork, region: str, dates: Sequence[date], weeks: int, solve: Solve) -> list[ExpectedDay]:
    """What is expected of some days that belong together, such as those of a week; outside a transaction.

    Patients who will call are free on any of the days: so the plan puts neighbours on the same day. What is booked
    already stands for what was expected nearest to it. Empty where nobody works on these days.
    """
    source = read_region(uow, region, dates)
    if not any(shift.setting == MOBILE for day in source.days for shift in day.shifts):
        return []
    wanted = past_visits(uow, region, dates, weeks)
    stops = [stop for day in source.days for stop in day.stops]
    whole = ExpectedDay(region, dates[0], tuple(wanted)).answered_by(stops)
    found = find_plan(replace(source, expected=whole.visits), prepare_travel(uow, source), solve)
    places = places_of(found.assembled, found.plan)
    visits: defaultdict[date, list[ExpectedVisit]] = defaultdict(list)
    for visit in whole.visits:
        if visit.id in places:
            visits[places[visit.id].date].append(visit)
    answered = {day.date: frozenset[str]() for day in source.days}
    for day in source.days:
        answered[day.date] |= {stop.id for stop in day.stops}
    days = (ExpectedDay(region, on, tuple(visits[on]), answered.get(on, frozenset())) for on in dates)
    return [day.placed(places) for day in days]


def past_visits(uow: UnitOfWork, region: str, dates: Iterable[date], weeks: int) -> list[ExpectedVisit]:
    """As many visits as such days have had in the mean of the weeks before, evenly taken from all of them.

    Each is first expected of the therapist who made it, at the time of the week when it was made.
    """
    members = members_of(workforce.directory(uow), region)
    back = {on - timedelta(weeks=past): timedelta(weeks=past) for on in dates for past in range(1, weeks + 1)}
    days = routing.calendars(uow, [routing.day_owner(id_, on) for id_ in members for on in back]).days()
    found = [
        _expected(stop, day.therapist_id, back[day.date])
        for day in days
        for stop in day.booked()
        if stop.setting == MOBILE and stop.service_type
    ]
    return sorted(found, key=lambda visit: sha256(visit.id.encode()).digest())[::weeks]


def places_of(assembled: Assembled, plan: Plan) -> dict[str, Place]:
    """Where a plan put the expected visits."""
    expected = {visit.id for visit in assembled.source.expected}
    return {
        visit.visit: Place(day.therapist_id, day.date, assembled.moment(visit.starts))
        for run in plan.runs
        for day, _ in [assembled.shifts[run.run]]
        for visit in run.visits
        if visit.visit in expected
    }


def _expected(stop: Stop, therapist_id: str, since: timedelta) -> ExpectedVisit:
    return ExpectedVisit(
        id=f"expected-{stop.id}",
        place=stop.place,
        service_type=stop.service_type,
        minutes=stop.minutes,
        skills=stop.skills,
        therapist_id=therapist_id,
        starts_at=stop.starts_at + since,
    )
