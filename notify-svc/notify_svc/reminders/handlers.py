"""appointment.*: plan reminders, plan them again, or drop them."""

from __future__ import annotations

from typing import Any

from fascia.backbone.event import Event
from fascia.store import UnitOfWork
from notify_svc.contacts.store import Contacts
from notify_svc.messages.permission import preferred_channel
from notify_svc.messages.schedule import cancel_reminders, schedule
from notify_svc.policy.store import Policies
from notify_svc.reminders.plan import Visit, plan_reminders
from notify_svc.reminders.store import advance


def plan(uow: UnitOfWork, event: Event) -> None:
    """appointment.booked and appointment.moved: the reminders of the visit as it now is, instead of any before."""
    visit = _visit(event.data)
    if not advance(uow, visit.appointment_id, visit.patient_id, visit.version):
        return
    cancel_reminders(uow, visit.appointment_id)
    contact = Contacts(uow).find(visit.patient_id)
    policy = Policies(uow).current()
    zone = contact.time_zone if contact else visit.time_zone
    channel = preferred_channel("reminder", contact)
    for reminder in plan_reminders(visit, policy.reminder_lead_hours, policy.quiet_hours, zone, uow.now):
        schedule(
            uow,
            # A visit that is moved is another thing to be reminded of; one whose event is replayed is not.
            cause=f"appointment:{visit.appointment_id}:{visit.sequence}:{visit.local_start}:reminder:{reminder.slot}",
            kind="reminder",
            channel=channel,
            recipient_id=visit.patient_id,
            appointment_id=visit.appointment_id,
            content={"local_start": visit.local_start, "time_zone": visit.time_zone},
            due_at=reminder.due_at,
            expires_at=visit.starts_at,
        )


def drop(uow: UnitOfWork, event: Event) -> None:
    """appointment.cancelled and appointment.completed: there is nothing left to be reminded of."""
    data = event.data
    if advance(uow, data["appointment_id"], data["patient_id"], data["version"]):
        cancel_reminders(uow, data["appointment_id"])


def _visit(data: dict[str, Any]) -> Visit:
    return Visit(
        appointment_id=data["appointment_id"],
        patient_id=data["patient_id"],
        starts_at=data["starts_at"],
        time_zone=data["time_zone"],
        local_start=data["local_start"],
        version=data["version"],
        sequence=data["calendar_sequence"],
    )


HANDLERS = {
    "appointment.booked": plan,
    "appointment.moved": plan,
    "appointment.cancelled": drop,
    "appointment.completed": drop,
}
