"""Timed work: solve the plans that were asked for, plan changed days anew, and plan tomorrow in the evening.

The scheduler only ticks. What is due lies in the database: a plan is claimed by the version of its parts, a night run
by the id of its plan, changed days by a lease. So any number of workers may tick, and one that is killed loses nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import date, timedelta
from typing import TypeVar

from pymongo.errors import DuplicateKeyError, PyMongoError

from fascia.backbone.lease import Lease, process_name
from fascia.localtime import local_date, zone_of
from fascia.problem import Problem, StaleVersion
from fascia.runtime import Runtime
from fascia.service import Job
from fascia.store import UnitOfWork
from scheduling_svc.planning.plan import Plan
from scheduling_svc.planning.problem import Problem as PlanProblem
from scheduling_svc.plans import making, marks, replanning, solving, store
from scheduling_svc.plans.committing import StalePlan
from scheduling_svc.plans.finding import PlannerFault, Solve
from scheduling_svc.plans.reading import regions_of
from scheduling_svc.plans.record import Effort, Part
from scheduling_svc.settings import SchedulingSettings, scheduling_settings
from scheduling_svc.waitlist.waiting import waiting
from scheduling_svc.workforce import store as workforce

T = TypeVar("T")
_log = logging.getLogger(__name__)
_ME = process_name()
_REPLAN_LEASE = timedelta(seconds=60)
# So many days are through before the lease ends.
_REPLANNED_AT_ONCE = 20
# So few that a plan which was asked for does not wait for a whole night run.
_PARTS_AT_ONCE = 4
_NIGHT = "night"
_NO_SEARCH = Effort(rounds=0)
# How far ahead the night run looks for a day on which a wish of the waitlist costs least.
_NIGHT_DAYS = 3
NIGHT_RUN = "night-run"
"""Who asked for a plan that nobody asked for."""


def solve_plans(runtime: Runtime) -> None:
    """One tick: some parts are solved; then plans that nobody has to look at are carried out."""
    for practice_id in runtime.practices(store.QUEUE):
        reading = runtime.reading(practice_id)
        parts = [part for part in store.queued(reading) if part.is_free(runtime.clock.now())]
        # Somebody waits for a plan that was asked for; the night run's regions wait for each other.
        parts.sort(key=lambda part: (f":{_NIGHT}:" in part.plan_id, part.id))
        _at_once(
            runtime, [(practice_id, part.id) for part in parts[: max(_PARTS_AT_ONCE, _processes(runtime))]], _solve_part
        )
        for plan_id in store.queued_approvals(reading):
            _approve(runtime, practice_id, plan_id)


def replan_changed(runtime: Runtime) -> None:
    """One tick: the days that bookings changed, region by region; one worker at a time for each practice."""
    for practice_id in runtime.practices(marks.COLLECTION):
        lease = Lease(runtime.database, f"replan:{practice_id}", _ME, _REPLAN_LEASE)
        if not lease.hold(runtime.clock.now()):
            continue
        try:
            due, idle = replanning.due_days(runtime.reading(practice_id))
            if idle:
                runtime.transaction(practice_id, lambda uow, idle=idle: marks.clear(uow, idle))  # type: ignore[misc]
            _at_once(runtime, [(practice_id, one) for one in due[:_REPLANNED_AT_ONCE]], _replan)
        finally:
            lease.release()


def night_run(runtime: Runtime) -> None:
    """One tick: from the evening on, tomorrow is planned for every region of every practice, once."""
    for practice_id in runtime.practices("practices"):
        reading = runtime.reading(practice_id)
        directory = workforce.directory(reading)
        zone = directory.practice.time_zone
        if runtime.clock.now().astimezone(zone_of(zone)).hour < _settings(runtime).night_run_hour:
            continue
        tomorrow = local_date(runtime.clock.now(), zone) + timedelta(days=1)
        for region in regions_of(directory):
            id_ = f"{practice_id}:{_NIGHT}:{tomorrow.isoformat()}:{region}"
            if not store.is_known(reading, id_):
                _ask_for_night(runtime, practice_id, tomorrow, region, id_)


def _ask_for_night(runtime: Runtime, practice_id: str, tomorrow: date, region: str, id_: str) -> None:
    ahead = [tomorrow + timedelta(days=day) for day in range(_NIGHT_DAYS)]

    effort = Effort(rounds=_settings(runtime).night_rounds, afresh=True)

    def ask(uow: UnitOfWork) -> None:
        days = ahead if waiting(uow, ahead) else ahead[:1]
        making.ask_for_plan(
            uow, days, region=region, effort=effort, approve=None, made_by=NIGHT_RUN, publish=[tomorrow], id_=id_
        )

    try:
        runtime.transaction(practice_id, ask)
    except DuplicateKeyError:
        return  # another worker was first


def _solve_part(runtime: Runtime, practice_id: str, part_id: str) -> None:
    try:
        part = runtime.transaction(practice_id, lambda uow: making.take_part(uow, part_id))
    except StaleVersion:
        return  # another worker was first
    if part is None:
        return
    try:
        ended = _ended(runtime, practice_id, part)
    except BrokenProcessPool:
        # The solver was killed, or this worker ends: the next tick or another worker takes it at once.
        runtime.transaction(practice_id, lambda uow: store.save_part(uow, part.given_back()))
        raise
    try:
        runtime.transaction(practice_id, lambda uow: making.keep_part(uow, ended))
    except StaleVersion:
        # Its lease ran out and somebody else took it, or two parts ended at once: then this one is solved again.
        _log.warning("a solved part was not kept", extra={"part": part.id})


def _ended(runtime: Runtime, practice_id: str, part: Part) -> Part:
    reading = runtime.reading(practice_id)
    try:
        solution = making.solve_part(reading, part, _solver(runtime, part.effort), _solver(runtime, _NO_SEARCH))
    except Problem as problem:
        return part.failed(f"{problem.code}: {problem.detail}", runtime.clock.now())
    except (PlannerFault, ValueError) as fault:
        _log.error("the planner failed", extra={"part": part.id, "fault": str(fault)})
        return part.failed("planner-fault: the planner gave no usable plan", runtime.clock.now())
    return part.solved(solution, runtime.clock.now())


def _approve(runtime: Runtime, practice_id: str, plan_id: str) -> None:
    try:
        runtime.transaction(practice_id, lambda uow: making.approve_by_itself(uow, plan_id))
    except StaleVersion:
        return  # another worker, or a booking at the same moment: the next tick looks again
    except Problem as problem:
        told = problem  # the name is gone when the block ends
        runtime.transaction(practice_id, lambda uow: making.keep_waiting(uow, plan_id, told))


def _replan(runtime: Runtime, practice_id: str, due: replanning.Due) -> None:
    effort = Effort(seconds=_settings(runtime).replan_seconds)
    reading = runtime.reading(practice_id)
    try:
        replanning.replan(reading, due, _solver(runtime, effort), lambda work: runtime.transaction(practice_id, work))
    except (StaleVersion, StalePlan):
        return  # the day changed meanwhile, and is marked: the next tick plans it as it is then
    except Problem as problem:
        _log.warning("the day stays as it was booked", extra={"region": due.region, "code": problem.code})
        runtime.transaction(practice_id, lambda uow: marks.clear(uow, due.marks))


def _at_once(runtime: Runtime, work: Sequence[tuple[str, T]], run: Callable[[Runtime, str, T], None]) -> None:
    """Run all, as many at once as there are processes to solve in. What fails is logged, and is due again."""

    def guarded(one: tuple[str, T]) -> None:
        try:
            run(runtime, *one)
        except (PyMongoError, BrokenProcessPool, PlannerFault) as error:
            _log.warning("not planned, the next tick tries again", extra={"error": type(error).__name__})

    processes = _processes(runtime)
    if len(work) <= 1 or processes == 1:
        for one in work:
            guarded(one)
        return
    with ThreadPoolExecutor(processes) as threads:
        list(threads.map(guarded, work))


def _solver(runtime: Runtime, effort: Effort) -> Solve:
    processes = _settings(runtime).plan_processes

    def solve(problem: PlanProblem, start: Plan | None) -> Plan:
        return solving.submit(processes, problem, effort, start).result()

    return solve


def _processes(runtime: Runtime) -> int:
    """How many days are solved at once."""
    return max(1, _settings(runtime).plan_processes)


def _settings(runtime: Runtime) -> SchedulingSettings:
    return scheduling_settings(runtime.settings)


JOBS = (
    Job("plans", timedelta(seconds=1), solve_plans),
    Job("replan", timedelta(seconds=1), replan_changed),
    Job("night-run", timedelta(minutes=1), night_run),
)
