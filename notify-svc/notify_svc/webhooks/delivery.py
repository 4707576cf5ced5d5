"""A delivery report of the SMS provider, taken into account."""

from __future__ import annotations

from fascia.store import UnitOfWork

from notify_svc.messages.message import Message, State
from notify_svc.messages.schedule import settle
from notify_svc.messages.store import Messages

_UNDER_WAY = ("accepted", "scheduled", "queued", "sending", "sent")
_BOUNCED = ("undelivered",)
_FAILED = ("failed", "canceled")


def take_report(uow: UnitOfWork, message_id: str, sid: str, status: str, error_code: str | None) -> bool:
    """Note what became of a message; False when there is no such message or the report is not about it.

    A report may be quicker than the answer to the request that sent the message: then it says both.
    """
    before = Messages(uow).find(message_id)
    if before is None or before.provider_ref not in (None, sid):
        return False
    steps: list[Message] = []
    message = before
    if message.state is State.SENDING:
        message = message.accepted(uow.now, sid)
        steps.append(message)
    if message.state is State.SENT and status not in _UNDER_WAY:
        steps.append(_final(message, uow, status, error_code))
    settle(uow, before, *steps)
    return True


def _final(message: Message, uow: UnitOfWork, status: str, error_code: str | None) -> Message:
    if status in _BOUNCED:
        return message.bounced(uow.now, _reason(error_code))
    if status in _FAILED:
        return message.failed(uow.now, _reason(error_code))
    if status in ("delivered", "read"):
        return message.delivered(uow.now)
    return message


def _reason(error_code: str | None) -> str:
    return f"sms_{error_code}" if error_code and error_code.isdigit() else "sms_undelivered"
