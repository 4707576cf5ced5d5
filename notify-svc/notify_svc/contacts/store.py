"""Contacts in MongoDB: name, phone and email are sealed, the phone has a blind index for replies."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from fascia.crypto.keyring import Keyring
from fascia.problem import NotFound
from fascia.store import Document, Index, UnitOfWork
from notify_svc.contacts.contact import CHANNELS, Consent, Contact

COLLECTION = "contacts"
INDEXES = (
    Index(COLLECTION, (("practice_id", 1), ("phone_index", 1))),
    # A reply names a phone and no practice.
    Index(COLLECTION, (("phone_index", 1),)),
)


class Contacts:
    """The contacts of one practice."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._collection = uow.collection(COLLECTION)

    def find(self, patient_id: str) -> Contact | None:
        """A contact, or None."""
        document = self._collection.find_one({"_id": self._id(patient_id)})
        return self._load(document) if document else None

    def get(self, patient_id: str) -> Contact:
        """A contact; raises NotFound."""
        contact = self.find(patient_id)
        if contact is None:
            raise NotFound("contact of a patient", patient_id)
        return contact

    def with_phone(self, phone: str) -> list[Contact]:
        """Everybody of the practice who is reached at a number; families share phones."""
        found = self._collection.find({"phone_index": phone_index(self._uow.keyring, phone)})
        return [self._load(document) for document in found]

    def add(self, contact: Contact) -> None:
        """Keep a new contact."""
        self._collection.insert_one(self._dump(contact))

    def save(self, contact: Contact) -> None:
        """Keep the next version of a contact; raises StaleVersion."""
        self._collection.replace(self._dump(contact), expected_version=contact.version - 1)

    def _id(self, patient_id: str) -> str:
        return f"{self._uow.practice_id}:{patient_id}"

    def _dump(self, contact: Contact) -> Document:
        document_id = self._id(contact.patient_id)
        keyring = self._uow.keyring
        person = {
            "given_name": contact.given_name,
            "family_name": contact.family_name,
            "phone": contact.phone,
            "email": contact.email,
        }
        return {
            "_id": document_id,
            "version": contact.version,
            "patient_id": contact.patient_id,
            "patient_version": contact.patient_version,
            "person": keyring.seal_json(person, f"contact:{document_id}"),
            "phone_index": phone_index(keyring, contact.phone) if contact.phone else None,
            "time_zone": contact.time_zone,
            "language": contact.language,
            "recorded": {"sms": contact.recorded.sms, "email": contact.recorded.email},
            "consent": {"sms": contact.consent.sms, "email": contact.consent.email},
            "opted_out": dict(contact.opted_out),
            "deceased": contact.deceased,
            "updated_at": self._uow.now,
        }

    def _load(self, document: Document) -> Contact:
        person = self._uow.keyring.open_json(document["person"], f"contact:{document['_id']}")
        return Contact(
            patient_id=document["patient_id"],
            patient_version=document["patient_version"],
            time_zone=document["time_zone"],
            language=document["language"],
            recorded=Consent(**document["recorded"]),
            consent=Consent(**document["consent"]),
            opted_out={
                channel: document["opted_out"][channel] for channel in CHANNELS if channel in document["opted_out"]
            },
            deceased=document["deceased"],
            version=document["version"],
            **person,
        )


def phone_index(keyring: Keyring, phone: str) -> str:
    """What a phone is found by without being readable."""
    return keyring.blind_index(f"phone:{phone}")


def practices_with_phone(database: Database[dict[str, Any]], keyring: Keyring, phone: str) -> list[str]:
    """The practices that know a number. The one look-up across practices: a reply says who it is from, not for whom."""
    found = database[COLLECTION].find({"phone_index": phone_index(keyring, phone)}, {"practice_id": 1})
    return sorted({document["practice_id"] for document in found})
