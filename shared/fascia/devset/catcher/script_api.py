"""JSON for scripts and tests: what was caught, and faults on purpose."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, jsonify, request

from fascia.devset.catcher.caught import Caught
from fascia.devset.catcher.faults import BadFaultError, read_fault
from fascia.devset.catcher.parts import parts

blueprint = Blueprint("script_api", __name__, url_prefix="/api")


def _problem(detail: str) -> tuple[Response, int]:
    response = jsonify({"type": "about:blank", "title": "Bad request", "status": 400, "detail": detail})
    response.content_type = "application/problem+json"
    return response, 400


@blueprint.get("/messages")
def messages() -> tuple[Response, int]:
    """Newest first. `to`: exact address; `after`: instant; `kind`: mail or sms; `reference`: Message-ID or sid."""
    unknown = set(request.args) - {"to", "after", "kind", "reference", "direction", "limit"}
    if unknown:
        return _problem(f"unknown parameter {sorted(unknown)[0]}: use to, after, kind, reference, direction, limit")
    kind, direction, after = request.args.get("kind"), request.args.get("direction"), request.args.get("after")
    if kind not in (None, "mail", "sms"):
        return _problem("kind must be mail or sms")
    since = None
    if after is not None:
        # A plus sign that was not escaped arrives as a space.
        since = _instant(after.replace(" ", "+"))
        if since is None:
            return _problem("after must be an instant with an offset, such as 2026-11-23T09:00:00Z")

    reference = request.args.get("reference")

    def wanted(message: Caught) -> bool:
        return (
            (kind is None or message.kind == kind)
            and (direction is None or message.direction == direction)
            and (reference is None or message.reference == reference)
            and (since is None or datetime.fromisoformat(message.received_at) > since)
        )

    found = parts(current_app).journal.newest_first(wanted, to=request.args.get("to"))
    limit = request.args.get("limit", 1000, type=int)
    return jsonify({"items": [message.as_json() for message in found[:limit]], "total": len(found)}), 200


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo is not None else None


@blueprint.get("/faults")
def get_faults() -> Response:
    """The faults in force."""
    return jsonify({"faults": parts(current_app).faults.as_json()})


@blueprint.put("/faults")
def put_faults() -> tuple[Response, int]:
    """Replace the faults: {"faults": [{"channel": "smtp", "code": 451, "times": 2}]}; an empty list clears them."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("faults"), list):
        return _problem('send {"faults": [...]}')
    try:
        faults = [read_fault(one) for one in body["faults"]]
    except BadFaultError as bad:
        return _problem(str(bad))
    parts(current_app).faults.set(faults)
    return jsonify({"faults": parts(current_app).faults.as_json()}), 200


@blueprint.put("/outcome")
def put_outcome() -> tuple[Response, int]:
    """What delivery reports say from now on: {"outcome": "delivered" | "undelivered" | "failed"}."""
    body = request.get_json(silent=True)
    outcome = body.get("outcome") if isinstance(body, dict) else None
    if outcome not in ("delivered", "undelivered", "failed"):
        return _problem("outcome must be delivered, undelivered or failed")
    parts(current_app).webhooks.outcome = outcome
    return jsonify({"outcome": outcome}), 200
