"""/r/{token}: the page on which a therapist works through a day, reached by the signed link of a message.

GET never changes anything, because mail scanners and link previews follow links. There is no CSRF token: the page uses
no cookie and no login, so another site has no standing of the visitor to abuse; it would have to know the signed link
itself, and whoever knows that may act.

Everything is rendered here and works without scripts. The script adds the bad connection: it keeps taps on the phone
and sends each under its own Idempotency-Key until it is answered; the service worker keeps the last page.
"""

from __future__ import annotations

import base64
from datetime import date, datetime
from hashlib import sha256
from importlib import resources
from typing import Any

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask_smorest import Blueprint
from markupsafe import Markup
from marshmallow import ValidationError

from fascia.links import ROUTE, Link, read_link
from fascia.problem import Problem, RuleViolation
from fascia.web.access import Principal, Role, public
from fascia.web.headers import page_policy
from fascia.web.problems import response_of
from fascia.web.schemas import instant
from fascia.web.unit import command, current_runtime, current_uow, query
from scheduling_svc.routes.acting import Tap, act
from scheduling_svc.routes.action import Action
from scheduling_svc.routes.api import calendar_answer
from scheduling_svc.routes.calendar_file import calendar_file
from scheduling_svc.routes.given_up import Why
from scheduling_svc.routes.reading import read_route, read_sheet
from scheduling_svc.routes.schemas import TappedSchema, TapSchema
from scheduling_svc.routing import days
from scheduling_svc.routing.page_link import linked_day, require_open
from scheduling_svc.settings import scheduling_settings

SENT_AT = "Fascia-Sent-At"
EXPIRES = "Fascia-Link-Expires"
blp = Blueprint("route_page", __name__, template_folder="templates", description="The therapist's page of a day")


def _asset(name: str) -> str:
    return resources.files("scheduling_svc.routes").joinpath("templates", "route", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(sha256(text.encode()).digest()).decode()


_STYLE, _SCRIPT, _WORKER = _asset("page.css"), _asset("taps.js") + _asset("page.js"), _asset("worker.js")
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_hash(_STYLE)}'; script-src 'sha256-{_hash(_SCRIPT)}'; "
    "connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_PAGE: dict[str, Any] = {"200": {"description": "the page", "content": {"text/html": {}}}}
_FORM: dict[str, Any] = {
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "required": ["action"],
                "properties": {
                    "action": {"type": "string", "enum": [action.value for action in Action]},
                    "why": {"type": "string", "enum": [why.value for why in Why], "description": "of cannot_make_it"},
                    "tapped_at": {"type": "string", "format": "date-time", "description": "by the phone's clock"},
                    "revision": {"type": "integer", "description": "that was on the screen"},
                },
            }
        }
    }
}


def _link(token: str) -> Link:
    runtime = current_runtime()
    return read_link(runtime.keyring, ROUTE, token, runtime.clock.now())


def _holder(token: str, **_: str) -> Principal:
    """Whoever holds the link acts as the therapist whom it names, on the one day that it names."""
    link = _link(token)
    therapist_id, _day = linked_day(link)
    return Principal(therapist_id, link.practice_id, frozenset({Role.THERAPIST}))


def _day(token: str) -> tuple[str, date]:
    """Whose day a link opens; raises Gone for one that was ended."""
    link = _link(token)
    require_open(current_uow(), link)
    return linked_day(link)


@blp.route("/r/<token>", methods=["GET"])
@public("signed link", principal=_holder)
@query
@blp.doc(responses=_PAGE)
def show_route(token: str) -> Response:
    """Show the latest revision of the day, and how far each visit has come."""
    sheet = read_sheet(current_uow(), *_day(token))
    phases = {stop.id: stop.phase.value for stop in sheet.stops}
    expires_at = instant(_link(token).expires_at)
    answer = _html("page.html", 200, sheet=sheet, token=token, expires_at=expires_at, phases=phases)
    # The service worker forgets the page when the link ends.
    answer.headers[EXPIRES] = expires_at
    return answer


@blp.route("/r/<token>/visits/<appointment_id>", methods=["POST"])
@public("signed link", principal=_holder)
@command
@blp.doc(requestBody=_FORM, responses={"200": {"description": "what became of it"}, "303": {"description": "the page"}})
def tap(token: str, appointment_id: str) -> Response:
    """Take a tap: on my way, arrived, done, nobody there, cannot make it. A tap that is sent twice counts once."""
    uow = current_uow()
    therapist_id, on = _day(token)
    outcome = act(uow, therapist_id, on, appointment_id, _tap())
    if not _wants_json():
        return redirect(url_for("route_page.show_route", token=token) + f"#v-{appointment_id}", code=303)  # type: ignore[return-value]
    revision = days.find_day(uow, therapist_id, on).revision
    appointment = outcome.appointment
    told = {
        "appointment_id": appointment.id,
        "status": appointment.status,
        "changed": outcome.changed,
        "revision": revision,
    }
    return jsonify(TappedSchema().dump(told))


@blp.route("/r/<token>.ics", methods=["GET"])
@public("signed link", principal=_holder)
@query
@blp.doc(responses={"200": {"description": "the day as iCalendar", "content": {"text/calendar": {}}}})
def show_linked_calendar(token: str) -> Response:
    """The day as a calendar file: times and towns, no names, and the link back to the page."""
    uow = current_uow()
    route, before = read_route(uow, *_day(token))
    page = f"{scheduling_settings(uow.settings).public_url.rstrip('/')}/r/{token}"
    return calendar_answer(calendar_file(route, before, page), route.date)


@blp.route("/r/worker.js", methods=["GET"])
@public("a script without data")
@blp.doc(responses={"200": {"description": "the service worker", "content": {"text/javascript": {}}}})
def show_worker() -> Response:
    """The script that keeps the last page for a bad connection."""
    page_policy("default-src 'none'; connect-src 'self'")
    return Response(_WORKER, content_type="text/javascript; charset=utf-8")


@blp.errorhandler(Problem)
def _show_problem(problem: Problem) -> Response:
    """A person reads this, so a problem is a page here; the page's script gets the problem document."""
    if _wants_json():
        return response_of(problem)
    which = {403: "broken", 404: "nothing", 410: "expired"}.get(problem.status)
    which = which or ("later" if problem.status >= 500 else "refused")
    token = (request.view_args or {}).get("token")
    return _html("unavailable.html", problem.status, which=which, problem=problem, token=token)


def _tap() -> Tap:
    try:
        said = TapSchema().load(request.form.to_dict())
    except ValidationError as error:
        named = ", ".join(sorted(map(str, error.messages_dict)))
        raise RuleViolation(
            "invalid-tap", f"The page sent something that is not a tap: {named}.", named, "Load the page again."
        ) from None
    return Tap(said["action"], said["why"], said["tapped_at"], _sent_at())


def _sent_at() -> datetime | None:
    """When the phone sent it, by its own clock. A header, so that a tap that is sent again is the same request."""
    try:
        sent_at = datetime.fromisoformat(request.headers.get(SENT_AT, ""))
    except ValueError:
        return None
    return sent_at if sent_at.tzinfo else None


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json"


def _html(template: str, status: int, **values: Any) -> Response:
    page_policy(_POLICY)
    return Response(
        # Style and script are ours and their hashes are in the policy; escaping would change them.
        render_template(f"route/{template}", style=Markup(_STYLE), script=Markup(_SCRIPT), **values),  # noqa: S704
        status=status,
        content_type="text/html; charset=utf-8",
    )
