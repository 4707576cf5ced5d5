"""The chain over the audit trail: what was read or written cannot be changed, removed or slipped in unnoticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

GENESIS = "0" * 64


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One access. `count` is how many resources of the kind it touched, where it was more than one."""

    id: str
    at: datetime
    subject: str
    roles: tuple[str, ...]
    action: str
    resource: str
    resource_id: str | None
    patient_id: str | None
    count: int = 1


class Link(NamedTuple):
    """The place of an entry in the chain. `hash` covers the entry, its position and the hash before."""

    position: int
    entry_id: str
    previous: str
    hash: str


class Head(NamedTuple):
    """The last link of a chain; kept sealed, so that nobody without the keys can make one up."""

    position: int
    hash: str


START = Head(0, GENESIS)


class Fault(StrEnum):
    """What a verification can find."""

    ENTRY_CHANGED = "entry_changed"
    ENTRY_REMOVED = "entry_removed"
    ENTRY_ADDED = "entry_added"
    LINK_CHANGED = "link_changed"
    LINK_REMOVED = "link_removed"
    HEAD_CHANGED = "head_changed"


class Finding(NamedTuple):
    """A fault and where it is. `position` is 0 for an entry outside the chain."""

    fault: Fault
    position: int
    entry_id: str | None


def link_hash(entry: Entry, position: int, previous: str) -> str:
    """SHA-256 over the previous hash, the position and the entry in one canonical form."""
    body = {**asdict(entry), "at": entry.at.isoformat(timespec="milliseconds"), "roles": sorted(entry.roles)}
    text = json.dumps([previous, position, body], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def extend(head: Head, entries: Iterable[Entry]) -> tuple[list[Link], Head]:
    """The links for further entries, in order, and the head after them."""
    links = []
    for entry in entries:
        position = head.position + 1
        hash_ = link_hash(entry, position, head.hash)
        links.append(Link(position, entry.id, head.hash, hash_))
        head = Head(position, hash_)
    return links, head


def verify(
    chained: Iterable[tuple[Link, Entry | None]],
    head: Head,
    entry_ids: Iterable[str] = (),
    pending: Collection[str] = (),
) -> Iterator[Finding]:
    """Every fault of a chain.

    `chained` are the links up to the head in order of position, each with the entry that it names (None where that is
    gone); `entry_ids` are all entries that exist; `pending` those that are not chained yet.
    """
    seen: set[str] = set()
    last = START
    for link, entry in chained:
        for gap in range(last.position + 1, link.position):
            yield Finding(Fault.LINK_REMOVED, gap, None)
        seen.add(link.entry_id)
        if link.position == last.position + 1 and link.previous != last.hash:
            yield Finding(Fault.LINK_CHANGED, link.position, link.entry_id)
        yield from _entry_faults(link, entry)
        last = Head(link.position, link.hash)
    for gap in range(last.position + 1, head.position + 1):
        yield Finding(Fault.LINK_REMOVED, gap, None)
    if last.position == head.position and last.hash != head.hash:
        yield Finding(Fault.HEAD_CHANGED, head.position, None)
    for entry_id in entry_ids:
        if entry_id not in seen and entry_id not in pending:
            yield Finding(Fault.ENTRY_ADDED, 0, entry_id)


def _entry_faults(link: Link, entry: Entry | None) -> Iterator[Finding]:
    if entry is None:
        yield Finding(Fault.ENTRY_REMOVED, link.position, link.entry_id)
    elif link_hash(entry, link.position, link.previous) != link.hash:
        yield Finding(Fault.ENTRY_CHANGED, link.position, link.entry_id)
