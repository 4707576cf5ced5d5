"""Writes of a transaction that nothing waits for, sent together: one round trip for all collections.

A command inserts its documents, its outbox rows and its Idempotency-Key record, and replaces aggregates at the version
that was read. None of these is needed before the commit, so they are collected and sent as one `bulkWrite` command
(MongoDB 8 and later); an older server gets a bulk per collection. What is read or changed otherwise is read after them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import bson
from bson.raw_bson import RawBSONDocument
from pymongo import InsertOne, MongoClient, ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure

from fascia.problem import StaleVersion

Document = dict[str, Any]
# Far below what one command may hold (100,000 writes, 48 MB), and no more than a process wants to keep.
_MAX_WRITES = 1_000
_MAX_BYTES = 8_000_000
_BULK_WRITE_SINCE = 25  # the wire version of MongoDB 8.0
_DUPLICATE_KEY, _WRITE_CONFLICT = 11000, 112


class _Write(NamedTuple):
    collection: str
    document: RawBSONDocument
    query: Document | None = None
    """what a replacement must match; None: an insert"""
    expected_version: int = 0


class PendingWrites:
    """The writes of one unit of work that were not sent yet, in their order. Belongs to one transaction."""

    def __init__(self, database: Database[Document], session: ClientSession) -> None:
        self._database = database
        self._session = session
        self._writes: list[_Write] = []
        self._bytes = 0
        self._begun = False

    def insert(self, collection: str, documents: Iterable[Mapping[str, Any]]) -> None:
        """Insert later; DuplicateKeyError comes from `flush`."""
        for document in documents:
            self._add(_Write(collection, self._encoded(document)))

    def replace(self, collection: str, query: Document, document: Mapping[str, Any], expected_version: int) -> None:
        """Replace later what matches; StaleVersion comes from `flush` when nothing does."""
        self._add(_Write(collection, self._encoded(document), query, expected_version))

    def flush_before(self, collection: str) -> None:
        """A collection is about to be read or changed: send everything if some of it belongs there."""
        if any(write.collection == collection for write in self._writes):
            self.flush()
        self._begun = True

    def flush(self) -> None:
        """Send everything. Raises StaleVersion or DuplicateKeyError; the transaction must then be given up."""
        writes, self._writes, self._bytes = self._writes, [], 0
        runs = [list(run) for _, run in groupby(writes, _kind)]
        together = _knows_bulk_write(self._database.client)
        while runs and not (self._begun and together):
            # The first command of a transaction names its read concern, and not every server's bulkWrite takes one.
            self._begun = True
            _bulk(self._database, self._session, runs.pop(0))
        if len(runs) == 1:
            _bulk(self._database, self._session, runs[0])
        elif runs:
            _one_command(self._database, self._session, [write for run in runs for write in run])

    def _encoded(self, document: Mapping[str, Any]) -> RawBSONDocument:
        # Encoded at once: what the caller does to the document afterwards is not written, and what cannot be stored
        # is refused where it was given.
        return RawBSONDocument(bson.encode(document, codec_options=self._database.codec_options))

    def _add(self, write: _Write) -> None:
        self._writes.append(write)
        self._bytes += len(write.document.raw)
        if len(self._writes) >= _MAX_WRITES or self._bytes >= _MAX_BYTES:
            self.flush()


def _kind(write: _Write) -> tuple[str, bool]:
    """What one bulk of a collection holds: replacements are counted as a whole, so they are not mixed with inserts."""
    return write.collection, write.query is None


def _knows_bulk_write(client: MongoClient[Document]) -> bool:
    """Of every server that is known: the primary may be another one in a moment."""
    known = [
        server for server in client.topology_description.server_descriptions().values() if server.is_server_type_known
    ]
    return bool(known) and all(server.max_wire_version >= _BULK_WRITE_SINCE for server in known)


def _one_command(database: Database[Document], session: ClientSession, writes: Sequence[_Write]) -> None:
    names = list(dict.fromkeys(write.collection for write in writes))
    reply = database.client.admin.command(
        {
            "bulkWrite": 1,
            "ops": [_operation(write, names.index(write.collection)) for write in writes],
            "nsInfo": [{"ns": f"{database.name}.{name}"} for name in names],
            "ordered": True,
            # With replacements, each answers for itself: the one that matched nothing is stale.
            "errorsOnly": all(write.query is None for write in writes),
        },
        session=session,
    )
    for result in reply["cursor"]["firstBatch"]:
        write = writes[result["idx"]]
        if not result["ok"]:
            raise _failure(result)
        if write.query is not None and not result["n"]:
            raise StaleVersion(write.expected_version)


def _operation(write: _Write, place: int) -> Document:
    if write.query is None:
        return {"insert": place, "document": write.document}
    return {"update": place, "filter": write.query, "updateMods": write.document, "multi": False}


def _bulk(database: Database[Document], session: ClientSession, writes: Sequence[_Write]) -> None:
    """Send writes of one kind."""
    try:
        result = database[writes[0].collection].bulk_write([_model(write) for write in writes], session=session)
    except BulkWriteError as error:
        raise _failure((error.details or {}).get("writeErrors", [{}])[0]) from None
    if writes[0].query is not None and result.matched_count != len(writes):
        raise StaleVersion(writes[0].expected_version)


def _model(write: _Write) -> InsertOne[Document] | ReplaceOne[Document]:
    if write.query is None:
        return InsertOne(write.document)  # type: ignore[arg-type]
    return ReplaceOne(write.query, write.document)


def _failure(result: Mapping[str, Any]) -> OperationFailure:
    code, text = result.get("code", 0), str(result.get("errmsg", ""))
    if code == _DUPLICATE_KEY:
        return DuplicateKeyError(text, code, result)
    details = dict(result)
    if code == _WRITE_CONFLICT:
        # Told as the fate of one write by some servers, of the whole command by others: it asks for another try.
        details["errorLabels"] = ["TransientTransactionError"]
    return OperationFailure(text, code, details)
