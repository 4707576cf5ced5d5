"""Plans from the asking to the approval. Solving never happens inside a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from fascia.ids import new_id
from fascia.problem import Conflict, NotFound, Problem, RuleViolation, StaleVersion
from fascia.store import UnitOfWork
from scheduling_svc.plans import store
from scheduling_svc.plans.assembling import assemble
from scheduling_svc.plans.committing import Committed, StalePlan, commit
from scheduling_svc.plans.finding import Found, Solve, find_plan, plan_before
from scheduling_svc.plans.reading import prepare_travel, read_region, regions_of
from scheduling_svc.plans.record import Effort, Part, PartState, PlanRecord, PlanState
from scheduling_svc.plans.region_days import RegionDays
from scheduling_svc.plans.solution import begun, plan_of, solution_of
from scheduling_svc.travel.supplying import Day, travel_for
from scheduling_svc.workforce import store as workforce
from scheduling_svc.workforce.place import MOBILE

MOST_DATES = 14
DEFAULT_ROUNDS = 50_000
"""A few seconds for a region's day of ten therapists."""
# Beside the search itself: reading, asking the roads, explaining.
_LEASE = timedelta(seconds=90)
_MOST_ATTEMPTS = 3


def effort_of(seed: int, rounds: int | None, seconds: float | None) -> Effort:
    """How long to search for a plan that somebody asks for."""
    if rounds is None and seconds is None:
        rounds = DEFAULT_ROUNDS
    return Effort(seed, rounds, seconds, afresh=True)


def ask_for_plan(
    uow: UnitOfWork,
    dates: Sequence[date],
    *,
    region: str | None,
    effort: Effort,
    approve: bool | None,
    made_by: str,
    publish: Sequence[date] | None = None,
    id_: str | None = None,
) -> PlanRecord:
    """Have days planned: one region or all. `approve` None: as the practice does it. Raises RuleViolation, NotFound."""
    directory = workforce.directory(uow)
    regions = regions_of(directory)
    if region is not None and region not in regions:
        raise NotFound("region", region)
    wanted = tuple(sorted(set(dates)))
    _require_dates(wanted, uow.now)
    plan = PlanRecord(
        id=id_ or new_id(),
        dates=wanted,
        regions=(region,) if region is not None else tuple(regions),
        effort=effort,
        approve=directory.practice.publish_automatically if approve is None else approve,
        publish=wanted if publish is None else tuple(publish),
        made_by=made_by,
        made_at=uow.now,
    )
    if not plan.regions:
        raise Conflict("nobody-works", "The practice has no therapists yet.", "dates", "Add therapists and shifts.")
    for one in plan.regions:
        store.save_part(uow, Part(store.part_id(plan, one), plan.id, one, plan.dates, effort))
    return store.save_plan(uow, plan)


def take_part(uow: UnitOfWork, part_id: str) -> Part | None:
    """Solve it from now on; None when somebody else does, or it failed too often. Raises StaleVersion in a race."""
    part = store.get_part(uow, part_id)
    if not part.is_free(uow.now):
        return None
    if part.attempts >= _MOST_ATTEMPTS:
        keep_part(uow, part.failed("given up: whoever solved it died", uow.now))
        return None
    search = timedelta(seconds=2 * (part.effort.seconds or 60))
    return store.save_part(uow, part.taken(uow.now, search + _LEASE))


def solve_part(reading: UnitOfWork, part: Part, solve: Solve, retime: Solve) -> dict[str, Any]:
    """The solution of a part. `retime` must not search. Raises Problem where there is nothing to plan."""
    found = find_for(reading, part.region, part.dates, solve, waitlist=True)
    return solution_of(found, plan_before(found.assembled, retime))


def find_for(
    reading: UnitOfWork,
    region: str,
    dates: Sequence[date],
    solve: Solve,
    *,
    waitlist: bool = False,
    foresee: Callable[[RegionDays], RegionDays] = lambda source: source,
) -> Found:
    """A plan of a region's days as they are stored now; outside a transaction. Raises Conflict where nobody works.

    foresee: adds what is expected of the days.
    """
    source = foresee(read_region(reading, region, dates, waitlist=waitlist))
    if not any(shift.setting == MOBILE for day in source.days for shift in day.shifts):
        days = ", ".join(day.isoformat() for day in dates)
        raise Conflict("nothing-to-plan", f"Nobody in {region!r} has a mobile shift on {days}.", "dates", "Add shifts.")
    return find_plan(source, prepare_travel(reading, source), solve)


