"""Text messages through Twilio's API.

Its client has no idempotency key, no timeout and no retry of its own. So the timeout is explicit, and before anything
is sent a second time the provider's list is searched for the first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

from notify_svc.messages.delivery import Report
from notify_svc.messages.message import Message
from notify_svc.sending.outcome import Accepted, FailedForNow, LookupFailed, Outcome, Refused
from notify_svc.settings import NotifySettings

STATUS_PATH = "/v1/webhooks/twilio/status"
_CLOCK_SKEW = timedelta(minutes=5)
_PAGE = 50
_LOOK_AT_MOST = 500
# Twilio's client logs addresses at INFO: a logger of our own that says nothing.
_silent = logging.getLogger("notify_svc.sending.twilio_client")
_silent.disabled = True


class TwilioSms:
    """Sends and looks up text messages. Safe to share between threads."""

    def __init__(self, settings: NotifySettings) -> None:
        self._settings = settings

    def send(self, message: Message, practice_id: str) -> Outcome:
        """Hand a rendered message to the provider."""
        if not self._settings.twilio_account_sid:
            return Refused("sms_not_configured")
        assert message.rendered is not None
        try:
            taken = self._client.messages.create(
                to=message.rendered.address,
                from_=self._settings.sms_sender,
                body=message.rendered.text,
                status_callback=status_callback(self._settings, practice_id, message.id),
            )
        except TwilioRestException as error:
            return _from_answer(error)
        except (requests.RequestException, TwilioException) as error:
            return self._from_silence(error)
        return Accepted(str(taken.sid))

    def find(self, message: Message, taken: Callable[[Iterable[str]], set[str]]) -> str | None:
        """The sid under which the provider has a message; None when it has none. Raises LookupFailed.

        The provider keeps no reference of ours, so a message is recognised by sender, recipient, text and time. Two of
        the same text are told apart by `taken`, which says which sids belong to other messages: any one that is left
        over was caused by this one.
        """
        assert message.rendered is not None
        wanted = message.rendered
        try:
            found = [
                str(one.sid)
                for one in self._recent(wanted.address, message.created_at)
                if one.body == wanted.text and str(one.direction).startswith("outbound")
            ]
        except (requests.RequestException, TwilioException) as error:
            raise LookupFailed(type(error).__name__) from error
        mine = [sid for sid in found if sid not in taken(found)]
        return mine[-1] if mine else None

    def report(self, provider_ref: str) -> Report | None:
        """What the provider knows of a text; raises LookupFailed."""
        try:
            found = self._client.messages(provider_ref).fetch()
        except (requests.RequestException, TwilioException) as error:
            raise LookupFailed(type(error).__name__) from error
        code = None if found.error_code is None else str(found.error_code)
        return Report(provider_ref, str(found.status), code)

    def _recent(self, to: str, since: datetime) -> Iterable[Any]:
        # Filtered here and not by DateSent: a message that is still queued has no such date, and days are too coarse.
        listed = self._client.messages.stream(
            to=to, from_=self._settings.sms_sender, page_size=_PAGE, limit=_LOOK_AT_MOST
        )
        for one in listed:
            if one.date_created is not None and one.date_created < since - _CLOCK_SKEW:
                return
            yield one

    def _from_silence(self, error: Exception) -> FailedForNow:
        if isinstance(error, requests.ConnectTimeout) or _never_connected(error):
            return FailedForNow("sms_unreachable", unclear=False)
        return FailedForNow("sms_no_answer", unclear=True, settle_seconds=self._settings.attempt_lease_seconds)

    @cached_property
    def _client(self) -> Any:
        settings = self._settings
        http = TwilioHttpClient(timeout=settings.provider_timeout_seconds, max_retries=0, logger=_silent)
        if urlsplit(settings.twilio_base_url).hostname in ("127.0.0.1", "localhost", "::1"):
            http.session.trust_env = False  # a proxy has no part in traffic that stays on this machine
        client = Client(settings.twilio_account_sid, settings.twilio_auth_token, http_client=http)
        client.api.base_url = settings.twilio_base_url
        return client


def status_callback(settings: NotifySettings, practice_id: str, message_id: str) -> str:
    """Where the provider reports delivery. It names the message, for a report may come before its sid is known here;
    the signature covers the whole address, so nobody else can make one up."""
    query = urlencode({"practice": practice_id, "message": message_id})
    return f"{settings.public_url.rstrip('/')}{STATUS_PATH}?{query}"


def _from_answer(error: TwilioRestException) -> Outcome:
    if error.status in (401, 403, 429):
        # Too many requests, or credentials that somebody has to mend: the message is not to blame.
        return FailedForNow(f"sms_http_{error.status}", unclear=False)
    if error.status >= 500:
        # It may have failed before or after it took the message.
        return FailedForNow(f"sms_http_{error.status}", unclear=True, settle_seconds=1.0)
    return Refused(f"sms_{error.code}")


def _never_connected(error: Exception) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError)
