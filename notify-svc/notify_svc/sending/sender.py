"""One message on its way: take it up, look whether it was sent before, hand it over, note the outcome.

Nothing is lost and nothing is sent twice, wherever a process is killed:

- before `sending` is committed: nothing was sent, and the bucket still names the message;
- between that and the provider's answer, or before the answer is committed: the message stays `sending`; once the
  attempt's lease is over another worker asks the provider first;
- a worker that was asleep for longer than its lease allows does not send any more.

What cannot be found out (a plain mail relay answers no look-ups) is not guessed: the message fails with the reason
`unknown_if_sent`, for a person to decide.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TypeVar

import pymongo
from pymongo.errors import DuplicateKeyError

from fascia.runtime import Runtime
from fascia.store import UnitOfWork
from notify_svc.contacts.opting import opt_out
from notify_svc.due.store import enqueue
from notify_svc.messages.delivery import Report, take_report
from notify_svc.messages.message import Message, State
from notify_svc.messages.retry import next_attempt
from notify_svc.messages.schedule import settle
from notify_svc.messages.store import Messages, taken_refs
from notify_svc.sending.metrics import ATTEMPTS
from notify_svc.sending.outcome import (
    Accepted,
    FailedForNow,
    LookupFailed,
    LookupImpossible,
    Outcome,
    Refused,
    next_delivery_check,
)
from notify_svc.sending.preparation import Attempt, Inquiry, take_up
from notify_svc.sending.provider import Provider, providers
from notify_svc.settings import notify_settings

T = TypeVar("T")
_TRANSACTION_SECONDS = 3.0
_log = logging.getLogger(__name__)
# Twilio: the recipient wrote STOP and the provider blocks the number.
_BLOCKED_BY_RECIPIENT = "sms_21610"


class Sender:
    """Sends messages of any practice; safe to share between threads."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._settings = notify_settings(runtime.settings)

    def send(self, practice_id: str, message_id: str) -> None:
        """Do what is due about a message. May block for a provider's timeout."""
        attempt = self._transaction(practice_id, lambda uow: take_up(uow, message_id))
        if attempt is None:
            return
        if isinstance(attempt, Inquiry):
            self._inquire(practice_id, attempt)
            return
        outcome = self._deliver(practice_id, attempt)
        try:
            self._transaction(practice_id, lambda uow: note(uow, attempt.message, outcome))
        except DuplicateKeyError:
            # What was found at the provider is another message with the same words: look again.
            again = FailedForNow("found_another", unclear=True)
            self._transaction(practice_id, lambda uow: note(uow, attempt.message, again))
        ATTEMPTS.labels(attempt.message.channel, _name(outcome)).inc()

    def _transaction(self, practice_id: str, work: Callable[[UnitOfWork], T]) -> T:
        """One that gives up soon: a worker killed in the middle of a transaction leaves the message locked until the
        database ends that transaction, a minute later, and a hand that waits for it is missing for all others."""
        with pymongo.timeout(_TRANSACTION_SECONDS):
            return self._runtime.transaction(practice_id, work)

    def _deliver(self, practice_id: str, attempt: Attempt) -> Outcome:
        message = attempt.message
        provider = providers(self._settings)[message.channel]
        if attempt.look_first:
            known = self._look_up(provider, message)
            if known is not None:
                return known
        if attempt.forbidden is not None:
            return Refused(attempt.forbidden)
        if not self._time_left(message):
            _log.warning("attempt abandoned, its lease is nearly over", extra={"message_id": message.id})
            return FailedForNow("attempt_abandoned", unclear=False)
        return provider.send(message, practice_id)

    def _inquire(self, practice_id: str, inquiry: Inquiry) -> None:
        try:
            report = providers(self._settings)[inquiry.message.channel].report(inquiry.provider_ref)
        except LookupFailed:
            report = None
        self._transaction(practice_id, lambda uow: note_report(uow, inquiry.message.id, report))

    def _look_up(self, provider: Provider, message: Message) -> Outcome | None:
        """What is known of an earlier attempt; None when the provider certainly does not have the message."""
        try:
            ref = provider.find(message, self._taken)
        except LookupImpossible:
            return Refused("unknown_if_sent")
        except LookupFailed:
            return FailedForNow("lookup_failed", unclear=True)
        return None if ref is None else Accepted(ref)

    def _taken(self, refs: Iterable[str]) -> set[str]:
        return taken_refs(self._runtime.database, refs)

    def _time_left(self, message: Message) -> bool:
        assert message.busy_until is not None
        # To be connected and heard, to hand over, to be answered: each may take a timeout.
        worst_case = timedelta(seconds=3 * self._settings.provider_timeout_seconds)
        return self._runtime.clock.now() + worst_case <= message.busy_until


def _name(outcome: Outcome) -> str:
    return "accepted" if isinstance(outcome, Accepted) else outcome.reason


def note(uow: UnitOfWork, attempted: Message, outcome: Outcome) -> None:
    """Keep the outcome of an attempt. A delivery report may have been quicker; another worker may have taken over."""
    message = Messages(uow).get(attempted.id)
    if message.state is not State.SENDING or message.attempts != attempted.attempts:
        if isinstance(outcome, Accepted) and message.provider_ref not in (None, outcome.ref):
            _log.error("sent twice", extra={"message_id": message.id})
        return
    if isinstance(outcome, Accepted):
        sent = message.accepted(uow.now, outcome.ref)
        settle(uow, message, sent)
        _check_later(uow, sent)
    elif isinstance(outcome, Refused):
        _give_up(uow, message, outcome.reason)
    else:
        _try_later(uow, message, outcome)


def note_report(uow: UnitOfWork, message_id: str, report: Report | None) -> None:
    """Keep what the provider answered about a text; while that is nothing final, it is asked again later."""
    if report is not None:
        take_report(uow, message_id, report)
    message = Messages(uow).get(message_id)
    if message.state is State.SENT:
        _check_later(uow, message)


def _check_later(uow: UnitOfWork, message: Message) -> None:
    if message.channel != "sms" or message.sent_at is None:
        return
    first = timedelta(seconds=notify_settings(uow.settings).delivery_check_seconds)
    at = next_delivery_check(message.sent_at, uow.now, first)
    if at is not None:
        enqueue(uow, message.id, at)


def _give_up(uow: UnitOfWork, message: Message, reason: str) -> None:
    if reason == "expired":
        settle(uow, message, message.expired(uow.now))
        return
    if reason == _BLOCKED_BY_RECIPIENT and message.audience == "patient":
        opt_out(uow, message.recipient_id, message.channel)
    settle(uow, message, message.failed(uow.now, reason))


def _try_later(uow: UnitOfWork, message: Message, outcome: FailedForNow) -> None:
    at = next_attempt(message.id, message.attempts, uow.now, message.expires_at)
    if at is None:
        # The last attempt may still have arrived: then a person has to know that.
        settle(uow, message, message.failed(uow.now, "unknown_if_sent" if outcome.unclear else outcome.reason))
        return
    at = max(at, uow.now + timedelta(seconds=outcome.settle_seconds))
    settle(uow, message, message.try_later(at, unclear=outcome.unclear, reason=outcome.reason))
    enqueue(uow, message.id, at)
