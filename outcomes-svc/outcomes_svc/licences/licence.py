"""A practice's licences for one instrument, as entries that are only ever added to. Pure.

An entry with a new reference is another licence (a renewal, for example); one with a known reference replaces what was
said of that licence before. What counts is the last entry of each reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from fascia.problem import Conflict, RuleViolation
from outcomes_svc.instruments.instrument import Instrument


class Action(StrEnum):
    """What an entry did."""

    RECORDED = "recorded"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a licence says. The days are inclusive; `valid_until` is None where it has no end."""

    holder: str
    reference: str
    valid_from: date
    valid_until: date | None

    def cover(self, on: date) -> bool:
        """Whether the licence holds on a day."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


@dataclass(frozen=True, kw_only=True)
class LicenceEntry:
    """One line of the history. `version` counts the entries of the practice for the instrument from 1."""

    instrument: str
    version: int
    action: Action
    terms: Terms
    recorded_by: str
    recorded_at: datetime


def licensed(instrument: Instrument, entries: Iterable[LicenceEntry], on: date) -> bool:
    """Whether the practice may score and ask the instrument on a day. `entries` may be of any instruments."""
    if not instrument.licence_required:
        return True
    own = [entry for entry in entries if entry.instrument == instrument.id]
    return any(entry.terms.cover(on) for entry in standing(own))


def standing(entries: Iterable[LicenceEntry]) -> list[LicenceEntry]:
    """The last entry of each reference, by the day from which it is valid."""
    last: dict[tuple[str, str], LicenceEntry] = {}
    for entry in sorted(entries, key=lambda entry: entry.version):
        last[entry.instrument, entry.terms.reference] = entry
    return sorted(last.values(), key=lambda entry: (entry.terms.valid_from, entry.terms.reference))


def record(
    history: Sequence[LicenceEntry], instrument: str, terms: Terms, by: str, now: datetime
) -> LicenceEntry | None:
    """The entry that records `terms`, or None where they stand already; raises RuleViolation for impossible days."""
    if terms.valid_until is not None and terms.valid_until < terms.valid_from:
        raise RuleViolation(
            "licence-ends-before-it-begins",
            "valid_until is before valid_from.",
            "valid_until",
            "Send a day on or after valid_from, or null where the licence has no end.",
        )
    if any(entry.terms == terms and entry.action is Action.RECORDED for entry in standing(history)):
        return None
    return LicenceEntry(
        instrument=instrument,
        version=len(history) + 1,
        action=Action.RECORDED,
        terms=terms,
        recorded_by=by,
        recorded_at=now,
    )


def end(history: Sequence[LicenceEntry], by: str, now: datetime) -> list[LicenceEntry]:
    """The entries that end every licence still running: today is its last day. Raises Conflict where none runs.

    What was scored before stays licensed; a licence that was to begin later never does.
    """
    today = now.date()
    running = [
        entry for entry in standing(history) if entry.terms.valid_until is None or entry.terms.valid_until > today
    ]
    if not running:
        raise Conflict("no-licence-in-force", "There is no licence for this instrument that could be ended.")
    return [
        replace(
            entry,
            version=len(history) + number,
            action=Action.ENDED,
            terms=replace(entry.terms, valid_until=today),
            recorded_by=by,
            recorded_at=now,
        )
        for number, entry in enumerate(running, start=1)
    ]
