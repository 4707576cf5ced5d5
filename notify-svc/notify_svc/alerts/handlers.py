"""outcome.alert: tell the therapist at once; when nobody acknowledged it, tell the practice's escalation contact."""

from __future__ import annotations

from datetime import timedelta

from fascia.backbone.event import Event
from fascia.store import UnitOfWork
from notify_svc.alerts.escalation_contact import RECIPIENT
from notify_svc.alerts.store import escalation_contact
from notify_svc.contacts.contact import CHANNELS, Channel
from notify_svc.messages.schedule import schedule
from notify_svc.therapists.store import Therapists

# The alert itself stays on the list until it is acknowledged; a message of the day before misleads.
_OF_USE = timedelta(hours=24)


def tell(uow: UnitOfWork, event: Event) -> None:
    """By text and mail at once: quiet hours and limits are for patients, an alert to staff waits for neither."""
    data, escalated = event.data, event.data["level"] == "escalated"
    recipient, addresses = _recipient(uow, None if escalated else data["therapist_id"])
    # Where nobody can be told, the message that was not sent says so.
    nobody: dict[Channel, str | None] = {"email": None}
    reached: dict[Channel, str | None] = {channel: address for channel, address in addresses.items() if address}
    for channel, address in (reached or nobody).items():
        schedule(
            uow,
            # An alert that was withdrawn and raised again is another thing to be told of; `at` tells them apart.
            cause=f"alert:{data['alert_id']}:{data['level']}:{data['at'].isoformat()}:{channel}",
            kind="alert",
            channel=channel,
            audience="therapist",
            recipient_id=recipient,
            content={"address": address, "wording": "alert_escalated" if escalated else "alert"},
            due_at=uow.now,
            expires_at=uow.now + _OF_USE,
        )


def _recipient(uow: UnitOfWork, therapist_id: str | None) -> tuple[str, dict[Channel, str | None]]:
    """Who is told, and where: the therapist, or where they cannot be reached the escalation contact."""
    therapist = Therapists(uow).find(therapist_id) if therapist_id else None
    if therapist is not None and therapist.active and (therapist.phone or therapist.email):
        return therapist.id, {channel: therapist.address(channel) for channel in CHANNELS}
    return RECIPIENT, escalation_contact(uow).addresses


HANDLERS = {"outcome.alert": tell}
