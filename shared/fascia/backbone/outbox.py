"""The outbox: events that are written with their cause and sent afterwards.

A row is pending until the broker has acknowledged it; then it is retained, so that a broker that lost its data can be
given everything again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from fascia.backbone.outbox_replay import first_id_at
from fascia.backbone.outbox_row import OutboxRow
from fascia.store.indexes import Index

_DAY_SECONDS = 86_400


class Outbox:
    """The relay's side of the outbox: what is pending, what was sent."""

    # Sparse, and of one field: rows that were sent are not in it. (An index that also held _id would hold every row.)
    INDEXES = (Index("outbox", (("pending", 1),), sparse=True),)

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._rows = database["outbox"]

    def pending(self, limit: int = 500) -> list[OutboxRow]:
        """Unsent rows, oldest first, at most about `limit`.

        A full batch is completed for the keys that it holds: a later version of an aggregate may carry an earlier id
        when it was written by a machine whose clock is behind.
        """
        documents = list(self._rows.find({"pending": 1}).sort("_id", 1).limit(limit))
        if len(documents) == limit:
            keys = sorted({document["key"] for document in documents})
            documents = list(self._rows.find({"pending": 1, "key": {"$in": keys}}))
        return [OutboxRow.of(document) for document in documents]

    def mark_sent(self, ids: Sequence[str], at: datetime) -> None:
        """The broker has acknowledged these rows; those that it had acknowledged before stay as they are."""
        if ids:
            unsent = {"_id": {"$in": list(ids)}, "pending": 1}
            self._rows.update_many(unsent, {"$unset": {"pending": ""}, "$set": {"sent_at": at}})

    def oldest_pending(self) -> datetime | None:
        """When the oldest unsent row was written."""
        rows = list(self._rows.find({"pending": 1}, {"created_at": 1}).sort("_id", 1).limit(1))
        return rows[0]["created_at"] if rows else None

    def count_pending(self) -> int:
        """How many rows are unsent."""
        return self._rows.count_documents({"pending": 1})

    def purge(self, now: datetime, retention_days: int, batch: int = 500) -> int:
        """Delete rows that were sent long ago; returns how many. Ids sort by time, so their range is the age."""
        border = first_id_at(int((now - timedelta(seconds=retention_days * _DAY_SECONDS)).timestamp() * 1000))
        old = list(self._rows.find({"_id": {"$lt": border}, "pending": {"$exists": False}}, {"_id": 1}).limit(batch))
        return self._rows.delete_many({"_id": {"$in": [row["_id"] for row in old]}}).deleted_count if old else 0


def pending_by_key(rows: Iterable[OutboxRow]) -> dict[str, list[OutboxRow]]:
    """Rows grouped by topic and key, each group in the order in which it must leave."""
    groups: dict[str, list[OutboxRow]] = {}
    for row in rows:
        groups.setdefault(f"{row.topic}/{row.key}", []).append(row)
    for group in groups.values():
        group.sort(key=lambda row: row.order)
    return groups
