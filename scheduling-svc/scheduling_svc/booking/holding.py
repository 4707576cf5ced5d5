"""Holds: placed, released, expired."""

from __future__ import annotations

from datetime import datetime, timedelta

from fascia.ids import new_id
from fascia.problem import StaleVersion
from fascia.runtime import Runtime
from fascia.store import UnitOfWork
from scheduling_svc.booking import store
from scheduling_svc.booking.hold import Hold, HoldState
from scheduling_svc.booking.occupying import occupy, screened, vacate
from scheduling_svc.booking.visit import VisitRequest

EXPIRY_EVERY = timedelta(seconds=15)
_EXPIRED_AT_ONCE = 200
WAITLIST_HOLD = timedelta(hours=4)
"""How long a place is kept that was found for a patient on the waitlist: the desk has to reach them first."""


def place_hold(
    uow: UnitOfWork, request: VisitRequest, ends_at: datetime | None = None, *, kept: timedelta | None = None
) -> Hold:
    """Keep a slot, by default for the practice's hold time. Raises NotFound, RuleViolation or Conflict; then not."""
    facts = screened(uow, request, ends_at)
    visit, now, id_ = facts.visit, uow.now, new_id()
    expires_at = now + (kept or timedelta(minutes=facts.directory.practice.hold_minutes))
    budget = facts.budget.reserve(facts.reservation(id_, expires_at), now) if facts.budget else None
    agenda, fit = facts.agenda.with_visit(id_, visit, facts.directory, facts.travel, expires_at, now)
    occupy(uow, agenda, budget)
    hold = Hold(
        id=id_,
        visit=request,
        ends_at=visit.ends_at,
        date=visit.date,
        time_zone=visit.site.time_zone,
        expires_at=expires_at,
        drive_minutes=fit.drive_minutes,
        added_drive_minutes=fit.added_drive_minutes,
    )
    return store.save_hold(uow, hold)


def release_hold(uow: UnitOfWork, hold_id: str) -> None:
    """Give a slot back. Raises NotFound, or Conflict for a hold that is no longer active."""
    hold = store.get_hold(uow, hold_id)
    drop_hold(uow, hold, hold.released(uow.now))


def drop_hold(uow: UnitOfWork, hold: Hold, ended: Hold) -> None:
    """End a hold and give back what it kept."""
    store.save_hold(uow, ended)
    vacate(uow, hold.id, hold.visit, hold.date, booked=False)


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
