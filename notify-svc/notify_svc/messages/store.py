"""Messages in MongoDB: what was said and to which address is sealed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from fascia.problem import NotFound
from fascia.store import Document, Index, UnitOfWork
from fascia.web.pages import find_page
from notify_svc.messages.message import Message, Rendered, State
from notify_svc.messages.permission import RecentTexts

COLLECTION = "messages"
REFS = "provider_refs"
INDEXES = (
    Index(COLLECTION, (("practice_id", 1), ("cause", 1)), unique=True),
    Index(COLLECTION, (("practice_id", 1), ("recipient_id", 1), ("_id", 1))),
    Index(COLLECTION, (("practice_id", 1), ("appointment_id", 1), ("_id", 1))),
    Index(COLLECTION, (("practice_id", 1), ("_id", 1))),
    Index(COLLECTION, (("practice_id", 1), ("recipient_id", 1), ("sent_at", 1))),
    Index(REFS, (("practice_id", 1), ("message_id", 1))),
)
_PLAIN = (
    "cause",
    "kind",
    "channel",
    "audience",
    "recipient_id",
    "appointment_id",
    "due_at",
    "expires_at",
    "created_at",
    "reason",
    "attempts",
    "busy_until",
    "unclear",
    "provider_ref",
    "sent_at",
    "delivered_at",
    "version",
    "caused_by",
    "traceparent",
)


class Messages:
    """The messages of one practice."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._collection = uow.collection(COLLECTION)

    def find(self, message_id: str) -> Message | None:
        """A message, or None."""
        document = self._collection.find_one({"_id": message_id})
        return self._load(document) if document else None

    def get(self, message_id: str) -> Message:
        """A message; raises NotFound."""
        message = self.find(message_id)
        if message is None:
            raise NotFound("message", message_id)
        return message

    def exists(self, cause: str) -> bool:
        """Whether there is a message for a cause already."""
        return self._collection.find_one({"cause": cause}, {"_id": 1}) is not None

    def because(self, cause: str) -> Message | None:
        """The message for a cause, or None."""
        document = self._collection.find_one({"cause": cause})
        return self._load(document) if document else None

    def scheduled_for(self, appointment_id: str) -> list[Message]:
        """The messages about an appointment that were not taken up yet."""
        found = self._collection.find({"appointment_id": appointment_id, "state": State.SCHEDULED.value})
        return [self._load(document) for document in found]

    def scheduled_because(self, cause_begins: str) -> list[Message]:
        """The messages that were not taken up yet and whose cause begins so."""
        causes = {"$gte": cause_begins, "$lt": cause_begins + "\uffff"}
        found = self._collection.find({"cause": causes, "state": State.SCHEDULED.value})
        return [self._load(document) for document in found]

    def recent_texts(self, recipient_id: str, now: datetime) -> RecentTexts:
        """How many texts went to somebody of late."""
        week = self._collection.find(
            {"recipient_id": recipient_id, "sent_at": {"$gt": now - timedelta(days=7)}},
            projection={"sent_at": 1, "channel": 1},
        )
        texts = [document["sent_at"] for document in week if document["channel"] == "sms"]
        return RecentTexts(day=sum(at > now - timedelta(days=1) for at in texts), week=len(texts))

    def latest_text_to(self, recipient_ids: Iterable[str]) -> Message | None:
        """The text that a reply most likely answers: the last one that was sent to any of them."""
        found = self._collection.find(
            {"recipient_id": {"$in": list(recipient_ids)}, "sent_at": {"$gt": self._uow.now - timedelta(days=30)}}
        )
        texts = [document for document in found if document["channel"] == "sms"]
        return self._load(max(texts, key=lambda document: document["sent_at"])) if texts else None

    def page(self, filters: Mapping[str, str], query: Mapping[str, Any]) -> tuple[list[Message], str | None]:
        """One page of messages, newest first."""
        documents, cursor = find_page(self._collection, filters, query, newest_first=True)
        return [self._load(document) for document in documents], cursor

    def add(self, message: Message) -> None:
        """Keep a new message."""
        self._collection.insert_one(self._dump(message))

    def save(self, message: Message, before: Message) -> None:
        """Keep what became of `before`; raises StaleVersion."""
        if message.version != before.version:
            self._collection.replace(self._dump(message), expected_version=before.version)

    def _dump(self, message: Message) -> Document:
        keyring, context = self._uow.keyring, f"message:{message.id}"
        rendered = None if message.rendered is None else asdict(message.rendered)
        return {
            "_id": message.id,
            **{name: getattr(message, name) for name in _PLAIN},
            "state": message.state.value,
            "content": keyring.seal_json(dict(message.content), context),
            "rendered": None if rendered is None else keyring.seal_json(rendered, context),
            "history": [{"state": state, "at": at} for state, at in message.history],
            "updated_at": self._uow.now,
        }

    def _load(self, document: Document) -> Message:
        keyring, context = self._uow.keyring, f"message:{document['_id']}"
        sealed = document["rendered"]
        return Message(
            id=document["_id"],
            **{name: document[name] for name in _PLAIN},
            state=State(document["state"]),
            content=keyring.open_json(document["content"], context),
            rendered=None if sealed is None else Rendered(**keyring.open_json(sealed, context)),
            history=tuple((entry["state"], entry["at"]) for entry in document["history"]),
        )


def claim_ref(uow: UnitOfWork, provider_ref: str, message_id: str) -> None:
    """Say that the provider's `provider_ref` is this message, and no other.

    The claim is an insert: of two workers that found the same text at the provider for two equal messages, one gets
    DuplicateKeyError and looks again.
    """
    uow.collection(REFS).insert_one({"_id": provider_ref, "message_id": message_id, "at": uow.now})


def owner_of(database: Database[dict[str, Any]], provider_ref: str) -> tuple[str, str] | None:
    """Practice and id of the message that a provider's id belongs to; ids are unique there across practices."""
    found = database[REFS].find_one({"_id": provider_ref})
    return None if found is None else (str(found["practice_id"]), str(found["message_id"]))


def taken_refs(database: Database[dict[str, Any]], provider_refs: Iterable[str]) -> set[str]:
    """Which of these provider ids already belong to a message of ours."""
    found = database[REFS].find({"_id": {"$in": list(provider_refs)}}, {"_id": 1})
    return {document["_id"] for document in found}
