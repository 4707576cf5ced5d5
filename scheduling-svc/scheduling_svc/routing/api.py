"""Shifts, therapist days and routes over HTTP."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.store import UnitOfWork
from fascia.web.access import access
from fascia.web.etag import set_etag
from fascia.web.pages import page_of
from fascia.web.path_date import path_date
from fascia.web.unit import command, current_uow, query
from scheduling_svc.booking import publishing
from scheduling_svc.roles import DESK, READERS, own_only, require_own, sees_private
from scheduling_svc.routing import days, store
from scheduling_svc.routing.route import Route, legs
from scheduling_svc.routing.schemas import DaySchema, RouteQuerySchema, RouteSchema, RoutesQuerySchema
from scheduling_svc.routing.therapist_day import TherapistDay
from scheduling_svc.travel.supplying import Day, travel_for
from scheduling_svc.workforce import store as workforce
from scheduling_svc.workforce.schemas import ShiftRequestSchema, ShiftSchema
from scheduling_svc.workforce.shift import Shift

blp = Blueprint("routing", __name__, description="Shifts, therapist days and published routes")


@blp.route("/v1/therapists/<therapist_id>/shifts", methods=["POST"])
@access(*DESK)
@command
@blp.arguments(ShiftRequestSchema)
@blp.response(201, ShiftSchema)
def add_shift(fields: dict[str, Any], therapist_id: str) -> Shift:
    """Add working time, in wall time."""
    return days.add_shift(current_uow(), therapist_id, **fields)


@blp.route("/v1/therapists/<therapist_id>/shifts", methods=["GET"])
@access(*READERS)
@query
@blp.response(200, ShiftSchema(many=True))
def list_shifts(therapist_id: str) -> list[Shift]:
    """All shifts of a therapist, by time."""
    uow = current_uow()
    workforce.directory(uow).therapist(therapist_id)
    return sorted(workforce.get_roster(uow, therapist_id).shifts, key=lambda shift: shift.starts_at)


@blp.route("/v1/therapists/<therapist_id>/days/<day>", methods=["GET"])
@access(*READERS)
@query
@blp.response(200, DaySchema)
def get_day(therapist_id: str, day: str) -> dict[str, Any]:
    """A therapist's day: shifts, visits, drives."""
    uow = current_uow()
    require_own(uow, therapist_id)
    workforce.directory(uow).therapist(therapist_id)
    found = days.find_day(uow, therapist_id, path_date(day))
    set_etag(max(found.version, 1))
    return _shown(uow, found)


@blp.route("/v1/therapists/<therapist_id>/days/<day>/publication", methods=["POST"])
@access(*DESK)
@command
@blp.response(201, RouteSchema)
def publish_day(therapist_id: str, day: str) -> Route:
    """Publish the day to the therapist: a new revision."""
    return publishing.publish_day(current_uow(), therapist_id, path_date(day))


@blp.route("/v1/routes", methods=["GET"])
@access(*READERS)
@query
@blp.arguments(RoutesQuerySchema, location="query")
@blp.response(200, page_of(RouteSchema))
def list_routes(wanted: dict[str, Any]) -> dict[str, Any]:
    """Every published revision, by therapist, day and number."""
    uow = current_uow()
    mine = own_only(uow)
    if wanted["therapist_id"] is None and mine is not None:
        wanted["therapist_id"] = mine
    require_own(uow, wanted["therapist_id"] or "")
    routes, next_cursor = store.routes_page(uow, wanted)
    return {"items": [_seen(uow, route) for route in routes], "next_cursor": next_cursor}


@blp.route("/v1/routes/<therapist_id>/<day>", methods=["GET"])
@access(*READERS)
@query
@blp.arguments(RouteQuerySchema, location="query")
@blp.response(200, RouteSchema)
def get_route(wanted: dict[str, Any], therapist_id: str, day: str) -> Route:
    """A published route, by default its latest revision."""
    uow = current_uow()
    require_own(uow, therapist_id)
    route = days.latest_route(uow, therapist_id, path_date(day), wanted["revision"])
    set_etag(route.revision)
    return _seen(uow, route)


def _seen(uow: UnitOfWork, route: Route) -> Route:
    return route if sees_private(uow, route.therapist_id) else route.without_door_notes()


def _shown(uow: UnitOfWork, day: TherapistDay) -> dict[str, Any]:
    live = tuple(stop for stop in day.stops if stop.live(uow.now))
    directory = workforce.directory(uow)
    travel = travel_for(uow, directory, [Day(day.date, directory.therapist(day.therapist_id).region)])
    stops = [{**vars(stop), "drive_minutes": drive} for stop, drive in legs(day, live, directory, travel)]
    return {**vars(day), "stops": stops}
