"""Escalation contacts in MongoDB, one document a practice, sealed."""

from __future__ import annotations

from fascia.store import UnitOfWork
from notify_svc.alerts.escalation_contact import EscalationContact

COLLECTION = "escalation_contacts"


def escalation_contact(uow: UnitOfWork) -> EscalationContact:
    """Whom the practice tells; version 1 while nobody was named."""
    return contact_in(uow, COLLECTION, "escalation")


def save_escalation_contact(uow: UnitOfWork, contact: EscalationContact) -> None:
    """Keep the next version; raises StaleVersion."""
    save_contact_in(uow, COLLECTION, "escalation", contact)


def contact_in(uow: UnitOfWork, collection: str, purpose: str) -> EscalationContact:
    """The practice's one contact for a purpose; version 1 while nobody was named."""
    document = uow.collection(collection).find_one({"_id": uow.practice_id})
    if document is None:
        return EscalationContact()
    person = uow.keyring.open_json(document["person"], f"{purpose}:{uow.practice_id}")
    return EscalationContact(version=document["version"], **person)


def save_contact_in(uow: UnitOfWork, collection: str, purpose: str, contact: EscalationContact) -> None:
    """Keep the next version of the contact for a purpose; raises StaleVersion."""
    person = {"name": contact.name, "phone": contact.phone, "email": contact.email}
    document = {
        "_id": uow.practice_id,
        "version": contact.version,
        "person": uow.keyring.seal_json(person, f"{purpose}:{uow.practice_id}"),
        "updated_at": uow.now,
    }
    if contact.version == 2:
        uow.collection(collection).insert_one(document)
    else:
        uow.collection(collection).replace(document, expected_version=contact.version - 1)
