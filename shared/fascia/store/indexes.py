"""Indexes are declared by each service and made by `migrate`, never on the fly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pymongo.database import Database
from pymongo.errors import CollectionInvalid


@dataclass(frozen=True)
class Index:
    """An index of a collection; `expire_after` (seconds) makes it a TTL index."""

    collection: str
    keys: tuple[tuple[str, int], ...]
    unique: bool = False
    sparse: bool = False
    expire_after: int | None = None


def ensure_indexes(database: Database[dict[str, Any]], indexes: Iterable[Index]) -> None:
    """Create collections and indexes that are missing; running it again changes nothing."""
    wanted = list(indexes)
    present = set(database.list_collection_names())
    for name in sorted({index.collection for index in wanted} - present):
        try:
            database.create_collection(name)
        except CollectionInvalid:  # another process made it at the same moment
            continue
    for index in wanted:
        options: dict[str, Any] = {"unique": index.unique, "sparse": index.sparse}
        if index.expire_after is not None:
            options["expireAfterSeconds"] = index.expire_after
        database[index.collection].create_index(list(index.keys), **options)
