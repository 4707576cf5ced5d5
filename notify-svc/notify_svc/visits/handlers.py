"""appointment.* and visit.*: plan reminders, and tell the patient what changed."""

from __future__ import annotations

from fascia.backbone.event import Event
from fascia.store import UnitOfWork
from notify_svc.contacts.contact import Contact
from notify_svc.contacts.store import Contacts
from notify_svc.messages.permission import preferred_channel
from notify_svc.messages.schedule import cancel_news, schedule, supersede_estimates
from notify_svc.policy.store import Policies
from notify_svc.reminders.plan import Visit
from notify_svc.reminders.planning import remind
from notify_svc.reminders.store import Before, advance, take_estimate
from notify_svc.visits.news import News, booked, cancelled, expected, moved, visit_of


def on_booked(uow: UnitOfWork, event: Event) -> None:
    """appointment.booked: confirm it where the practice wants that, and plan its reminders."""
    visit = visit_of(event.data)
    if _advance(uow, visit) is None:
        return
    contact, policy = Contacts(uow).find(visit.patient_id), Policies(uow).current()
    _tell(uow, visit.patient_id, visit.appointment_id, contact, booked(visit, policy, uow.now))
    remind(uow, visit, contact, policy)


def on_moved(uow: UnitOfWork, event: Event) -> None:
    """appointment.moved: the reminders of the visit as it now is; news of it where it is worth a message."""
    visit = visit_of(event.data)
    before = _advance(uow, visit)
    if before is None:
        return
    unsaid = cancel_news(uow, visit.appointment_id)
    contact, policy = Contacts(uow).find(visit.patient_id), Policies(uow).current()
    # What was to be said of the visit as it was is not said any more: this is said instead.
    if "booking" in unsaid:
        _tell(uow, visit.patient_id, visit.appointment_id, contact, booked(visit, policy, uow.now))
    elif event.data["tell_patient"] or "moved" in unsaid:
        _tell(uow, visit.patient_id, visit.appointment_id, contact, moved(visit, before.starts_at, uow.now))
    remind(uow, visit, contact, policy)


def on_cancelled(uow: UnitOfWork, event: Event) -> None:
    """appointment.cancelled: there is nothing left to be reminded of, but perhaps something to be told."""
    visit = visit_of(event.data)
    if _advance(uow, visit) is None:
        return
    cancel_news(uow, visit.appointment_id)
    contact = Contacts(uow).find(visit.patient_id)
    _tell(uow, visit.patient_id, visit.appointment_id, contact, cancelled(visit, event.data["reason"], uow.now))


def on_completed(uow: UnitOfWork, event: Event) -> None:
    """appointment.completed: there is nothing left to be said of what was to come."""
    visit = visit_of(event.data)
    if _advance(uow, visit) is not None:
        cancel_news(uow, visit.appointment_id)


def on_expected(uow: UnitOfWork, event: Event) -> None:
    """visit.eta_changed: the patient learns of the newest estimate; one of a visit that has changed since is void."""
    data = event.data
    if not take_estimate(uow, data["appointment_id"], data["version"], data["estimate"]):
        return
    if not uow.backfill:
        supersede_estimates(uow, data["appointment_id"])
    contact = Contacts(uow).find(data["patient_id"])
    _tell(uow, data["patient_id"], data["appointment_id"], contact, expected(data, uow.now))


def _advance(uow: UnitOfWork, visit: Visit) -> Before | None:
    return advance(uow, visit.appointment_id, visit.patient_id, visit.version, visit.starts_at)


def _tell(uow: UnitOfWork, patient_id: str, appointment_id: str, contact: Contact | None, news: News | None) -> None:
    if news is None:
        return
    schedule(
        uow,
        cause=news.cause,
        kind=news.kind,
        channel=preferred_channel(news.kind, contact),
        recipient_id=patient_id,
        appointment_id=appointment_id,
        content=news.content,
        due_at=uow.now,
        expires_at=news.expires_at,
    )


HANDLERS = {
    "appointment.booked": on_booked,
    "appointment.moved": on_moved,
    "appointment.cancelled": on_cancelled,
    "appointment.completed": on_completed,
    "visit.eta_changed": on_expected,
}
