"""Whose work belongs to which month. Pure.

A session belongs to the month in which it began where its therapist works. Which plan says where that is follows from
the moment alone, so every session belongs to exactly one month, whatever later versions of the plan say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fascia.localtime import local_date
from outcomes_svc.episodes.treated_session import TreatedSession
from outcomes_svc.pay.month import Month
from outcomes_svc.pay.plan import PayPlan, plan_of
from outcomes_svc.pay.statement import Work
from outcomes_svc.pay.work import DrivenDay, PaidSession, TimeEntry, paid_session

Whose = tuple[str, Month]


@dataclass(frozen=True)
class Owned:
    """An entry or a driven day, and whose it is."""

    therapist_id: str
    work: TimeEntry | DrivenDay


def zone_at(plans: Sequence[PayPlan], therapist_id: str, at: datetime) -> str:
    """The zone in which a therapist's work at a moment is dated; UTC before any plan."""
    plan = plan_of(plans, Month.of(at, "UTC"))
    return plan.zone_of(therapist_id) if plan else "UTC"


def day_of(plans: Sequence[PayPlan], therapist_id: str, at: datetime) -> date:
    """The therapist's calendar day of a moment."""
    return local_date(at, zone_at(plans, therapist_id, at))


def books(plans: Sequence[PayPlan], sessions: Iterable[TreatedSession], owned: Iterable[Owned]) -> Mapping[Whose, Work]:
    """The work of each therapist and month, each list in the order of day and id."""
    seen: dict[Whose, list[PaidSession]] = defaultdict(list)
    entries: dict[Whose, list[TimeEntry]] = defaultdict(list)
    drives: dict[Whose, list[DrivenDay]] = defaultdict(list)
    for session in sessions:
        day = day_of(plans, session.therapist_id, session.started_at)
        seen[session.therapist_id, _month(day)].append(paid_session(session, day))
    for item in owned:
        whose = (item.therapist_id, _month(item.work.date))
        if isinstance(item.work, TimeEntry):
            entries[whose].append(item.work)
        else:
            drives[whose].append(item.work)
    return {
        whose: Work(
            sessions=tuple(sorted(seen[whose], key=lambda session: (session.date, session.id))),
            entries=tuple(sorted(entries[whose], key=lambda entry: (entry.date, entry.id))),
            drives=tuple(sorted(drives[whose], key=lambda drive: drive.date)),
        )
        for whose in sorted({*seen, *entries, *drives})
    }


def is_over(plan: PayPlan, month: Month, now: datetime) -> bool:
    """Whether a month has ended in every zone that the plan pays in."""
    zones = {plan.time_zone, *plan.zones.values()}
    return all(now >= month.plus(1).begins(zone) for zone in zones)


def _month(day: date) -> Month:
    return Month(day.year, day.month)
