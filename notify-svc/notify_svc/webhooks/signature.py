"""Only the SMS provider may report: it signs the exact public address and the form with the account's token."""

from __future__ import annotations

from flask import request
from twilio.request_validator import RequestValidator

from fascia.problem import Forbidden
from fascia.web.running import current_runtime
from notify_svc.settings import NotifySettings, notify_settings


def check_signature() -> NotifySettings:
    """The settings, when the request is signed for this address; raises Forbidden."""
    settings = notify_settings(current_runtime().settings)
    # The address as the provider knows it, not as a proxy passed it on.
    query = request.query_string.decode("ascii", "replace")
    url = settings.public_url.rstrip("/") + request.path + (f"?{query}" if query else "")
    sent = request.headers.get("X-Twilio-Signature", "")
    token = settings.twilio_auth_token
    if not token or not RequestValidator(token).validate(url, request.form, sent):
        raise Forbidden("signature-invalid", "The signature does not match this address and form.")
    return settings
