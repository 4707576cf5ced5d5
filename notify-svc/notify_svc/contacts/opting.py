"""Use cases: a patient opts out of a channel, or in again."""

from __future__ import annotations

from fascia.store import UnitOfWork
from notify_svc.contacts.contact import Channel
from notify_svc.contacts.store import Contacts


def opt_out(uow: UnitOfWork, patient_id: str, channel: Channel) -> bool:
    """No more messages on a channel; False when that was so before. Unknown patients are nothing to do."""
    contacts = Contacts(uow)
    known = contacts.find(patient_id)
    if known is None:
        return False
    contact = known.opt_out(channel, uow.now)
    if contact.version == known.version:
        return False
    contacts.save(contact)
    uow.publish(
        "contact.opted_out",
        {"patient_id": patient_id, "channel": channel, "at": uow.now},
        sequence=contact.version,
    )
    return True


def opt_in(uow: UnitOfWork, patient_id: str, channel: Channel) -> bool:
    """Messages on a channel again; False when nothing stood against them."""
    contacts = Contacts(uow)
    known = contacts.find(patient_id)
    if known is None:
        return False
    contact = known.opt_in(channel)
    if contact.version == known.version:
        return False
    contacts.save(contact)
    return True
