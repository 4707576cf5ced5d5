"""route.promise_at_risk and visit.given_up: warn the dispatcher while something can still be done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fascia.backbone.event import Event
from fascia.localtime import wall
from fascia.store import UnitOfWork
from notify_svc.alerts.store import escalation_contact
from notify_svc.contacts.contact import Channel
from notify_svc.dispatch.store import dispatch_contact
from notify_svc.messages.schedule import schedule, supersede_warnings
from notify_svc.therapists.store import Therapists

RECIPIENT = "dispatch-contact"
"""The recipient of warnings: a role, not a person with an id."""

# Whoever reads of it later reads history.
_OF_USE = timedelta(hours=2)


def warn(uow: UnitOfWork, event: Event) -> None:
    """route.promise_at_risk: the newest state of it alone."""
    data = event.data
    if not uow.backfill:
        supersede_warnings(uow, data["risk_id"])
    _tell(uow, f"risk:{data['risk_id']}:{data['version']}", data, _content(uow, data))


def warn_of_given_up(uow: UnitOfWork, event: Event) -> None:
    """visit.given_up: a visit that its therapist cannot make is still promised."""
    data = event.data
    content = {
        "wording": "given_up",
        "local_start": data["local_start"],
        "why": data["why"],
        "therapist": _name(uow, data["therapist_id"]),
    }
    _tell(uow, f"given_up:{data['given_up_id']}:{data['version']}", data, content)


def _tell(uow: UnitOfWork, cause: str, data: dict[str, Any], content: dict[str, object]) -> None:
    """By text and mail at once: quiet hours and limits are for patients."""
    contact = dispatch_contact(uow)
    addresses = (contact if contact.name is not None else escalation_contact(uow)).addresses
    # Where nobody can be told, the message that was not sent says so.
    nobody: dict[Channel, str | None] = {"email": None}
    reached: dict[Channel, str | None] = {channel: address for channel, address in addresses.items() if address}
    for channel, address in (reached or nobody).items():
        schedule(
            uow,
            cause=f"{cause}:{channel}",
            kind="dispatch_warning",
            channel=channel,
            audience="therapist",
            recipient_id=RECIPIENT,
            appointment_id=data["appointment_id"],
            content={**content, "address": address, "date": data["date"].isoformat(), "time_zone": data["time_zone"]},
            due_at=uow.now,
            expires_at=max(uow.now, data["promised_until"]) + _OF_USE,
        )


def _name(uow: UnitOfWork, therapist_id: str) -> str | None:
    therapist = Therapists(uow).find(therapist_id)
    return therapist.name if therapist else None


def _content(uow: UnitOfWork, data: dict[str, Any]) -> dict[str, object]:
    zone = data["time_zone"]
    return {
        "local_promised_until": data["local_promised_until"],
        "late_minutes": data["late_minutes"],
        "lost": data["expected_at"] is None,
        "cause": data["cause"],
        "therapist": _name(uow, data["therapist_id"]),
        "proposals": [
            {
                "kind": proposal["kind"],
                "local_start": None if proposal["starts_at"] is None else wall(proposal["starts_at"], zone),
                "added_drive_minutes": proposal["added_drive_minutes"],
            }
            for proposal in data["proposals"]
        ],
    }


HANDLERS = {"route.promise_at_risk": warn, "visit.given_up": warn_of_given_up}
