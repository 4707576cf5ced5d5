"""What the SMS provider says became of a text, whether it reports it or is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fascia.store import UnitOfWork
from notify_svc.messages.message import Message, State
from notify_svc.messages.schedule import settle
from notify_svc.messages.store import Messages

_UNDER_WAY = ("accepted", "scheduled", "queued", "sending", "sent")
_BOUNCED = ("undelivered",)
_FAILED = ("failed", "canceled")
_DELIVERED = ("delivered", "read")


@dataclass(frozen=True)
class Report:
    """What the provider says of one text; `status` and `error_code` are its words (Twilio's Message resource)."""

    sid: str
    status: str
    error_code: str | None = None


def take_report(uow: UnitOfWork, message_id: str, report: Report) -> bool:
    """Note what became of a message; False when there is no such message or the report is not about it.

    A report may be quicker than the answer to the request that sent the message: then it says both.
    """
    before = Messages(uow).find(message_id)
    if before is None or before.provider_ref not in (None, report.sid):
        return False
    steps: list[Message] = []
    message = before
    if message.state is State.SENDING:
        message = message.accepted(uow.now, report.sid)
        steps.append(message)
    if message.state is State.SENT and report.status not in _UNDER_WAY:
        steps.append(_final(message, report, uow.now))
    settle(uow, before, *steps)
    return True


def _final(message: Message, report: Report, now: datetime) -> Message:
    if report.status in _BOUNCED:
        return message.bounced(now, _reason(report.error_code))
    if report.status in _FAILED:
        return message.failed(now, _reason(report.error_code))
    if report.status in _DELIVERED:
        return message.delivered(now)
    return message


def _reason(error_code: str | None) -> str:
    return f"sms_{error_code}" if error_code and error_code.isdigit() else "sms_undelivered"
