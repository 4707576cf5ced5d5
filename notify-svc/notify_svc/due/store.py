"""Due buckets in MongoDB.

A bucket holds up to 250 ids of messages that are due at one moment. `next_at` is the lease: whoever claims a bucket
moves it into the future, so that nobody else looks at it until then. `epoch` is the fence: it rises with every claim,
and a worker that lost its claim can change nothing any more. What happens to a message is guarded by the message
itself; buckets only say where to look, so a bucket that is worked through twice does no harm.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from fascia.ids import new_id
from fascia.store import Index, UnitOfWork

COLLECTION = "due_buckets"
CAPACITY = 250
# Every process fills buckets of its own. In one that all of them fill, the open transaction of a process that was
# killed holds up the messages of the whole practice until the database ends it (up to a minute).
_START = new_id()
# Work that is due about now gets a bucket of its own: a worker may claim a shared one at any moment.
_SHARED_FROM = timedelta(minutes=2)
INDEXES = (
    Index(COLLECTION, (("next_at", 1),)),
    Index(COLLECTION, (("practice_id", 1), ("due_at", 1), ("epoch", 1))),
)


@dataclass(frozen=True)
class Bucket:
    """A claimed bucket."""

    id: str
    practice_id: str
    ids: tuple[str, ...]
    epoch: int


def enqueue(uow: UnitOfWork, message_id: str, due_at: datetime) -> None:
    """Have workers look at a message when it is due, in the transaction that says so."""
    buckets = uow.collection(COLLECTION)
    if due_at - uow.now >= _SHARED_FROM:
        own = {"due_at": due_at, "epoch": 0, "filler": _filler(), "size": {"$lt": CAPACITY}}
        for bucket in buckets.find(own, projection={"_id": 1}):
            filled = {"$push": {"ids": message_id}, "$inc": {"size": 1}}
            if buckets.update_one({"_id": bucket["_id"], "epoch": 0, "size": {"$lt": CAPACITY}}, filled):
                return
    buckets.insert_one(
        {
            "_id": new_id(),
            "due_at": due_at,
            "next_at": due_at,
            "epoch": 0,
            "filler": _filler(),
            "ids": [message_id],
            "size": 1,
        }
    )


def _filler() -> str:
    # With the process id: what was imported before a fork is the same on both sides of it.
    return f"{_START}:{os.getpid()}"


class DueBuckets:
    """The buckets of all practices, for the workers."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._buckets = database[COLLECTION]

    def claim(self, now: datetime, lease: timedelta, limit: int = 16) -> list[Bucket]:
        """Buckets that are due, now leased to the caller; oldest first."""
        due = self._buckets.find({"next_at": {"$lte": now}}).sort("next_at", 1).limit(limit)
        claimed = (self._claim(document, now + lease) for document in due)
        return [bucket for bucket in claimed if bucket is not None]

    def _claim(self, document: dict[str, Any], until: datetime) -> Bucket | None:
        epoch = document["epoch"]
        won = self._buckets.update_one(
            {"_id": document["_id"], "epoch": epoch}, {"$set": {"next_at": until}, "$inc": {"epoch": 1}}
        )
        if won.modified_count != 1:
            return None
        # The ids are read after the claim: until then one could still be added.
        ids = document["ids"] if epoch else self._buckets.find_one({"_id": document["_id"]}, {"ids": 1})["ids"]  # type: ignore[index]
        return Bucket(document["_id"], document["practice_id"], tuple(ids), epoch + 1)

    def renew(self, bucket: Bucket, remaining: Sequence[str], until: datetime) -> Bucket | None:
        """Keep a bucket longer, with what is left of it; None when another worker has it by now."""
        kept = self._buckets.update_one(
            {"_id": bucket.id, "epoch": bucket.epoch},
            {"$set": {"next_at": until, "ids": list(remaining), "size": len(remaining)}},
        )
        return replace(bucket, ids=tuple(remaining)) if kept.matched_count == 1 else None

    def finish(self, bucket: Bucket) -> None:
        """The bucket is worked through."""
        self._buckets.delete_one({"_id": bucket.id, "epoch": bucket.epoch})

    def oldest(self) -> datetime | None:
        """Since when the oldest bucket has been due; None when there is none."""
        found = list(self._buckets.find({}, {"next_at": 1}).sort("next_at", 1).limit(1))
        return found[0]["next_at"] if found else None
