"""The rest of a day planned again: every promise kept that can be, the others named, late by as little as may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from scheduling_svc.planning.engines.costing import plan_of
from scheduling_svc.planning.engines.model import Model, Routes, routes_of
from scheduling_svc.planning.engines.schedule import legs, timing
from scheduling_svc.planning.plan import LeftOut, Plan, PlannedRun, PlannedVisit
from scheduling_svc.planning.problem import Problem, Visit, Window

Solver = Callable[[Problem, Plan], Plan]
"""Solves a problem, starting from a plan."""

_FOREVER = 1 << 40
# A promise that breaks anyway is better broken by a few minutes more than handed to a stranger for them.
_STRANGER = 600
_ALTERNATIVES = 3


@dataclass(frozen=True)
class Late:
    """A promised visit that begins after its window, by so many seconds."""

    visit: str
    run: str
    starts: int
    seconds: int


@dataclass(frozen=True)
class Alternative:
    """A place for a visit that nothing else is in the way of. `late`: seconds past its promise, negative: before."""

    visit: str
    run: str
    starts: int
    late: int
    added_driving: int


@dataclass(frozen=True)
class Change:
    """A visit that is made otherwise than before; a run is None where it was or is in none."""

    visit: str
    run_before: str | None
    start_before: int | None
    run: str | None
    start: int | None
    changed_hands: bool


@dataclass(frozen=True)
class Outcome:
    """The rest of the day as it will be.

    plan: with the late visits in it. late: promises that are kept too late. lost: those that nobody can keep.
    alternatives: what else could be done for both. problem: what the plan solves, windows opened for the late ones.
    """

    problem: Problem
    plan: Plan
    late: tuple[Late, ...] = ()
    lost: tuple[LeftOut, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def hands_changed(self) -> int:
        """How many visits went to another therapist."""
        return sum(change.changed_hands for change in self.changes)


def plan_rest(problem: Problem, solver: Solver) -> Outcome:
    """Plan what is left. Promises come first: none is broken for the sake of driving, of hands or of told times."""
    plan = solver(problem, as_it_was(problem))
    promised = {visit.id: visit for visit in problem.visits if visit.prize is None}
    broken = [left for left in plan.left_out if left.visit in promised]
    if not broken:
        return Outcome(problem, plan, changes=changes(problem, plan))
    return _with_late(problem, plan, broken)


def as_it_was(problem: Problem) -> Plan:
    """The plan before, as far as its runs still exist; its times need not be possible any more."""
    by_run: dict[str, list[Visit]] = defaultdict(list)
    for visit in problem.visits:
        if visit.was is not None:
            by_run[visit.was.run].append(visit)
    return Plan(
        tuple(
            PlannedRun(run.id, tuple(PlannedVisit(v.id, 0, _was(v), _was(v)) for v in sorted(by_run[run.id], key=_was)))
            for run in problem.runs
        ),
        engine="as it was",
    )


def changes(problem: Problem, plan: Plan) -> tuple[Change, ...]:
    """What a plan makes otherwise than it was, by time. Visits of no length only say where a run stands."""
    made = {one.visit: (run.run, one.starts) for run in plan.runs for one in run.visits}
    therapists = {run.id: run.therapist_id for run in problem.runs}
    found = []
    for visit in problem.visits:
        before, after = visit.was, made.get(visit.id)
        if visit.seconds == 0 or (before is None and after is None):
            continue
        if before is not None and after == (before.run, before.start):
            continue
        hands = before is not None and after is not None and therapists.get(before.run) != therapists[after[0]]
        found.append(
            Change(
                visit.id,
                before.run if before else None,
                before.start if before else None,
                after[0] if after else None,
                after[1] if after else None,
                hands,
            )
        )
    return tuple(sorted(found, key=lambda one: one.start if one.start is not None else one.start_before or 0))


def alternatives(problem: Problem, plan: Plan, visit_id: str) -> tuple[Alternative, ...]:
    """Where else a visit could go without touching any other, each therapist's best, the least late first."""
    opened = _opened(problem, {visit_id})
    model = Model(opened)
    routes, held = _routes(model, plan)
    visit = model.visit_index[visit_id]
    routes = [[other for other in order if other != visit] for order in routes]
    best: dict[str, Alternative] = {}
    for found in _insertions(problem, model, routes, held, visit):
        therapist = model.runs[model.run_index[found.run]].therapist_id
        if therapist not in best or _by_lateness(found) < _by_lateness(best[therapist]):
            best[therapist] = found
    return tuple(sorted(best.values(), key=_by_lateness)[:_ALTERNATIVES])


