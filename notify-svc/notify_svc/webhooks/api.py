"""/v1/webhooks/twilio/*"""

from __future__ import annotations

import logging
from xml.sax.saxutils import escape

from flask import Response, request
from flask_smorest import Blueprint
from pymongo.errors import DuplicateKeyError

from fascia.web.access import public
from fascia.web.running import current_runtime
from notify_svc.contacts.store import practices_with_phone
from notify_svc.messages.delivery import Report, take_report
from notify_svc.messages.store import owner_of
from notify_svc.webhooks.inbound import Reply, take_reply
from notify_svc.webhooks.signature import check_signature

blp = Blueprint("webhooks", __name__, description="Reports of the SMS provider")
_log = logging.getLogger(__name__)
_SIGNED = "the provider has no token; its signature is checked"


@blp.route("/v1/webhooks/twilio/status", methods=["POST"])
@public(_SIGNED)
@blp.response(204)
def status() -> None:
    """A delivery report. One about an unknown message is answered all the same: repeating it would not help."""
    check_signature()
    report = Report(
        sid=request.form.get("MessageSid", ""),
        status=request.form.get("MessageStatus", ""),
        error_code=request.form.get("ErrorCode"),
    )
    try:
        known = _take(report)
    except DuplicateKeyError:
        # A look-up at the provider has just given this sid to another message with the same words.
        known = _take(report)
    if not known:
        _log.warning("delivery report for an unknown message", extra={"provider_status": report.status[:20]})


def _take(report: Report) -> bool:
    runtime = current_runtime()
    if not report.sid:
        return False
    named = (request.args.get("practice", ""), request.args.get("message", ""))
    practice_id, message_id = owner_of(runtime.database, report.sid) or named
    if not practice_id:
        return False
    return runtime.transaction(practice_id, lambda uow: take_report(uow, message_id, report))


@blp.route("/v1/webhooks/twilio/inbound", methods=["POST"])
@public(_SIGNED)
def inbound() -> Response:
    """A text from a patient; answered in TwiML. The practice is found by the blind index of the phone."""
    settings = check_signature()
    runtime = current_runtime()
    reply = Reply(request.form.get("MessageSid", ""), request.form.get("From", ""), request.form.get("Body", ""))
    confirm = settings.opt_out_confirmed_by == "notify"
    practices = practices_with_phone(runtime.database, runtime.keyring, reply.phone)
    if not practices or not reply.sid:
        _log.warning("reply from an unknown number, or without an id")
        practices = []
    # One number serves the whole installation, so an opt-out counts for every practice that would text from it.
    answers = [
        runtime.transaction(practice_id, lambda uow: take_reply(uow, reply, confirm_opt_out=confirm))
        for practice_id in practices
    ]
    said = next((answer for answer in answers if answer), None)
    body = f"<Message>{escape(said)}</Message>" if said else ""
    document = f'<?xml version="1.0" encoding="UTF-8"?><Response>{body}</Response>'
    return Response(document, content_type="application/xml; charset=utf-8")
