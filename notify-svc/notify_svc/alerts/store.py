"""Escalation contacts in MongoDB, one document a practice, sealed."""

from __future__ import annotations

from fascia.store import UnitOfWork
from notify_svc.alerts.escalation_contact import EscalationContact

COLLECTION = "escalation_contacts"


def escalation_contact(uow: UnitOfWork) -> EscalationContact:
    """Whom the practice tells; version 1 while nobody was named."""
    document = uow.collection(COLLECTION).find_one({"_id": uow.practice_id})
    if document is None:
        return EscalationContact()
    person = uow.keyring.open_json(document["person"], _context(uow))
    return EscalationContact(version=document["version"], **person)


def save_escalation_contact(uow: UnitOfWork, contact: EscalationContact) -> None:
    """Keep the next version; raises StaleVersion."""
    person = {"name": contact.name, "phone": contact.phone, "email": contact.email}
    document = {
        "_id": uow.practice_id,
        "version": contact.version,
        "person": uow.keyring.seal_json(person, _context(uow)),
        "updated_at": uow.now,
    }
    if contact.version == 2:
        uow.collection(COLLECTION).insert_one(document)
    else:
        uow.collection(COLLECTION).replace(document, expected_version=contact.version - 1)


def _context(uow: UnitOfWork) -> str:
    return f"escalation:{uow.practice_id}"
