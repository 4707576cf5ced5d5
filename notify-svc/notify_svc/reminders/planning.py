"""Use cases: plan the reminders of a visit as it now is, or drop them."""

from __future__ import annotations

from fascia.store import UnitOfWork
from notify_svc.contacts.contact import Contact
from notify_svc.messages.permission import preferred_channel
from notify_svc.messages.schedule import schedule
from notify_svc.policy.messaging_policy import MessagingPolicy
from notify_svc.reminders.plan import Visit, plan_reminders


def remind(uow: UnitOfWork, visit: Visit, contact: Contact | None, policy: MessagingPolicy) -> None:
    """Plan the reminders of a visit; those of an earlier state of it are dropped by then."""
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
            content=visit.content,
            due_at=reminder.due_at,
            expires_at=visit.latest_start,
        )
