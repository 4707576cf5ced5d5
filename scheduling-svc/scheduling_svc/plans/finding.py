"""Finding a plan that holds on the roads, and telling what it is worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from scheduling_svc.disruption.running import as_it_runs
from scheduling_svc.planning import checker
from scheduling_svc.planning.plan import Plan
from scheduling_svc.planning.problem import Problem
from scheduling_svc.plans.arrangement import broken_promises, stored_plan
from scheduling_svc.plans.assembling import Assembled, assemble
from scheduling_svc.plans.region_days import RegionDays
from scheduling_svc.plans.retiming import on_the_roads
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.travel.travel import Basis

Solve = Callable[[Problem, Plan | None], Plan]


@dataclass(frozen=True)
class Found:
    """A plan with the problem that it solves. `basis`: what its drive times rest on."""

    assembled: Assembled
    plan: Plan
    basis: Basis

    @property
    def keeps_promises(self) -> bool:
        """Whether every promised visit is in it."""
        return not broken_promises(self.assembled, self.plan)


class PlannerFault(RuntimeError):
    """An engine gave a plan that breaks a rule of the problem: it is never carried out."""


def find_plan(source: RegionDays, travel: PracticeTravel, solve: Solve) -> Found:
    """A plan from the stored arrangement on.

    First with the drives of a usual hour. Should the real hours make somebody late, with those of the slowest.
    Raises PlannerFault.
    """
    assembled = as_it_runs(assemble(source, travel), travel)
    plan = _solved(assembled, solve)
    driven = on_the_roads(assembled, plan, travel)
    if driven is None:
        assembled = as_it_runs(assemble(source, travel, slowest=True), travel)
        driven = _solved(assembled, solve)
    return Found(assembled, driven, travel.basis())


def plan_before(assembled: Assembled, solve: Solve) -> Plan:
    """The stored arrangement with its costs, without any wish of the waitlist; `solve` must not search."""
    booked = tuple(visit for visit in assembled.problem.visits if visit.id in assembled.stops)
    return solve(replace(assembled.problem, visits=booked), stored_plan(assembled))


def _solved(assembled: Assembled, solve: Solve) -> Plan:
    plan = solve(assembled.problem, stored_plan(assembled))
    faults = checker.faults(assembled.problem, plan)
    if faults:
        raise PlannerFault("; ".join(faults[:5]))
    return plan
