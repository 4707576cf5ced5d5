"""Events that cause a message at once: a signed session, a requested assessment, a published day."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from fascia.backbone.event import Event
from fascia.store import UnitOfWork
from notify_svc.contacts.store import Contacts
from notify_svc.messages.message import Channel
from notify_svc.messages.permission import preferred_channel
from notify_svc.messages.route_content import route_content
from notify_svc.messages.schedule import schedule, supersede_routes
from notify_svc.messages.store import Messages
from notify_svc.policy.quiet_hours import first_moment
from notify_svc.policy.store import Policies
from notify_svc.therapists.store import Therapists

# After that the therapist has heard of it otherwise.
_PAY_USE = timedelta(days=7)
# A thank-you two days late is none.
_FOLLOW_UP_USE = timedelta(days=2)


def follow_up(uow: UnitOfWork, event: Event) -> None:
    """session.completed: thank the patient, after the delay that the practice wants."""
    data = event.data
    contact = Contacts(uow).find(data["patient_id"])
    due_at = uow.now + timedelta(minutes=Policies(uow).current().follow_up_delay_minutes)
    schedule(
        uow,
        cause=f"session:{data['session_id']}:follow_up",
        kind="follow_up",
        channel=preferred_channel("follow_up", contact),
        recipient_id=data["patient_id"],
        appointment_id=data["appointment_id"],
        content={},
        due_at=due_at,
        expires_at=due_at + _FOLLOW_UP_USE,
    )


def questionnaire(uow: UnitOfWork, event: Event) -> None:
    """assessment.requested: send the link, by mail where the patient agreed to that."""
    data = event.data
    contact = Contacts(uow).find(data["patient_id"])
    content: dict[str, object] = {
        "assessment_id": data["assessment_id"],
        "expires_at": data["expires_at"].isoformat(),
    }
    if data["purpose"] == "baseline":
        content["wording"] = "questionnaire_baseline"
    schedule(
        uow,
        # A reminder is a second message about the same questions; a third there is not.
        cause=f"assessment:{data['assessment_id']}:questionnaire" + (":reminder" if data["reminder"] else ""),
        kind="questionnaire",
        channel=preferred_channel("questionnaire", contact),
        recipient_id=data["patient_id"],
        content=content,
        due_at=uow.now,
        expires_at=data["expires_at"],
    )


def route(uow: UnitOfWork, event: Event) -> None:
    """route.published: tell the therapist, by mail in full and by text in short."""
    data = event.data
    therapist = data["therapist"]
    addresses: dict[Channel, str | None] = {"email": therapist["email"], "sms": therapist["phone"]}
    reached: list[Channel] = [channel for channel, address in addresses.items() if address]
    if not uow.backfill:
        # Two revisions at once would go out side by side, and the older one might arrive last.
        supersede_routes(uow, data["route_id"], data["revision"])
    for channel in reached or ["email"]:
        before = Messages(uow).because(_route_cause(data, data["revision"] - 1, channel))
        schedule(
            uow,
            cause=_route_cause(data, data["revision"], channel),
            kind="route",
            channel=channel,
            audience="therapist",
            recipient_id=data["therapist_id"],
            content=route_content(data, addresses[channel], before.content if before else None),
            due_at=uow.now,
            expires_at=first_moment(data["date"] + timedelta(days=1), time(0, 0), data["time_zone"]),
        )


def _route_cause(data: dict[str, Any], revision: int, channel: Channel) -> str:
    return f"route:{data['route_id']}:{revision}:{channel}"


def pay_statement(uow: UnitOfWork, event: Event) -> None:
    """pay.statement.issued: tell the therapist that it is there. The message says no amount; the link leads to it."""
    data = event.data
    therapist = Therapists(uow).find(data["therapist_id"])
    schedule(
        uow,
        cause=f"pay_statement:{data['statement_id']}",
        kind="pay_statement",
        channel=therapist.channel if therapist else "email",
        audience="therapist",
        recipient_id=data["therapist_id"],
        content={"statement_id": data["statement_id"], "month": data["month"]},
        due_at=uow.now,
        expires_at=uow.now + _PAY_USE,
    )


HANDLERS = {
    "session.completed": follow_up,
    "assessment.requested": questionnaire,
    "route.published": route,
    "pay.statement.issued": pay_statement,
}
