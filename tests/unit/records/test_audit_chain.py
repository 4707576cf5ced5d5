"""The chain over the audit trail, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from records_svc.audit.chain import START, Entry, Fault, Head, Link, extend, verify

NOW = datetime(2027, 1, 11, 14, tzinfo=UTC)


def entries(count: int) -> list[Entry]:
    return [
        Entry(
            id=f"e{number}",
            at=NOW,
            subject="clerk",
            roles=("admin",),
            action="read",
            resource="patient",
            resource_id="p",
            patient_id="p",
        )
        for number in range(count)
    ]


def faults(links: list[Link], known: list[Entry], head: Head, pending: tuple[str, ...] = ()) -> set[Fault]:
    by_id = {entry.id: entry for entry in known}
    chained = [(link, by_id.get(link.entry_id)) for link in links]
    return {finding.fault for finding in verify(chained, head, by_id, pending)}


def test_a_chain_made_in_two_steps_is_intact() -> None:
    known = entries(5)
    first, head = extend(START, known[:2])
    second, head = extend(head, known[2:4])
    assert [link.position for link in first + second] == [1, 2, 3, 4]
    assert faults(first + second, known, head, pending=("e4",)) == set()


def test_every_kind_of_tampering_is_told_apart() -> None:
    known = entries(4)
    links, head = extend(START, known)
    changed = [known[0], replace(known[1], subject="another"), *known[2:]]
    assert faults(links, changed, head) == {Fault.ENTRY_CHANGED}
    assert faults(links, known[1:], head) == {Fault.ENTRY_REMOVED}
    assert faults(links, [*known, replace(known[0], id="extra")], head) == {Fault.ENTRY_ADDED}
    assert Fault.LINK_REMOVED in faults([*links[:1], *links[2:]], known, head)
    assert Fault.LINK_REMOVED in faults(links[:-1], known, head)


def test_a_chain_that_was_made_anew_does_not_fit_its_head() -> None:
    known = entries(3)
    _, head = extend(START, known)
    forged = [replace(known[0], subject="another"), *known[1:]]
    links, _ = extend(START, forged)
    assert faults(links, forged, head) == {Fault.HEAD_CHANGED}


def test_a_link_that_was_recomputed_alone_breaks_the_next_one() -> None:
    known = entries(3)
    links, head = extend(START, known)
    forged = replace(known[1], subject="another")
    (link,), _ = extend(Head(1, links[0].hash), [forged])
    assert faults([links[0], link, links[2]], [known[0], forged, known[2]], head) == {Fault.LINK_CHANGED}
