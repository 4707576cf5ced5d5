"""A plan on the roads of the real hours.

A problem knows one matrix, that of one hour. Where traffic changes over the day, what was planned by it is driven again
here with the drive times of each departure, and visits begin later where their windows allow it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from scheduling_svc.planning.plan import Plan, PlannedBreak, PlannedRun, PlannedVisit
from scheduling_svc.planning.problem import Run, Visit
from scheduling_svc.plans.assembling import Assembled
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.travel.travel import Travel


class _TooLate(Exception):
    """Something of a run can't be where and when it was planned."""


def on_the_roads(assembled: Assembled, plan: Plan, travel: PracticeTravel) -> Plan | None:
    """The plan with the times of real departures; None where it would break a promise, a pause or a shift's end."""
    runs = {run.id: run for run in assembled.problem.runs}
    visits = {visit.id: visit for visit in assembled.problem.visits}
    driven = []
    for planned in plan.runs:
        _, shift = assembled.shifts[planned.run]
        try:
            one = _Driven(assembled, runs[planned.run], visits, travel.in_zone(shift.time_zone))
            driven.append(one.driven(planned) if planned.visits else planned)
        except _TooLate:
            return None
    return replace(plan, runs=tuple(driven))


class _Driven:
    def __init__(self, assembled: Assembled, run: Run, visits: dict[str, Visit], travel: Travel) -> None:
        self._assembled = assembled
        self._run = run
        self._visits = visits
        self._travel = travel
        self._free = run.opens
        self._place = run.start_place
        self._breaks: list[PlannedBreak] = []

    def driven(self, planned: PlannedRun) -> PlannedRun:
        """The run with its real times; raises _TooLate."""
        pauses = list(planned.breaks)
        starts = [self._to(one, pauses) for one in planned.visits]
        drive_back = self._minutes(self._run.end_place, self._free) * 60
        while pauses and pauses[0].starts < planned.ends:
            self._pause(pauses.pop(0))
            drive_back = self._minutes(self._run.end_place, self._free) * 60
        ends = self._free + drive_back
        if ends > self._run.closes + self._run.overtime:
            raise _TooLate
        return replace(planned, visits=tuple(starts), breaks=(*self._breaks, *pauses), drive_back=drive_back, ends=ends)

    def _to(self, planned: PlannedVisit, pauses: list[PlannedBreak]) -> PlannedVisit:
        visit = self._visits[planned.visit]
        while pauses and pauses[0].starts < planned.arrives:
            self._pause(pauses.pop(0))
        drive = self._minutes(visit.place, max(self._free, planned.arrives - planned.drive)) * 60
        arrives = max(self._free + drive, planned.arrives)
        self._free, self._place = arrives, visit.place
        while pauses and pauses[0].starts < planned.starts:
            self._pause(pauses.pop(0))
        starts = max(self._free, planned.starts)
        if visit.pinned is not None:
            starts = planned.starts
        elif starts > planned.starts and (visit.tandem or not _inside(visit, starts)):
            raise _TooLate
        self._free = starts + visit.seconds
        return replace(planned, drive=drive, arrives=min(arrives, starts), starts=starts)

    def _pause(self, planned: PlannedBreak) -> None:
        starts = max(self._free, planned.starts)
        window = self._run.breaks[len(self._breaks)].window
        if starts > window.closes:
            raise _TooLate
        self._breaks.append(replace(planned, starts=starts))
        self._free = starts + planned.seconds

    def _minutes(self, place: int, at: int) -> int:
        places = self._assembled.places
        return self._travel.minutes(places[self._place], places[place], self._moment(at))

    def _moment(self, seconds: int) -> datetime:
        return self._assembled.problem.origin + timedelta(seconds=seconds)


def _inside(visit: Visit, starts: int) -> bool:
    return any(window.opens <= starts <= window.closes for window in visit.windows)
