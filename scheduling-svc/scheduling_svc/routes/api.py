"""A route's link and calendar file, and the visits that therapists gave up, over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response
from flask_smorest import Blueprint

from fascia.web.access import access, current_principal
from fascia.web.etag import set_etag
from fascia.web.pages import page_of
from fascia.web.path_date import path_date
from fascia.web.unit import command, current_uow, query
from scheduling_svc.roles import DESK, READERS, WORKERS, require_own
from scheduling_svc.routes import store
from scheduling_svc.routes.acting import settle
from scheduling_svc.routes.calendar_file import calendar_file
from scheduling_svc.routes.given_up import GivenUp
from scheduling_svc.routes.reading import read_route
from scheduling_svc.routes.schemas import GivenUpQuerySchema, GivenUpSchema, RouteLinkSchema
from scheduling_svc.routing.page_link import PageLink, end_links, page_link
from scheduling_svc.workforce import store as workforce

CALENDAR = "text/calendar; charset=utf-8"

blp = Blueprint("routes", __name__, description="A route on the therapist's phone")


@blp.route("/v1/routes/<therapist_id>/<day>/links", methods=["POST"])
@access(*WORKERS)
@command
@blp.response(201, RouteLinkSchema)
def make_link(therapist_id: str, day: str) -> PageLink:
    """Make a link to the page of a published day, for a therapist who lost the message."""
    uow = current_uow()
    require_own(uow, therapist_id)
    route, _ = read_route(uow, therapist_id, path_date(day))
    return page_link(uow, workforce.directory(uow).practice, therapist_id, route.date, route.time_zone)


@blp.route("/v1/routes/<therapist_id>/<day>/links", methods=["DELETE"])
@access(*WORKERS)
@command
@blp.response(204)
def end_all_links(therapist_id: str, day: str) -> None:
    """End every link to the day that was made so far, for a phone that was lost."""
    uow = current_uow()
    require_own(uow, therapist_id)
    route, _ = read_route(uow, therapist_id, path_date(day))
    end_links(uow, therapist_id, route.date)


@blp.route("/v1/routes/<therapist_id>/<day>.ics", methods=["GET"])
@access(*READERS)
@query
@blp.doc(responses={"200": {"description": "the day as iCalendar", "content": {"text/calendar": {}}}})
def show_calendar(therapist_id: str, day: str) -> Response:
    """The latest revision as a calendar file: times and towns, no names."""
    uow = current_uow()
    require_own(uow, therapist_id)
    route, before = read_route(uow, therapist_id, path_date(day))
    set_etag(route.revision)
    return calendar_answer(calendar_file(route, before), route.date)


@blp.route("/v1/given-up-visits", methods=["GET"])
@access(*READERS)
@query
@blp.arguments(GivenUpQuerySchema, location="query")
@blp.response(200, page_of(GivenUpSchema))
def list_given_up(wanted: dict[str, Any]) -> dict[str, Any]:
    """Visits that therapists on the road said they cannot make."""
    given_up, next_cursor = store.given_up_page(current_uow(), wanted)
    return {"items": given_up, "next_cursor": next_cursor}


@blp.route("/v1/given-up-visits/<given_up_id>/settlement", methods=["POST"])
@access(*DESK)
@command
@blp.response(200, GivenUpSchema)
def settle_given_up(given_up_id: str) -> GivenUp:
    """Say that somebody sees to it; the therapist's page then says so."""
    return settle(current_uow(), given_up_id, current_principal().subject)


def calendar_answer(content: bytes, day: date) -> Response:
    """A calendar file to be saved or opened."""
    named = {"Content-Disposition": f'attachment; filename="route-{day.isoformat()}.ics"'}
    return Response(content, content_type=CALENDAR, headers=named)
