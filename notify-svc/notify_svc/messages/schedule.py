"""Use cases around a message's life: schedule it once per cause, cancel it, publish what became of it."""

from __future__ import annotations

from datetime import datetime

from fascia.ids import new_id
from fascia.observability.tracing import continued, current_traceparent
from fascia.store import UnitOfWork
from notify_svc.due.store import enqueue
from notify_svc.messages.message import ABOUT_A_VISIT, Audience, Channel, Kind, Message, State
from notify_svc.messages.store import Messages, claim_ref

_EVENTS = {
    State.SENT: "message.sent",
    State.DELIVERED: "message.delivered",
    State.BOUNCED: "message.failed",
    State.FAILED: "message.failed",
}


def schedule(
    uow: UnitOfWork,
    *,
    cause: str,
    kind: Kind,
    channel: Channel,
    recipient_id: str,
    content: dict[str, object],
    due_at: datetime,
    expires_at: datetime,
    appointment_id: str | None = None,
    audience: Audience = "patient",
) -> Message | None:
    """Plan a message; None when this cause has one already. A backfill plans nothing: what is past stays silent."""
    messages = Messages(uow)
    if uow.backfill or messages.exists(cause):
        return None
    message = Message(
        id=new_id(),
        cause=cause,
        kind=kind,
        channel=channel,
        audience=audience,
        recipient_id=recipient_id,
        appointment_id=appointment_id,
        content=content,
        due_at=due_at,
        expires_at=expires_at,
        created_at=uow.now,
        history=((State.SCHEDULED, uow.now),),
        caused_by=uow.cause,
        traceparent=current_traceparent(),
    )
    messages.add(message)
    enqueue(uow, message.id, due_at)
    return message


def cancel_news(uow: UnitOfWork, appointment_id: str) -> frozenset[Kind]:
    """Cancel what is still planned to be said about an appointment as it was; which kinds of messages that was.

    Nothing else: news of a visit may come after its signed session did, and takes back no thank-you.
    """
    planned = Messages(uow).scheduled_for(appointment_id)
    news = [message for message in planned if message.kind in ABOUT_A_VISIT]
    _cancel(uow, news)
    return frozenset(message.kind for message in news)


def supersede_estimates(uow: UnitOfWork, appointment_id: str) -> int:
    """Cancel the expected times of a visit that were not told yet; how many that was."""
    planned = Messages(uow).scheduled_for(appointment_id)
    return _cancel(uow, [message for message in planned if message.kind == "running_late"])


def supersede_warnings(uow: UnitOfWork, risk_id: str) -> int:
    """Cancel what is still planned about an earlier state of a promise at risk; how many that was."""
    return _cancel(uow, Messages(uow).scheduled_because(f"risk:{risk_id}:"))


def supersede_routes(uow: UnitOfWork, route_id: str, revision: int) -> int:
    """Cancel what is still planned about older revisions of a therapist's day; how many that was."""
    planned = Messages(uow).scheduled_because(f"route:{route_id}:")
    return _cancel(uow, [message for message in planned if message.content["revision"] < revision])


def _cancel(uow: UnitOfWork, planned: list[Message]) -> int:
    messages = Messages(uow)
    for message in planned:
        messages.save(message.cancelled(uow.now), message)
    return len(planned)


def settle(uow: UnitOfWork, before: Message, *steps: Message) -> None:
    """Keep a message's next states, in order, and publish those that others want to know of.

    DuplicateKeyError at the edge of the transaction: the provider's id belongs to another message by now.
    """
    if steps and before.provider_ref is None and steps[-1].provider_ref is not None:
        claim_ref(uow, steps[-1].provider_ref, before.id)
    for step in steps:
        if step.version != before.version and step.state in _EVENTS:
            _publish(uow, step)
    if steps:
        Messages(uow).save(steps[-1], before)


def _publish(uow: UnitOfWork, message: Message) -> None:
    data = {
        "message_id": message.id,
        "recipient_id": message.recipient_id,
        "kind": message.kind,
        "channel": message.channel,
        "appointment_id": message.appointment_id,
        "at": uow.now,
    }
    if _EVENTS[message.state] == "message.failed":
        data["reason"] = message.reason or "unknown"
    # Sent by a job or told by a provider, hours later: it is still a part of what caused it.
    with continued(message.traceparent, f"message {message.state}"):
        uow.because_of(message.caused_by).publish(_EVENTS[message.state], data, sequence=message.version)
