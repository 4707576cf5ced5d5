"""The planner of practice days: one call, whatever engines stand behind it."""

from __future__ import annotations

from scheduling_svc.planning.engines.construction import construct
from scheduling_svc.planning.engines.costing import plan_of
from scheduling_svc.planning.engines.model import Model, routes_of
from scheduling_svc.planning.plan import Plan
from scheduling_svc.planning.problem import Problem


def solve(
    problem: Problem, *, seed: int, rounds: int | None = None, seconds: float | None = None, start: Plan | None = None
) -> Plan:
    """The best plan found; every problem has one, since a visit that nobody can make is left out with its reason.

    rounds: how long to search, the same everywhere; the same problem, seed, rounds and start give the same plan.
    seconds: how long to search by the clock instead (the first to be reached ends it; without either: DEFAULT_ROUNDS).
    start: a plan to begin with, of this problem or of one like it (what no longer fits is planned anew).
    Raises ValueError when the problem contradicts itself (a place or an id that does not exist).
    """
    model = Model(problem)
    routes = routes_of(model, [(run.run, [visit.visit for visit in run.visits]) for run in start.runs] if start else [])
    draft = construct(model, routes, _moments(model, start))
    return plan_of(model, draft.routes, draft.held, "regret insertion", seed)


def _moments(model: Model, start: Plan | None) -> dict[int, int]:
    """When the tandem visits of a plan begin."""
    if start is None:
        return {}
    known = ((model.visit_index.get(visit.visit), visit.starts) for run in start.runs for visit in run.visits)
    return {index: starts for index, starts in known if index is not None and model.tandem[index]}
