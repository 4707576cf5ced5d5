"""The part of Twilio's REST API (2010-04-01) that the suite uses: create a message, list, fetch.

The shapes follow Twilio's public reference for the Message resource; errors carry Twilio's codes.
"""

from __future__ import annotations

import hmac
import re
import time
import uuid
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, jsonify, request

from fascia.devset.catcher.caught import Caught
from fascia.devset.catcher.parts import Parts, parts

blueprint = Blueprint("sms_api", __name__)

_E164 = re.compile(r"\+[1-9]\d{6,14}")
# Numbers that Twilio's test credentials refuse.
_REFUSED = {"+15005550001": (21211, "is not a valid phone number"), "+15005550009": (21614, "cannot receive SMS")}
_LIST_PARAMETERS = {"To", "From", "PageSize", "Page", "PageToken"}


def _error(status: int, code: int, message: str) -> tuple[Response, int]:
    return jsonify(
        {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    ), status


def _unauthorised(account_sid: str) -> tuple[Response, int] | None:
    known, given = parts(current_app), request.authorization
    if (
        given is not None
        and account_sid == known.account_sid
        and hmac.compare_digest((given.username or "").encode(), known.account_sid.encode())
        and hmac.compare_digest((given.password or "").encode(), known.auth_token.encode())
    ):
        return None
    return _error(401, 20003, "Authenticate")


@blueprint.post("/2010-04-01/Accounts/<account_sid>/Messages.json")
def create(account_sid: str) -> tuple[Response, int]:
    """Take an SMS."""
    refused = _unauthorised(account_sid) or _unacceptable()
    if refused is not None:
        return refused
    known = parts(current_app)
    fault = known.faults.next("sms")
    message = None
    if fault is None or fault.after_accept:
        message = _keep(known)
    if fault is not None:
        time.sleep(fault.delay_seconds)
        if fault.code is not None:
            return _error(fault.code, fault.code * 100, "A fault on purpose")
    message = message or _keep(known)
    return jsonify(_resource(message, account_sid)), 201


def _unacceptable() -> tuple[Response, int] | None:
    to = request.form.get("To", "")
    if not to:
        return _error(400, 21604, "A 'To' phone number is required.")
    if not request.form.get("From") and not request.form.get("MessagingServiceSid"):
        return _error(400, 21603, "A 'From' phone number is required.")
    if not request.form.get("Body"):
        return _error(400, 21602, "Message body is required.")
    if to in _REFUSED:
        code, why = _REFUSED[to]
        return _error(400, code, f"The 'To' number {why}.")
    if not _E164.fullmatch(to):
        return _error(400, 21211, "The 'To' number is not a valid phone number.")
    return None


def _keep(known: Parts) -> Caught:
    sid = "SM" + uuid.uuid4().hex
    callback = request.form.get("StatusCallback") or None
    message = Caught(
        id=sid,
        kind="sms",
        direction="outbound",
        sender=request.form.get("From") or request.form["MessagingServiceSid"],
        to=request.form["To"],
        subject="",
        text=request.form["Body"],
        reference=sid,
        status="sent",
        received_at=known.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        callback=callback,
        callback_done=callback is None,
    )
    known.journal.add(message)
    if callback is not None:
        known.webhooks.report(message)
    return message


@blueprint.get("/2010-04-01/Accounts/<account_sid>/Messages.json")
def list_messages(account_sid: str) -> tuple[Response, int]:
    """Messages, newest first; by To and From."""
    refused = _unauthorised(account_sid)
    if refused is not None:
        return refused
    unknown = set(request.args) - _LIST_PARAMETERS
    if unknown:
        # Better refused than silently unfiltered.
        return _error(400, 20001, f"This catcher does not filter by {sorted(unknown)[0]}.")
    size = min(max(request.args.get("PageSize", 50, type=int), 1), 1000)
    page = max(request.args.get("Page", 0, type=int), 0)
    sender = request.args.get("From")
    found = parts(current_app).journal.newest_first(
        lambda m: m.kind == "sms" and (sender is None or m.sender == sender), to=request.args.get("To")
    )
    shown = found[page * size : (page + 1) * size]
    base = f"/2010-04-01/Accounts/{account_sid}/Messages.json"
    more = len(found) > (page + 1) * size
    return jsonify(
        {
            "messages": [_resource(message, account_sid) for message in shown],
            "page": page,
            "page_size": size,
            "start": page * size,
            "end": page * size + len(shown) - 1,
            "uri": f"{base}?{request.query_string.decode()}",
            "first_page_uri": _page_uri(base, 0, size),
            "previous_page_uri": _page_uri(base, page - 1, size) if page else None,
            "next_page_uri": _page_uri(base, page + 1, size) if more else None,
        }
    ), 200


def _page_uri(base: str, page: int, size: int) -> str:
    kept = {name: request.args[name] for name in ("To", "From") if name in request.args}
    return f"{base}?{urlencode({**kept, 'PageSize': size, 'Page': page})}"


@blueprint.get("/2010-04-01/Accounts/<account_sid>/Messages/<sid>.json")
def fetch(account_sid: str, sid: str) -> tuple[Response, int]:
    """One message."""
    refused = _unauthorised(account_sid)
    if refused is not None:
        return refused
    message = parts(current_app).journal.get(sid)
    if message is None or message.kind != "sms":
        return _error(404, 20404, f"The requested resource {request.path} was not found")
    return jsonify(_resource(message, account_sid)), 200


def _resource(message: Caught, account_sid: str) -> dict[str, Any]:
    stamp = format_datetime(datetime.fromisoformat(message.received_at))
    return {
        "sid": message.id,
        "account_sid": account_sid,
        "api_version": "2010-04-01",
        "body": message.text,
        "from": message.sender,
        "to": message.to,
        "status": message.status,
        "direction": "inbound" if message.direction == "inbound" else "outbound-api",
        "date_created": stamp,
        "date_sent": stamp,
        "date_updated": stamp,
        "num_segments": "1",
        "num_media": "0",
        "error_code": None,
        "error_message": None,
        "messaging_service_sid": None,
        "price": None,
        "price_unit": "USD",
        "uri": f"/2010-04-01/Accounts/{account_sid}/Messages/{message.id}.json",
        "subresource_uris": {},
    }
