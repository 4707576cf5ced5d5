"""patient.*: keep the contact."""

from __future__ import annotations

from fascia.backbone.event import Event
from fascia.store import UnitOfWork
from notify_svc.contacts.contact import from_patient
from notify_svc.contacts.store import Contacts


def keep_contact(uow: UnitOfWork, event: Event) -> None:
    """Project a patient's new state; an older one changes nothing."""
    contacts = Contacts(uow)
    known = contacts.find(event.data["patient_id"])
    contact = from_patient(event.data, known)
    if contact is None:
        return
    if known is None:
        contacts.add(contact)
    else:
        contacts.save(contact)


HANDLERS = {"patient.registered": keep_contact, "patient.updated": keep_contact}
