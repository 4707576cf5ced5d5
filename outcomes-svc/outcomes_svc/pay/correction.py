"""Corrections: what an issued month would be paid today, and the lines that settle the difference. Pure.

An issued statement is never changed. When the next one is issued, each earlier month is computed again from what is
known by then; what differs from what has been settled becomes a line that names the statement, the cause and both
amounts. A change that moves no money but was an input of the results gets a line over 0.00: nothing changes silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from outcomes_svc.pay.month import Month


class Cause(StrEnum):
    """Why something that was issued is corrected."""

    SESSION_AMENDED = "session_amended"
    SESSION_ADDED = "session_added"
    SESSION_REMOVED = "session_removed"
    ENTRY_ADDED = "entry_added"
    ENTRY_WITHDRAWN = "entry_withdrawn"
    TRAVEL_CHANGED = "travel_changed"
    EPISODE_CHANGED = "episode_changed"
    OUTCOME_CHANGED = "outcome_changed"
    DISPUTE_UPHELD = "dispute_upheld"


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What has been paid for one thing so far, and what that rested on."""

    amount: Decimal
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class Correction:
    """One correction line. `key` is the line of the earlier statement that it is about, `statement` its SHA-256.

    `statement` is None where the therapist had no statement for that month. `fingerprint` is what `after` rests on.
    """

    month: Month
    statement: str | None
    key: str
    cause: Cause
    reference: str
    before: Decimal
    after: Decimal
    difference: Decimal
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """What an upheld dispute fixed for a line: `amount` holds as long as the line rests on `fingerprint`."""

    dispute_id: str
    key: str
    amount: Decimal
    fingerprint: str


def settled_by(issued: Mapping[str, Settled], corrections: Iterable[Correction]) -> dict[str, Settled]:
    """What is settled after the corrections of later statements, in their order."""
    state = dict(issued)
    for line in corrections:
        state[line.key] = Settled(amount=line.after, fingerprint=line.fingerprint)
    return state


def corrections_of(
    month: Month,
    statement: str | None,
    settled: Mapping[str, Settled],
    today: Mapping[str, Settled],
    rulings: Mapping[str, Ruling],
    nothing: Decimal,
) -> list[Correction]:
    """The lines that bring what was settled for a month to what it comes to today, in the order of their keys.

    `nothing` is 0 as the currency writes it.
    """
    absent = Settled(amount=nothing, fingerprint="")
    found = []
    for key in sorted({*settled, *today, *rulings}):
        before, now, ruling = settled.get(key), today.get(key), rulings.get(key)
        after = now or absent
        cause = _cause(key, before, now)
        reference = key.partition(":")[2] or key
        if ruling is not None and ruling.fingerprint == after.fingerprint:
            after = Settled(amount=ruling.amount, fingerprint=f"{ruling.fingerprint}#{ruling.dispute_id}")
            cause, reference = Cause.DISPUTE_UPHELD, ruling.dispute_id
        paid = before or absent
        if paid.fingerprint == after.fingerprint and paid.amount == after.amount:
            continue
        found.append(
            Correction(
                month=month,
                statement=statement,
                key=key,
                cause=cause,
                reference=reference,
                before=paid.amount,
                after=after.amount,
                difference=after.amount - paid.amount,
                fingerprint=after.fingerprint,
            )
        )
    return found


def _cause(key: str, before: Settled | None, now: Settled | None) -> Cause:
    kind = key.partition(":")[0]
    added, removed = before is None or before.fingerprint == "", now is None
    if kind == "session":
        return Cause.SESSION_ADDED if added else Cause.SESSION_REMOVED if removed else Cause.SESSION_AMENDED
    if kind == "entry":
        return Cause.ENTRY_WITHDRAWN if removed else Cause.ENTRY_ADDED
    if kind == "route":
        return Cause.TRAVEL_CHANGED
    return Cause.EPISODE_CHANGED if kind == "episode" else Cause.OUTCOME_CHANGED
