"""After bookings and cancellations: the days that they changed are planned anew, behind what was promised."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from fascia.problem import Conflict
from fascia.store import UnitOfWork
from scheduling_svc.expecting.foresight import Foresight
from scheduling_svc.plans import marks
from scheduling_svc.plans.arrangement import changed_days
from scheduling_svc.plans.committing import Committed, commit
from scheduling_svc.plans.finding import Found, Solve
from scheduling_svc.plans.making import find_for
from scheduling_svc.plans.marks import Mark
from scheduling_svc.workforce import store as workforce

Transaction = Callable[[Callable[[UnitOfWork], Committed | None]], Committed | None]
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Due:
    """A region's day that changed, with the marks that said so before it was read."""

    region: str
    date: date
    marks: tuple[Mark, ...]


def due_days(uow: UnitOfWork) -> tuple[list[Due], list[Mark]]:
    """What is to be planned anew, and the marks that ask for nothing.

    A practice that promises exact times has nothing behind which visits could move, so its days stay as they were
    booked until somebody asks for a plan. Days that are over stay, too.
    """
    directory = workforce.directory(uow)
    over = (uow.now - timedelta(days=1)).date()
    by_day: dict[tuple[str, date], list[Mark]] = {}
    idle: list[Mark] = []
    for mark in marks.marks(uow):
        therapist = directory.therapists.get(mark.therapist_id)
        if therapist is None or not directory.practice.promise_minutes or mark.date < over:
            idle.append(mark)
        else:
            by_day.setdefault((therapist.region, mark.date), []).append(mark)
    return [Due(region, on, tuple(found)) for (region, on), found in by_day.items()], idle


def replan(reading: UnitOfWork, due: Due, solve: Solve, transaction: Transaction) -> Committed | None:
    """Plan a day anew and carry it out, in one transaction with the clearing of its marks.

    What keeps a promise less well than before is not carried out: the day stays as it is, feasible as it was booked.
    None: nothing was better. Raises StalePlan or StaleVersion where the day changed meanwhile: its marks stay.
    """
    ahead = Foresight(reading, due.region, due.date)
    found = _found(reading, due, solve, ahead)

    def carry_out(uow: UnitOfWork) -> Committed | None:
        done = None
        if found is not None and _has_news(found):
            done = commit(uow, found.assembled, found.plan)
        if found is not None:
            ahead.keep(uow, found)
        marks.clear(uow, due.marks)
        return done

    return transaction(carry_out)


def _has_news(found: Found) -> bool:
    """Whether a day changes, or somebody may have to be told of what a booking changed."""
    published = any(day.is_published for day in found.assembled.source.days)
    return published or bool(changed_days(found.assembled, found.plan))


def _found(reading: UnitOfWork, due: Due, solve: Solve, ahead: Foresight) -> Found | None:
    try:
        found = find_for(reading, due.region, [due.date], solve, foresee=ahead.added_to)
        if found.assembled.source.expected and not found.keeps_promises:  # no room was left for what is promised
            found = find_for(reading, due.region, [due.date], solve)
    except Conflict:  # nobody works then any more
        return None
    if not found.keeps_promises:
        _log.warning("no better plan keeps all promises", extra={"region": due.region, "date": due.date.isoformat()})
        return None
    return found


def pending(uow: UnitOfWork, therapist_ids: Iterable[str], on: date) -> bool:
    """Whether a day of any of these therapists waits to be planned anew."""
    wanted = set(therapist_ids)
    return any(mark.therapist_id in wanted for mark in marks.marks(uow, on))
