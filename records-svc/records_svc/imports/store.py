"""What was imported last: a keyed hash of each resource's content, by which an unchanged line is recognised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fascia.store import Index, UnitOfWork

STAMPS = "import_stamps"
INDEXES = (Index(STAMPS, (("practice_id", 1), ("_id", 1))),)


def stamps(uow: UnitOfWork, ids: Sequence[str]) -> dict[str, str]:
    """The hashes of those resources that were imported before, by id."""
    return {row["_id"]: row["content"] for row in uow.collection(STAMPS).find({"_id": {"$in": list(ids)}})}


def add_stamps(uow: UnitOfWork, contents: Mapping[str, str]) -> None:
    """Remember resources that are new."""
    uow.collection(STAMPS).insert_many([{"_id": id_, "content": content} for id_, content in contents.items()])


def change_stamp(uow: UnitOfWork, id_: str, content: str) -> None:
    """Remember the new content of a resource."""
    uow.collection(STAMPS).update_one({"_id": id_}, {"$set": {"content": content}})
