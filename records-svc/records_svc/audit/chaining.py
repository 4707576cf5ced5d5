"""Chaining in the worker, and verification: finding what was tampered with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from pymongo.errors import DuplicateKeyError

from fascia.problem import StaleVersion
from fascia.runtime import Runtime
from fascia.store import UnitOfWork
from records_svc.audit import store
from records_svc.audit.chain import Entry, Finding, Head, Link, extend, verify

BATCH = 500
EVERY = timedelta(seconds=2)
ABANDONED = timedelta(minutes=10)
MOST_FINDINGS = 100


class Verification(NamedTuple):
    """What a walk over a practice's chain found: how many entries are chained and pending, and the first faults."""

    chained: int
    pending: int
    findings: list[Finding]

    @property
    def intact(self) -> bool:
        """Whether nothing was changed, removed or slipped in."""
        return not self.findings


def chain_all(runtime: Runtime) -> None:
    """Chain what is pending, practice by practice. It runs in every worker: whoever finds the head moved gives way."""
    for practice_id in runtime.practices(store.PENDING):
        try:
            while runtime.transaction(practice_id, chain_batch) == BATCH:
                continue
        except (StaleVersion, DuplicateKeyError):
            continue


def chain_batch(uow: UnitOfWork) -> int:
    """Chain up to BATCH entries in this transaction; returns how many ids it looked at.

    A read announces its entry before it writes it. Where the process died in between there is no entry and nobody got
    an answer: such an id is dropped after a while, so that it does not stand in the way.
    """
    pending = store.pending(uow, BATCH)
    entries = store.entries_of(uow, list(pending))
    written = {entry.id for entry in entries}
    store.forget_pending(uow, [id_ for id_, at in pending.items() if id_ not in written and uow.now - at > ABANDONED])
    if entries:
        head, version = store.head(uow)
        links, new_head = extend(head, entries)
        store.append(uow, links, new_head, version)
    return len(pending) if written else 0


def verification(uow: UnitOfWork) -> Verification:
    """Walk the whole chain and compare it with the entries.

    The order of the reads matters while others write: an entry that was pending when the ids were read is either
    still pending afterwards or within the head that is read last.
    """
    entry_ids = store.all_entry_ids(uow)
    pending = frozenset(store.pending(uow))
    head, _ = store.head(uow)
    findings: list[Finding] = []
    for finding in verify(_chained(uow, head), head, entry_ids, pending):
        findings.append(finding)
        if len(findings) == MOST_FINDINGS:
            break
    return Verification(head.position, len(pending), findings)


def _chained(uow: UnitOfWork, head: Head) -> Iterator[tuple[Link, Entry | None]]:
    for first in range(1, head.position + 1, BATCH):
        links = store.links_between(uow, first, min(first + BATCH - 1, head.position))
        entries = {entry.id: entry for entry in store.entries_of(uow, [link.entry_id for link in links])}
        for link in links:
            yield link, entries.get(link.entry_id)