def keep_part(uow: UnitOfWork, part: Part) -> None:
    """Keep what became of a part; with the last one the plan is proposed. Raises StaleVersion."""
    plan = store.get_plan(uow, part.plan_id)
    store.save_part(uow, part)
    others = [one for one in store.parts_of(uow, plan) if one.id != part.id]
    if all(one.is_over for one in others):
        failed = {one.region: one.because or "" for one in (*others, part) if one.state is PartState.FAILED}
        plan = plan.solved(failed)
        if plan.approve and plan.state is PlanState.PROPOSED:
            store.queue_approval(uow, plan)
    # Written even when other parts are not over: two that end at the same moment must see each other.
    store.save_plan(uow, plan)


def approve(uow: UnitOfWork, plan: PlanRecord, publish: Sequence[date] | None = None) -> PlanRecord:
    """Carry out a proposed plan: all its regions or none. Raises Conflict, StalePlan among others."""
    approved = plan.approved()
    outcome = [
        _carry_out(uow, part, plan.publish if publish is None else publish)
        for part in store.parts_of(uow, plan)
        if part.solution is not None
    ]
    return store.save_plan(uow, replace(approved, outcome=_outcome(outcome)))


def approve_by_itself(uow: UnitOfWork, plan_id: str) -> None:
    """Carry out a plan that nobody has to look at. Raises Conflict where it can't be: `keep_waiting` says so then."""
    plan = store.get_plan(uow, plan_id)
    store.unqueue_approval(uow, plan)
    if plan.state is PlanState.PROPOSED:
        approve(uow, plan)


def keep_waiting(uow: UnitOfWork, plan_id: str, problem: Problem) -> None:
    """A plan could not be carried out by itself. One whose days changed is made anew, others wait for a dispatcher."""
    plan = store.get_plan(uow, plan_id)
    store.unqueue_approval(uow, plan)
    if plan.state is not PlanState.PROPOSED:
        return
    parts = store.parts_of(uow, plan)
    if isinstance(problem, StalePlan) and all(part.attempts < _MOST_ATTEMPTS for part in parts):
        for part in parts:
            store.save_part(uow, part.again())
        store.save_plan(uow, plan.solving_again())
        return
    store.save_plan(uow, plan.kept_waiting(f"{problem.code}: {problem.detail}"))


def at_version(plan: PlanRecord, expected: int) -> PlanRecord:
    """The plan, if it is still at the version that the caller read. Raises StaleVersion."""
    if plan.version != expected:
        raise StaleVersion(expected)
    return plan


def _carry_out(uow: UnitOfWork, part: Part, publish: Sequence[date]) -> Committed:
    solution = part.solution or {}
    source = read_region(uow, part.region, part.dates, waitlist=True)
    known = solution["based_on"]
    stale = {name for name in known.keys() | source.versions.keys() if known.get(name) != source.versions.get(name)}
    if solution["workforce"] != source.directory.mark:
        stale.add("workforce")
    travel = travel_for(uow, source.directory, [Day(on, part.region) for on in part.dates])
    assembled = assemble(source, travel)
    stale |= {f"appointment {id_}" for id_ in begun(assembled) if id_ not in solution["begun"]}
    if stale:
        raise StalePlan(stale)
    return commit(uow, assembled, plan_of(solution), publish=publish)


def _outcome(committed: Iterable[Committed]) -> dict[str, Any]:
    """What was changed in all regions together."""
    all_ = list(committed)
    names = ("days", "handed_over", "told", "published", "placed")
    lists = {name: sorted(id_ for one in all_ for id_ in getattr(one, name)) for name in names}
    return {**lists, "not_placed": {id_: why for one in all_ for id_, why in one.not_placed.items()}}


def _require_dates(dates: Sequence[date], now: datetime) -> None:
    if not dates or len(dates) > MOST_DATES:
        raise RuleViolation(
            "too-many-dates", f"A plan covers 1 to {MOST_DATES} days.", "dates", "Ask for several plans."
        )
    if dates[0] < (now - timedelta(days=1)).date():
        raise RuleViolation("date-is-over", f"{dates[0]} is over.", "dates", "Send days to come.")
