"""Holds: placed, released, expired."""

from __future__ import annotations

from datetime import datetime, timedelta

from fascia.problem import StaleVersion
from fascia.runtime import Runtime
from fascia.store import UnitOfWork
from scheduling_svc.booking import store
from scheduling_svc.booking.hold import Hold, HoldState
from scheduling_svc.booking.occupying import vacate
from scheduling_svc.booking.placing import Placed, Wanted, place, screened_halves
from scheduling_svc.booking.visit import VisitRequest

EXPIRY_EVERY = timedelta(seconds=15)
_EXPIRED_AT_ONCE = 200
WAITLIST_HOLD = timedelta(hours=4)
"""How long a place is kept that was found for a patient on the waitlist: the desk has to reach them first."""


def place_hold(
    uow: UnitOfWork,
    request: VisitRequest,
    ends_at: datetime | None = None,
    *,
    second_therapist_id: str | None = None,
    kept: timedelta | None = None,
) -> Hold:
    """Keep a slot, by default for the practice's hold time. Raises NotFound, RuleViolation or Conflict; then not.

    A tandem is kept by a hold for each therapist, or not at all; the first one's is returned.
    """
    halves = screened_halves(uow, Wanted(request, ends_at, second_therapist_id))
    expires_at = uow.now + (kept or timedelta(minutes=halves[0].directory.practice.hold_minutes))
    holds = [store.save_hold(uow, _hold(one, expires_at)) for one in place(uow, halves, expires_at)]
    return holds[0]


def release_hold(uow: UnitOfWork, hold_id: str) -> None:
    """Give a slot back, of a tandem both halves. Raises NotFound, or Conflict for a hold that is no longer active."""
    for hold in halves_of(uow, store.get_hold(uow, hold_id)):
        drop_hold(uow, hold, hold.released(uow.now))


def halves_of(uow: UnitOfWork, hold: Hold) -> list[Hold]:
    """A hold, and of a tandem the other therapist's, in the order in which they were made."""
    partner_id = hold.visit.partner_id
    found = [hold] if partner_id is None else [hold, store.get_hold(uow, partner_id)]
    return sorted(found, key=lambda one: one.id)


def drop_hold(uow: UnitOfWork, hold: Hold, ended: Hold) -> None:
    """End a hold and give back what it kept."""
    store.save_hold(uow, ended)
    vacate(uow, hold.id, hold.visit, hold.date, booked=False)


def _hold(placed: Placed, expires_at: datetime) -> Hold:
    visit = placed.visit
    return Hold(
        id=placed.id,
        visit=visit.request,
        ends_at=visit.ends_at,
        date=visit.date,
        time_zone=visit.site.time_zone,
        expires_at=expires_at,
        drive_minutes=placed.fit.drive_minutes,
        added_drive_minutes=placed.fit.added_drive_minutes,
    )


def expire_holds(runtime: Runtime) -> None:
    """Tidy up holds that ran out, each in a transaction of its own.

    Nothing waits for it: whoever meets a hold that ran out looks through it. So two workers may try the same one, and
    the one that comes second leaves it alone.
    """
    for practice_id in runtime.practices("practices"):
        for hold_id in store.overdue_holds(runtime.reading(practice_id), _EXPIRED_AT_ONCE):
            try:
                runtime.transaction(practice_id, lambda uow, id_=hold_id: _expire(uow, id_))  # type: ignore[misc]
            except StaleVersion:
                continue


def _expire(uow: UnitOfWork, hold_id: str) -> None:
    hold = store.get_hold(uow, hold_id)
    if hold.state is HoldState.ACTIVE and hold.seen_at(uow.now) is HoldState.EXPIRED:
        drop_hold(uow, hold, hold.expired())
