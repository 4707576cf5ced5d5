"""The aggregates that a booking judges by and writes: patients, claims, therapist days, calendars.

They share one collection under keys such as `claim:ID`, so that a booking reads all of them in one trip and writes them
in another. What each looks like is known to its feature's store alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from fascia.store import Document, Index, TenantCollection, UnitOfWork
from fascia.web.pages import find_page

INDEXES = (Index("aggregates", (("practice_id", 1), ("_id", 1))),)
Documents = dict[str, Document]


class Change(NamedTuple):
    """The new state of an aggregate and the version that was read; version 0: it was not there."""

    key: str
    fields: Document
    version: int


def read(uow: UnitOfWork, keys: Iterable[str]) -> Documents:
    """Those of several aggregates that are stored, by key."""
    wanted = sorted({_id(uow, key) for key in keys})
    found = _collection(uow).find({"_id": {"$in": wanted}}) if wanted else []
    return {_key(uow, document): document for document in found}


def write(uow: UnitOfWork, *changes: Change) -> None:
    """Write all; raises StaleVersion where one was written since, DuplicateKeyError where one was made since."""
    documents = [
        ({**change.fields, "_id": _id(uow, change.key), "version": change.version + 1}, change.version)
        for change in changes
    ]
    _collection(uow).insert_many([document for document, version in documents if version == 0])
    _collection(uow).replace_many([(document, version) for document, version in documents if version > 0])


def page(
    uow: UnitOfWork, prefix: str, wanted: Document, query: dict[str, Any]
) -> tuple[list[tuple[str, Document]], str | None]:
    """A page of the aggregates whose keys begin with a prefix."""
    begin = _id(uow, prefix)
    bounds = {"_id": {"$gte": begin, "$lt": begin[:-1] + chr(ord(begin[-1]) + 1)}}
    documents, next_cursor = find_page(_collection(uow), {**bounds, **wanted}, query)
    return [(_key(uow, document), document) for document in documents], next_cursor


def _collection(uow: UnitOfWork) -> TenantCollection:
    return uow.collection("aggregates")


def _id(uow: UnitOfWork, key: str) -> str:
    return f"{uow.practice_id}:{key}"


def _key(uow: UnitOfWork, document: Document) -> str:
    return str(document["_id"]).removeprefix(f"{uow.practice_id}:")
