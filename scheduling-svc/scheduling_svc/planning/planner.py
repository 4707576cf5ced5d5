"""The planner of practice days: one call, whatever engines stand behind it.

A portfolio: what stands is kept as far as it is possible and the rest inserted by regret; ruin and recreate improves
that, with everything a practice's day knows; PyVRP makes the first draft where nothing stands yet.
"""

from __future__ import annotations

from functools import cache
from threading import Thread
from time import monotonic

from scheduling_svc.planning.engines.budget import Budget
from scheduling_svc.planning.engines.construction import Draft, construct
from scheduling_svc.planning.engines.costing import plan_of
from scheduling_svc.planning.engines.model import Model, Routes, routes_of
from scheduling_svc.planning.plan import Plan
from scheduling_svc.planning.problem import Problem

DEFAULT_ROUNDS = 20_000
"""Without a budget: a few seconds for a region's day of ten therapists."""
WARM_ROUNDS = 2_500
"""Without a budget, when a plan to begin with is given that holds most visits: a fifth of a second."""
PYVRP_TIME = 0.4
"""PyVRP's part of the time in a cold start."""
PYVRP_ROUNDS = 0.1
"""PyVRP's iterations for each round: they take ten times as long."""


def solve(
    problem: Problem, *, seed: int, rounds: int | None = None, seconds: float | None = None, start: Plan | None = None
) -> Plan:
    """The best plan found; every problem has one, since a visit that nobody can make is left out with its reason.

    rounds: how long to search; the same problem, seed, rounds and start give the same plan on every machine.
    seconds: how long to search by the clock, everything included (with both, the first to be reached ends it; without
    either DEFAULT_ROUNDS, or WARM_ROUNDS from a start). Only `rounds` without `seconds` can be repeated exactly.
    start: a plan to begin with, of this problem or of one like it (what no longer fits is planned anew). The outcome
    never costs more than what is left of it.
    Raises ValueError when the problem contradicts itself (a place or an id that does not exist).
    """
    deadline = None if seconds is None else monotonic() + seconds
    model = Model(problem)
    draft, warm = _first(model, start)
    if rounds is None and deadline is None:
        rounds = WARM_ROUNDS if warm else DEFAULT_ROUNDS
    budget = Budget(rounds, deadline)
    if budget.spent or not any(model.allowed):
        return plan_of(model, draft.routes, draft.held, "insertion", seed)
    begun = plan_of(model, draft.routes, draft.held, "insertion", seed)
    routes, held = _improved(model, draft, seed, budget, warm)
    found = plan_of(model, routes, held, "ruin and recreate", seed)
    # The search weighs told times a little too dear, so what it calls better is held to the exact costs.
    return found if found.cost.total <= begun.cost.total else begun


def _first(model: Model, start: Plan | None) -> tuple[Draft, bool]:
    """A feasible draft, and whether most of it was there before."""
    known = [(run.run, [visit.visit for visit in run.visits]) for run in start.runs] if start else []
    routes = routes_of(model, known)
    kept = sum(len(order) for order in routes)
    return construct(model, routes, _moments(model, start)), 2 * kept > len(model.visits)


def _improved(model: Model, draft: Draft, seed: int, budget: Budget, warm: bool) -> tuple[Routes, dict[int, int]]:
    """The draft after PyVRP, where it helps, and ruin and recreate; imports are late since they bring much with them.

    PyVRP joins a cold start; what it cannot say (pauses, tandems, fairness) is left away for it, and mended afterwards.
    From a start that stands, ruin and recreate finds more in the same time. Where the search was never compiled, who
    has only seconds does not wait for that: it happens meanwhile.
    """
    from scheduling_svc.planning.engines.compiling import at_hand
    from scheduling_svc.planning.engines.kernel_ejection import make_room
    from scheduling_svc.planning.engines.kernel_search import rounds as rounds_of_search
    from scheduling_svc.planning.engines.pyvrp_engine import PyvrpEngine
    from scheduling_svc.planning.engines.ruin_recreate import COLD, WARM
    from scheduling_svc.planning.engines.side_by_side import search

    if not warm:
        iterations, until = budget.share(PYVRP_ROUNDS, PYVRP_TIME)
        routes = PyvrpEngine(model).solve([], seed=seed, iterations=iterations, seconds=until)
        other = construct(model, routes, draft.held)
        if other.total < draft.total:
            draft = other
    if budget.deadline is not None and not (at_hand(rounds_of_search) and at_hand(make_room)):
        _compile_meanwhile()
        return draft.routes, draft.held
    return search(model, draft.routes, draft.held, seed=seed, budget=budget, cooling=WARM if warm else COLD)


@cache
def _compile_meanwhile() -> None:
    """Compile in a thread of its own, once in a process."""
    from scheduling_svc.planning.engines.warm_up import warm_up

    Thread(target=warm_up, name="planner-compiling", daemon=True).start()


def _moments(model: Model, start: Plan | None) -> dict[int, int]:
    """When the tandem visits of a plan begin."""
    if start is None:
        return {}
    known = ((model.visit_index.get(visit.visit), visit.starts) for run in start.runs for visit in run.visits)
    return {index: starts for index, starts in known if index is not None and model.tandem[index]}
