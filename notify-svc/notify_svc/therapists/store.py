"""Therapists in MongoDB: name, phone and email are sealed."""

from __future__ import annotations

from fascia.store import UnitOfWork
from notify_svc.therapists.therapist import Therapist

COLLECTION = "therapists"
_SEALED = ("name", "phone", "email")


class Therapists:
    """The therapists of one practice."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._collection = uow.collection(COLLECTION)

    def find(self, therapist_id: str) -> Therapist | None:
        """A therapist, or None."""
        document = self._collection.find_one({"_id": self._key(therapist_id)})
        if document is None:
            return None
        person = self._uow.keyring.open_json(document["person"], f"therapist:{document['_id']}")
        return Therapist(
            id=therapist_id,
            version=document["version"],
            time_zone=document["time_zone"],
            active=document["active"],
            **person,
        )

    def put(self, therapist: Therapist, known: Therapist | None) -> None:
        """Keep the newest state; `known` is the one before."""
        key = self._key(therapist.id)
        person = {name: getattr(therapist, name) for name in _SEALED}
        document = {
            "_id": key,
            "version": therapist.version,
            "time_zone": therapist.time_zone,
            "active": therapist.active,
            "person": self._uow.keyring.seal_json(person, f"therapist:{key}"),
        }
        if known is None:
            self._collection.insert_one(document)
        else:
            self._collection.replace(document, expected_version=known.version)

    def _key(self, therapist_id: str) -> str:
        return f"{self._uow.practice_id}:{therapist_id}"
