"""Wishes as they stand: what a hold became decides what became of the wish that it was made for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from fascia.localtime import local_date
from fascia.problem import RuleViolation
from fascia.store import UnitOfWork
from scheduling_svc.booking import store as booking
from scheduling_svc.booking.visit import home_of
from scheduling_svc.budget.budget import needs_claim
from scheduling_svc.patients import store as patients
from scheduling_svc.waitlist import store
from scheduling_svc.waitlist.entry import Entry, EntryState, require_valid
from scheduling_svc.workforce import store as workforce
from scheduling_svc.workforce.place import MOBILE


def add_entry(uow: UnitOfWork, entry: Entry) -> Entry:
    """Keep a wish. Raises NotFound, RuleViolation or Conflict for one that could never be booked."""
    directory = workforce.directory(uow)
    require_valid(entry, today(uow))
    service = directory.service_type(entry.service_type)
    needs_claim(entry.claim_id, is_treatment=service.is_treatment, requires_prescription=service.requires_prescription)
    if service.therapists > 1 or MOBILE not in service.settings:
        raise RuleViolation(
            "not-for-the-waitlist",
            f"{service.name} is not a mobile visit of one therapist.",
            "service_type",
            "Ask for offers and book it.",
        )
    patient = patients.find(uow, entry.patient_id).registered()
    anybody = next(iter(directory.therapists.values()), None)
    if anybody is not None:
        home_of(patient, anybody)
    return store.save_entry(uow, entry)


def withdraw_entry(uow: UnitOfWork, entry_id: str) -> None:
    """The patient does not wait any more. Raises NotFound or Conflict."""
    entry = store.get_entry(uow, entry_id)
    store.save_entry(uow, entry.withdrawn(seen(uow, [entry])[entry.id]))


def waiting(uow: UnitOfWork, dates: Sequence[date]) -> list[Entry]:
    """The wishes that wait for a place on any of these days."""
    found = store.find_open(uow, min(dates), max(dates))
    states = seen(uow, found)
    return [entry for entry in found if states[entry.id] is EntryState.WAITING]


def seen(uow: UnitOfWork, entries: Iterable[Entry]) -> dict[str, EntryState]:
    """The state of each wish now, by id."""
    known = list(entries)
    offered = [entry.hold_id for entry in known if entry.state is EntryState.OFFERED and entry.hold_id]
    holds = {hold.id: hold.seen_at(uow.now) for hold in booking.find_holds(uow, offered)} if offered else {}
    day = today(uow)
    return {entry.id: entry.seen(day, holds.get(entry.hold_id or "")) for entry in known}


def today(uow: UnitOfWork) -> date:
    """The practice's local day."""
    return local_date(uow.now, workforce.directory(uow).practice.time_zone)
