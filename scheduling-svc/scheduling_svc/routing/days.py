"""What is done with a therapist's day: shifts are added, it is published, and published again when it changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from fascia.ids import new_id
from fascia.problem import Conflict
from fascia.store import UnitOfWork
from scheduling_svc.patients import store as patients
from scheduling_svc.routing import store
from scheduling_svc.routing.page_link import page_link
from scheduling_svc.routing.route import Route, draw_route, published_event
from scheduling_svc.routing.therapist_day import TherapistDay
from scheduling_svc.travel.supplying import Day, travel_for
from scheduling_svc.workforce import store as workforce
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.shift import Shift, plan_shift


def add_shift(
    uow: UnitOfWork,
    therapist_id: str,
    local_start: str,
    local_end: str,
    time_zone: str | None = None,
    location_id: str | None = None,
    breaks: Sequence[dict[str, Any]] = (),
    depot_id: str | None = None,
) -> Shift:
    """Add working time. Raises NotFound, RuleViolation or Conflict."""
    directory = workforce.directory(uow)
    therapist = directory.therapist(therapist_id)
    location = directory.location(location_id) if location_id else None
    pauses = [(one["local_earliest"], one["local_latest"], one["minutes"]) for one in breaks]
    depot = directory.location(depot_id) if depot_id else None
    shift = plan_shift(new_id(), therapist, location, local_start, local_end, time_zone, pauses, depot)
    workforce.save_roster(uow, workforce.get_roster(uow, therapist_id).with_shift(shift))
    store.save(uow, find_day(uow, therapist_id, shift.date).with_shift(shift))
    return shift


def find_day(uow: UnitOfWork, therapist_id: str, day: date) -> TherapistDay:
    """A day of a therapist, an empty one where nothing was planned."""
    return store.calendars(uow, [store.day_owner(therapist_id, day)]).day(therapist_id, day)


def publish_day(uow: UnitOfWork, therapist_id: str, on: date) -> Route:
    """Tell the therapist the day as it is. Raises NotFound, or Conflict where there is nothing to tell."""
    directory = workforce.directory(uow)
    directory.therapist(therapist_id)
    day = find_day(uow, therapist_id, on)
    if not day.shifts:
        raise Conflict(
            "nothing-to-publish", f"The therapist has no shift on {on}.", "date", "Add a shift, or choose another day."
        )
    told, route = _publish(uow, directory, day)
    store.save(uow, told)
    return route


def begin_visit(uow: UnitOfWork, therapist_id: str, on: date, visit_id: str) -> None:
    """A visit has begun: nothing that is planned later moves it. Doing it twice changes nothing."""
    day = find_day(uow, therapist_id, on)
    begun = day.with_begun(visit_id)
    if begun != day:
        store.save(uow, begun)


def tell_changes(uow: UnitOfWork, directory: Directory, day: TherapistDay) -> TherapistDay:
    """After a published day changed: its next revision, told at once. A day that was not published stays as it is."""
    return _publish(uow, directory, day)[0] if day.is_published else day


def latest_route(uow: UnitOfWork, therapist_id: str, on: date, revision: int | None = None) -> Route:
    """A published revision, by default the latest. Raises NotFound."""
    wanted = revision if revision is not None else find_day(uow, therapist_id, on).revision
    return store.get_route(uow, therapist_id, on, wanted)


def _publish(uow: UnitOfWork, directory: Directory, day: TherapistDay) -> tuple[TherapistDay, Route]:
    before = store.get_route(uow, day.therapist_id, day.date, day.revision) if day.revision else None
    told = day.published()
    profiles = patients.profiles(uow, [stop.patient_id for stop in told.booked()])
    region = directory.therapist(day.therapist_id).region
    travel = travel_for(uow, directory, [Day(day.date, region)])
    route = draw_route(told, directory, profiles, travel, before, uow.now)
    store.save_route(uow, route)
    page = page_link(uow, directory.practice, route.therapist_id, route.date, route.time_zone)
    uow.publish("route.published", published_event(route, directory, page), sequence=route.revision)
    return told, route
