"""The audit trail in MongoDB.

`audit_entries` is only ever inserted into. `audit_pending` holds the ids that are not chained yet, so that a write
does not have to wait for the end of one chain; `audit_links` and `audit_heads` are the chain, written by the worker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from fascia.ids import new_id
from fascia.store import Index, UnitOfWork
from fascia.web.pages import find_page
from records_svc.audit.chain import START, Entry, Head, Link

ENTRIES = "audit_entries"
PENDING = "audit_pending"
LINKS = "audit_links"
HEADS = "audit_heads"

INDEXES = (
    Index(ENTRIES, (("practice_id", 1), ("_id", 1))),
    Index(ENTRIES, (("practice_id", 1), ("patient_id", 1), ("_id", 1))),
    Index(PENDING, (("practice_id", 1), ("_id", 1))),
    Index(LINKS, (("practice_id", 1), ("position", 1)), unique=True),
    Index(HEADS, (("practice_id", 1),), unique=True),
)


@dataclass(frozen=True)
class Access:
    """What was done to which resource. `count` is how many of them, where one entry stands for several."""

    action: str
    resource: str
    resource_id: str | None
    patient_id: str | None
    count: int = 1


def record(uow: UnitOfWork, accesses: Iterable[Access]) -> None:
    """Append accesses in this unit of work. Pending comes first: outside a transaction an entry is never without it."""
    principal = uow.principal
    subject = principal.subject if principal else uow.service
    roles = tuple(sorted(getattr(principal, "roles", ())))
    entries = [Entry(id=new_id(), at=uow.now, subject=subject, roles=roles, **asdict(access)) for access in accesses]
    uow.collection(PENDING).insert_many([{"_id": entry.id, "at": entry.at} for entry in entries])
    uow.collection(ENTRIES).insert_many([_entry_document(entry) for entry in entries])


def read(uow: UnitOfWork, resource: str, resource_id: str | None, patient_id: str | None, count: int = 1) -> None:
    """Record that clinical data was read."""
    record(uow, [Access("read", resource, resource_id, patient_id, count)])


def wrote(uow: UnitOfWork, action: str, resource: str, resource_id: str, patient_id: str) -> None:
    """Record that clinical data was written; `action` says how, e.g. sign."""
    record(uow, [Access(action, resource, resource_id, patient_id)])


def entry_page(uow: UnitOfWork, query: Mapping[str, Any]) -> tuple[list[Entry], str | None]:
    """Entries, newest first, of one patient or one subject where the query says so."""
    wanted = {name: query[name] for name in ("patient_id", "subject") if query.get(name)}
    documents, cursor = find_page(uow.collection(ENTRIES), wanted, query, newest_first=True)
    return [_entry(document) for document in documents], cursor


def pending(uow: UnitOfWork, limit: int = 0) -> dict[str, datetime]:
    """The ids of entries that are not chained yet, oldest first, and when they were written."""
    return {row["_id"]: row["at"] for row in uow.collection(PENDING).find({}, sort=[("_id", 1)], limit=limit)}


def forget_pending(uow: UnitOfWork, ids: Sequence[str]) -> None:
    """Take ids off the list of what is to be chained."""
    if ids:
        uow.collection(PENDING).delete_many({"_id": {"$in": list(ids)}})


def entries_of(uow: UnitOfWork, ids: Sequence[str]) -> list[Entry]:
    """Entries by id, in order of id."""
    return [
        _entry(document) for document in uow.collection(ENTRIES).find({"_id": {"$in": list(ids)}}, sort=[("_id", 1)])
    ]


def head(uow: UnitOfWork) -> tuple[Head, int]:
    """The end of the practice's chain and the version of the document that holds it; 0 where there is none."""
    document = uow.collection(HEADS).find_one({"_id": uow.practice_id})
    if document is None:
        return START, 0
    sealed = uow.keyring.open_json(document["sealed"], _head_context(uow))
    return Head(sealed["position"], sealed["hash"]), document["version"]


def append(uow: UnitOfWork, links: Sequence[Link], new_head: Head, head_version: int) -> None:
    """Write links behind the head of `head_version`; raises StaleVersion or DuplicateKeyError when another did."""
    document = {
        "_id": uow.practice_id,
        "version": head_version + 1,
        "sealed": uow.keyring.seal_json(new_head._asdict(), _head_context(uow)),
    }
    if head_version:
        uow.collection(HEADS).replace(document, expected_version=head_version)
    else:
        uow.collection(HEADS).insert_one(document)
    uow.collection(LINKS).insert_many(
        [{"_id": f"{uow.practice_id}:{link.position:012d}", **link._asdict()} for link in links]
    )
    forget_pending(uow, [link.entry_id for link in links])


def links_between(uow: UnitOfWork, first: int, last: int) -> list[Link]:
    """Links by position, both ends included."""
    documents = uow.collection(LINKS).find({"position": {"$gte": first, "$lte": last}}, sort=[("position", 1)])
    return [Link(row["position"], row["entry_id"], row["previous"], row["hash"]) for row in documents]


def all_entry_ids(uow: UnitOfWork) -> list[str]:
    """Every entry's id."""
    return [row["_id"] for row in uow.collection(ENTRIES).find({}, projection={"_id": 1})]


def _head_context(uow: UnitOfWork) -> str:
    return f"audit-head:{uow.practice_id}"


def _entry_document(entry: Entry) -> dict[str, Any]:
    document = asdict(entry)
    document["_id"] = document.pop("id")
    document["roles"] = list(entry.roles)
    return document


def _entry(document: Mapping[str, Any]) -> Entry:
    return Entry(
        id=document["_id"],
        at=document["at"],
        subject=document["subject"],
        roles=tuple(document["roles"]),
        action=document["action"],
        resource=document["resource"],
        resource_id=document["resource_id"],
        patient_id=document["patient_id"],
        count=document["count"],
    )
