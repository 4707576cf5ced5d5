"""Messaging policies in MongoDB, one document a practice."""

from __future__ import annotations

from datetime import time
from typing import Any

from fascia.store import Document, UnitOfWork
from notify_svc.policy.messaging_policy import MessagingPolicy
from notify_svc.policy.quiet_hours import QuietHours
from notify_svc.settings import notify_settings

COLLECTION = "messaging_policies"


class Policies:
    """The policy of one practice."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._collection = uow.collection(COLLECTION)

    def current(self) -> MessagingPolicy:
        """The policy in force: the practice's own, or version 1, which nobody had to write."""
        document = self._collection.find_one({"_id": self._uow.practice_id})
        if document is None:
            return MessagingPolicy(sender_name=notify_settings(self._uow.settings).sender_name)
        return _load(document)

    def save(self, policy: MessagingPolicy) -> None:
        """Keep the next version; raises StaleVersion."""
        document = {"_id": self._uow.practice_id, **_dump(policy), "updated_at": self._uow.now}
        if policy.version == 2 and self._collection.find_one({"_id": self._uow.practice_id}) is None:
            self._collection.insert_one(document)
        else:
            self._collection.replace(document, expected_version=policy.version - 1)


def _dump(policy: MessagingPolicy) -> Document:
    quiet = policy.quiet_hours
    return {
        "version": policy.version,
        "sender_name": policy.sender_name,
        "reminder_lead_hours": list(policy.reminder_lead_hours),
        "quiet_hours": None
        if quiet is None
        else {"starts_at": quiet.starts_at.isoformat("minutes"), "ends_at": quiet.ends_at.isoformat("minutes")},
        "follow_up_delay_minutes": policy.follow_up_delay_minutes,
        "texts_per_day": policy.texts_per_day,
        "texts_per_week": policy.texts_per_week,
        "booking_confirmation": policy.booking_confirmation,
    }


def _load(document: Document) -> MessagingPolicy:
    quiet: dict[str, Any] | None = document["quiet_hours"]
    return MessagingPolicy(
        sender_name=document["sender_name"],
        reminder_lead_hours=tuple(document["reminder_lead_hours"]),
        quiet_hours=None
        if quiet is None
        else QuietHours(time.fromisoformat(quiet["starts_at"]), time.fromisoformat(quiet["ends_at"])),
        follow_up_delay_minutes=document["follow_up_delay_minutes"],
        texts_per_day=document["texts_per_day"],
        texts_per_week=document["texts_per_week"],
        # A policy that was written before there were confirmations.
        booking_confirmation=document.get("booking_confirmation", "windows"),
        version=document["version"],
    )
