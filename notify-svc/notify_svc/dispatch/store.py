"""The dispatcher's contact in MongoDB, one document a practice, sealed."""

from __future__ import annotations

from fascia.store import UnitOfWork
from notify_svc.alerts.escalation_contact import EscalationContact
from notify_svc.alerts.store import contact_in, save_contact_in

COLLECTION = "dispatch_contacts"


def dispatch_contact(uow: UnitOfWork) -> EscalationContact:
    """Whom the practice tells of a promise at risk; version 1 while nobody was named."""
    return contact_in(uow, COLLECTION, "dispatch")


def save_dispatch_contact(uow: UnitOfWork, contact: EscalationContact) -> None:
    """Keep the next version; raises StaleVersion."""
    save_contact_in(uow, COLLECTION, "dispatch", contact)
