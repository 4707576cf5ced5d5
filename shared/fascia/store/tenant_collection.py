"""A collection that sees one practice only, inside one session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from fascia.problem import StaleVersion
from fascia.store.pending_writes import Document, PendingWrites

__all__ = ["Document", "TenantCollection"]


class TenantCollection:
    """MongoDB operations that cannot leave the practice: its id is put into every filter and every document.

    With `pending` (inside a transaction) inserts and replacements are sent with the unit of work's other writes, at the
    latest before the commit; whoever reads the collection before that finds them there.
    """

    def __init__(
        self,
        collection: Collection[Document],
        practice_id: str,
        session: ClientSession | None,
        pending: PendingWrites | None = None,
    ) -> None:
        self._collection = collection
        self._practice_id = practice_id
        self._session = session
        self._pending = pending

    def find_one(self, query: Mapping[str, Any], projection: Mapping[str, Any] | None = None) -> Document | None:
        """The first document that matches, or None."""
        self._send_pending()
        return self._collection.find_one(self._mine(query), projection, session=self._session)

    def find(
        self,
        query: Mapping[str, Any],
        *,
        sort: Sequence[tuple[str, int]] | None = None,
        limit: int = 0,
        projection: Mapping[str, Any] | None = None,
    ) -> list[Document]:
        """All documents that match, at most `limit` where that is not 0."""
        self._send_pending()
        cursor = self._collection.find(self._mine(query), projection, session=self._session)
        if sort:
            cursor = cursor.sort(list(sort))
        return list(cursor.limit(limit) if limit else cursor)

    def count(self, query: Mapping[str, Any]) -> int:
        """How many documents match."""
        self._send_pending()
        return self._collection.count_documents(self._mine(query), session=self._session)

    def insert_one(self, document: Document) -> None:
        """Insert; DuplicateKeyError travels to the edge of the transaction, which decides what it means."""
        self.insert_many([document])

    def insert_many(self, documents: Sequence[Document]) -> None:
        """Insert all or, inside a transaction, none."""
        owned = [self._owned(document) for document in documents]
        if self._pending is not None:
            self._pending.insert(self._collection.name, owned)
        elif len(owned) == 1:  # insert_many would tell a duplicate key as an error of its own kind
            self._collection.insert_one(owned[0], session=self._session)
        elif owned:
            self._collection.insert_many(owned, session=self._session)

    def replace(self, document: Document, *, expected_version: int) -> None:
        """Write the new state of an aggregate if nobody else wrote since `expected_version`; else StaleVersion."""
        self.replace_many([(document, expected_version)])

    def replace_many(self, documents: Sequence[tuple[Document, int]]) -> None:
        """Write several aggregates in one trip, each with the version it had; StaleVersion when any has another by now.

        It belongs into a transaction, at whose edge StaleVersion comes up. Outside one it comes at once, and those that
        did match stay written.
        """
        if self._pending is not None:
            for document, expected in documents:
                query = self._mine({"_id": document["_id"], "version": expected})
                self._pending.replace(self._collection.name, query, self._owned(document), expected)
        elif documents:
            self._replace_now(documents)

    def _replace_now(self, documents: Sequence[tuple[Document, int]]) -> None:
        result = self._collection.bulk_write(
            [
                ReplaceOne(self._mine({"_id": document["_id"], "version": expected}), self._owned(document))
                for document, expected in documents
            ],
            session=self._session,
        )
        if result.matched_count != len(documents):
            raise StaleVersion(documents[0][1])

    def update_one(self, query: Mapping[str, Any], update: Mapping[str, Any], *, upsert: bool = False) -> int:
        """Change one document; returns how many matched, an upserted one included."""
        self._send_pending()
        result = self._collection.update_one(self._mine(query), update, upsert=upsert, session=self._session)
        return result.matched_count + (1 if result.upserted_id is not None else 0)

    def delete_one(self, query: Mapping[str, Any]) -> int:
        """Delete one document; returns how many went."""
        self._send_pending()
        return self._collection.delete_one(self._mine(query), session=self._session).deleted_count

    def delete_many(self, query: Mapping[str, Any]) -> int:
        """Delete all that match; returns how many went."""
        self._send_pending()
        return self._collection.delete_many(self._mine(query), session=self._session).deleted_count

    def _send_pending(self) -> None:
        if self._pending is not None:
            self._pending.flush_before(self._collection.name)

    def _mine(self, query: Mapping[str, Any]) -> Document:
        return {**query, "practice_id": self._practice_id}

    def _owned(self, document: Document) -> Document:
        return {**document, "practice_id": self._practice_id}
