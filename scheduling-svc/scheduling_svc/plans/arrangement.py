"""Between a plan and days: the stored arrangement as a plan, and the days that a plan makes of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime

from scheduling_svc.planning.plan import LeftOut, Plan, PlannedRun, PlannedVisit
from scheduling_svc.planning.problem import Visit
from scheduling_svc.plans.assembling import Assembled
from scheduling_svc.routing.therapist_day import Stop, TherapistDay
from scheduling_svc.waitlist.entry import Entry


@dataclass(frozen=True)
class Placement:
    """A place in a day that a plan found for a wish of the waitlist."""

    entry: Entry
    therapist_id: str
    date: date
    time_zone: str
    starts_at: datetime

    @property
    def day_name(self) -> str:
        """The day that it is in."""
        return f"{self.therapist_id}:{self.date.isoformat()}"


def stored_plan(assembled: Assembled) -> Plan:
    """The days as they are stored now, as a plan: to start from, and to compare with. Breaks are not in it."""
    problem = assembled.problem
    by_run: dict[str, list[Visit]] = defaultdict(list)
    for visit in problem.visits:
        if visit.was is not None:
            by_run[visit.was.run].append(visit)
    runs = []
    for run in problem.runs:
        planned, place, free = [], run.start_place, run.opens
        for visit in sorted(by_run[run.id], key=_was_at):
            drive = problem.drives[place][visit.place]
            planned.append(PlannedVisit(visit.id, drive, min(free + drive, _was_at(visit)), _was_at(visit)))
            place, free = visit.place, _was_at(visit) + visit.seconds
        back = problem.drives[place][run.end_place] if planned else 0
        runs.append(PlannedRun(run.id, tuple(planned), (), back, free + back))
    return Plan(tuple(runs), engine="stored")


def broken_promises(assembled: Assembled, plan: Plan) -> list[LeftOut]:
    """Promised visits that a plan leaves out although somebody makes them now: then it must not be carried out."""
    visits = assembled.problem.visits
    promised = {visit.id for visit in visits if visit.prize is None and not assembled.is_left_over(visit.id)}
    return [left for left in plan.left_out if left.visit in promised]


def changed_days(assembled: Assembled, plan: Plan) -> list[TherapistDay]:
    """The days that a plan changes, as they become; visits from the waitlist are not in them yet.

    Raises Conflict for a day that is closed.
    """
    arranged: dict[tuple[str, date], list[Stop]] = {_key(day): _kept(assembled, plan, day) for day in _days(assembled)}
    for run in plan.runs:
        day, shift = assembled.shifts[run.run]
        for planned in run.visits:
            stop = assembled.stops.get(planned.visit)
            if stop is not None and not assembled.has_begun(stop.id):
                placed = stop.beginning(assembled.moment(planned.starts))
                arranged[_key(day)].append(replace(placed, shift_id=shift.id))
    return [
        day.replanned(arranged[_key(day)]) for day in _days(assembled) if _differs(day, arranged[_key(day)], assembled)
    ]


def placements(assembled: Assembled, plan: Plan) -> list[Placement]:
    """The places that a plan found for wishes of the waitlist, by time."""
    found = []
    for run in plan.runs:
        day, shift = assembled.shifts[run.run]
        for planned in run.visits:
            entry = assembled.entries.get(planned.visit)
            if entry is not None:
                starts_at = assembled.moment(planned.starts)
                found.append(Placement(entry, day.therapist_id, day.date, shift.time_zone, starts_at))
    return sorted(found, key=lambda placement: (placement.starts_at, placement.entry.id))


def _was_at(visit: Visit) -> int:
    return visit.was.start if visit.was else 0


def _days(assembled: Assembled) -> tuple[TherapistDay, ...]:
    return assembled.source.days


def _key(day: TherapistDay) -> tuple[str, date]:
    return day.therapist_id, day.date


def _kept(assembled: Assembled, plan: Plan, day: TherapistDay) -> list[Stop]:
    """What a plan has no say in: visits in rooms, and whatever it left out."""
    planned = {visit.visit for run in plan.runs for visit in run.visits}
    live = (stop for stop in day.stops if stop.live(assembled.source.now))
    return [stop for stop in live if stop.id not in planned or assembled.has_begun(stop.id)]


def _differs(day: TherapistDay, stops: list[Stop], assembled: Assembled) -> bool:
    before = {stop.id: stop for stop in day.stops if stop.live(assembled.source.now)}
    return before != {stop.id: stop for stop in stops}