def _with_late(problem: Problem, plan: Plan, broken: Sequence[LeftOut]) -> Outcome:
    """Those that no plan keeps go where they are least late; every other promise stays as the plan has it."""
    opened = _opened(problem, {left.visit for left in broken})
    model = Model(opened)
    routes, held = _routes(model, plan)
    tandem = {one.id: one.tandem for one in problem.visits}
    placed: list[str] = []
    for left in sorted(broken, key=lambda one: _deadline(problem, one.visit)):
        visit = model.visit_index[left.visit]
        if tandem[left.visit] is not None:  # both halves at one moment, or not at all
            continue
        found = min(_insertions(problem, model, routes, held, visit), key=lambda one: _score(model, one), default=None)
        if found is not None:
            run = model.run_index[found.run]
            routes[run] = _best_order(model, routes[run], held, run, visit, found)
            placed.append(left.visit)
    whole = plan_of(model, routes, held, plan.engine, plan.seed)
    made = {one.visit: (run.run, one.starts) for run in whole.runs for one in run.visits}
    late = tuple(Late(id_, *made[id_], made[id_][1] - _deadline(problem, id_)) for id_ in placed)
    lost = tuple(left for left in broken if left.visit not in made)
    ways = [one for left in broken if tandem[left.visit] is None for one in alternatives(problem, whole, left.visit)]
    return Outcome(opened, whole, late, lost, tuple(ways), changes(problem, whole))


def _insertions(
    problem: Problem, model: Model, routes: Routes, held: dict[int, int], visit: int
) -> Iterator[Alternative]:
    """Every position at which a visit fits beside what is in the runs."""
    id_ = model.visits[visit].id
    deadline = _deadline(problem, id_)
    for run in model.allowed[visit]:
        before = sum(legs(model, run, routes[run]))
        for at in range(len(routes[run]) + 1):
            order = [*routes[run][:at], visit, *routes[run][at:]]
            timed = timing(model, run, order, held)
            if timed is not None:
                added = sum(legs(model, run, order)) - before
                yield Alternative(id_, model.runs[run].id, timed.starts[at], timed.starts[at] - deadline, added)


def _best_order(
    model: Model, order: list[int], held: dict[int, int], run: int, visit: int, found: Alternative
) -> list[int]:
    for at in range(len(order) + 1):
        tried = [*order[:at], visit, *order[at:]]
        timed = timing(model, run, tried, held)
        if timed is not None and timed.starts[at] == found.starts:
            return tried
    raise AssertionError("the position was found a moment ago")


def _score(model: Model, found: Alternative) -> tuple[int, int]:
    was = model.visits[model.visit_index[found.visit]].was
    before = model.run_index.get(was.run) if was else None
    same = before is not None and model.therapists[before] == model.therapists[model.run_index[found.run]]
    return max(0, found.late) + (0 if same else _STRANGER), found.added_driving


def _by_lateness(found: Alternative) -> tuple[int, int, str]:
    return max(0, found.late), found.added_driving, found.run


def _opened(problem: Problem, visit_ids: set[str]) -> Problem:
    """The problem with no end to the windows of some visits, which then belong to no tandem and are not pinned."""
    visits = (
        replace(visit, windows=(Window(_opens(visit), _FOREVER),), pinned=None, tandem=None)
        if visit.id in visit_ids
        else visit
        for visit in problem.visits
    )
    return replace(problem, visits=tuple(visits))


def _routes(model: Model, plan: Plan) -> tuple[Routes, dict[int, int]]:
    routes = routes_of(model, [(run.run, [one.visit for one in run.visits]) for run in plan.runs])
    starts = {model.visit_index[one.visit]: one.starts for run in plan.runs for one in run.visits}
    return routes, {visit: start for visit, start in starts.items() if model.tandem[visit]}


def _was(visit: Visit) -> int:
    return visit.was.start if visit.was else 0


def _opens(visit: Visit) -> int:
    return min((window.opens for window in visit.windows), default=0)


def _deadline(problem: Problem, visit_id: str) -> int:
    visit = next(one for one in problem.visits if one.id == visit_id)
    return max((window.closes for window in visit.windows), default=0)
