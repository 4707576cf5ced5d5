"""Timed work: once a week's days come into sight, what will be asked of them is reckoned."""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import date, timedelta

from pymongo.errors import DuplicateKeyError

from fascia.localtime import local_date
from fascia.problem import Problem, StaleVersion
from fascia.runtime import Runtime
from fascia.store import UnitOfWork
from scheduling_svc.expecting import store
from scheduling_svc.expecting.expected import ExpectedDay
from scheduling_svc.expecting.forecasting import expect
from scheduling_svc.planning.plan import Plan
from scheduling_svc.planning.problem import Problem as PlanProblem
from scheduling_svc.plans import solving
from scheduling_svc.plans.finding import PlannerFault
from scheduling_svc.plans.reading import regions_of
from scheduling_svc.plans.record import Effort
from scheduling_svc.settings import scheduling_settings
from scheduling_svc.store import read
from scheduling_svc.workforce import store as workforce

EXPECT_EVERY = timedelta(minutes=10)
AHEAD = timedelta(days=21)
_ROUNDS = 10_000
_log = logging.getLogger(__name__)


def expect_demand(runtime: Runtime) -> None:
    """One tick: every week ahead of which nothing is expected yet, region by region.

    Days are inserted, so the second of two workers fails and leaves them as they are.
    """
    for practice_id in runtime.practices("practices"):
        reading = runtime.reading(practice_id)
        practice = workforce.directory(reading).practice
        if not practice.promise_minutes or not practice.planning.foresight_weeks:
            continue
        today = local_date(runtime.clock.now(), practice.time_zone)
        for region in regions_of(workforce.directory(reading)):
            for week in _weeks_without(reading, region, today):
                _expect(runtime, practice_id, region, week, practice.planning.foresight_weeks)


def _weeks_without(uow: UnitOfWork, region: str, today: date) -> list[list[date]]:
    """The days ahead, by calendar week, of those weeks of which no day is known."""
    weeks: defaultdict[tuple[int, int], list[date]] = defaultdict(list)
    for ahead in range(1, AHEAD.days + 1):
        on = today + timedelta(days=ahead)
        weeks[on.isocalendar()[:2]].append(on)
    known = read(uow, [store.key(region, on) for days in weeks.values() for on in days])
    return [days for days in weeks.values() if not any(store.key(region, on) in known for on in days)]


def _expect(runtime: Runtime, practice_id: str, region: str, week: list[date], weeks: int) -> None:
    processes = scheduling_settings(runtime.settings).plan_processes

    def solve(problem: PlanProblem, start: Plan | None) -> Plan:
        return solving.submit(processes, problem, Effort(rounds=_ROUNDS), start).result()

    def keep(uow: UnitOfWork, days: list[ExpectedDay]) -> None:
        for day in days:
            store.save(uow, day)

    try:
        days = expect(runtime.reading(practice_id), region, week, weeks, solve)
        runtime.transaction(practice_id, lambda uow: keep(uow, days))
    except (DuplicateKeyError, StaleVersion):
        return  # another worker was first
    except (Problem, PlannerFault) as error:
        _log.warning("nothing is expected", extra={"region": region, "error": type(error).__name__})
