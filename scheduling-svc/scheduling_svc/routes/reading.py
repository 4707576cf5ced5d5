"""Gathering what the page of a day shows."""

from __future__ import annotations

from datetime import date

from fascia.localtime import local_date
from fascia.problem import NotFound
from fascia.store import UnitOfWork
from scheduling_svc.booking import store as booking
from scheduling_svc.disruption import live
from scheduling_svc.disruption.eta import Eta
from scheduling_svc.patients import store as patients
from scheduling_svc.routes import store
from scheduling_svc.routes.sheet import Facts, Sheet, sheet_of
from scheduling_svc.routing import days
from scheduling_svc.routing import store as routing
from scheduling_svc.routing.route import Route
from scheduling_svc.workforce import store as workforce


def read_sheet(uow: UnitOfWork, therapist_id: str, on: date) -> Sheet:
    """The page of a therapist's day. Raises NotFound where nothing was published."""
    route, before = read_route(uow, therapist_id, on)
    stops = [stop for each in (*before, route) for stop in each.stops]
    appointments = booking.find_appointments(uow, {stop.appointment_id for stop in stops})
    facts = Facts(
        route=route,
        before=before,
        shifts=days.find_day(uow, therapist_id, on).shifts,
        directory=workforce.directory(uow),
        appointments={appointment.id: appointment for appointment in appointments},
        profiles=patients.profiles(uow, {stop.patient_id for stop in route.stops}),
        given_up=store.given_up_on(uow, therapist_id, on),
        expected=_expected(uow, route),
    )
    return sheet_of(facts, uow.now)


def _expected(uow: UnitOfWork, route: Route) -> dict[str, Eta]:
    """Live times, on the day itself: before it everything is expected as planned."""
    if local_date(uow.now, route.time_zone) != route.date:
        return {}
    return {one.appointment.id: one.eta for one in live.expected_today(uow, route.therapist_id, route.date)}


def read_route(uow: UnitOfWork, therapist_id: str, on: date) -> tuple[Route, list[Route]]:
    """The latest revision and those before it, oldest first. Raises NotFound."""
    revisions = routing.revisions(uow, therapist_id, on)
    if not revisions:
        raise NotFound("published route", f"{therapist_id}:{on.isoformat()}")
    return revisions[-1], revisions[:-1]
