"""A plan in words that can be checked: cost by part, what binds each run, what was left out, and what changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from scheduling_svc.planning.plan import Cost, LeftOut, Plan, PlannedRun, PlannedVisit
from scheduling_svc.planning.problem import Problem, Run, Visit

TIGHT = 300
"""Seconds of slack up to which a limit is said to bind."""


class Limit(StrEnum):
    """What keeps a run from being cheaper or taking more."""

    WINDOW = "a promised window"
    PINNED = "a visit that was pinned"
    PAUSE = "a pause"
    SHIFT = "the end of the shift"
    DRIVING = "the driving of a day"
    SKILL = "few therapists may make this visit"


@dataclass(frozen=True)
class Binding:
    """A limit that leaves `slack` seconds at most TIGHT; `visit` where one visit is meant."""

    limit: Limit
    slack: int
    visit: str | None = None


@dataclass(frozen=True)
class RunExplained:
    """Seconds of a run by what they are spent on, and what binds it. `overtime` is past the end of the shift."""

    run: str
    visits: int
    driving: int
    treating: int
    pausing: int
    waiting: int
    overtime: int
    binds: tuple[Binding, ...]


@dataclass(frozen=True)
class Change:
    """A visit that is elsewhere than before; None where it was or is in no run. `told`: the patient knew that time."""

    visit: str
    run_before: str | None
    start_before: int | None
    run: str | None
    start: int | None
    told: bool

    @property
    def changed_run(self) -> bool:
        """Whether it went to another run."""
        return self.run != self.run_before


@dataclass(frozen=True)
class Explanation:
    """`cost_before` is what the plan before said of itself; `added` is the difference by part."""

    cost: Cost
    cost_before: Cost | None
    runs: tuple[RunExplained, ...]
    left_out: tuple[LeftOut, ...]
    changes: tuple[Change, ...]

    @property
    def added(self) -> Cost | None:
        """What each part costs more than before."""
        if self.cost_before is None:
            return None
        return Cost(**{part: amount - vars(self.cost_before)[part] for part, amount in vars(self.cost).items()})


def explain(problem: Problem, plan: Plan, before: Plan | None = None) -> Explanation:
    """Explain a feasible plan; `before`: the plan it replaces."""
    visits = {visit.id: visit for visit in problem.visits}
    runs = {run.id: run for run in problem.runs}
    return Explanation(
        plan.cost,
        before.cost if before else None,
        tuple(_run(runs[planned.run], planned, visits, len(problem.runs)) for planned in plan.runs if planned.visits),
        plan.left_out,
        tuple(_changes(visits, plan, before)) if before else (),
    )


def _run(run: Run, planned: PlannedRun, visits: dict[str, Visit], runs: int) -> RunExplained:
    treating = sum(visits[one.visit].seconds for one in planned.visits)
    pausing = sum(pause.seconds for pause in planned.breaks if pause.starts < planned.ends)
    leaves = planned.visits[0].arrives - planned.visits[0].drive
    waiting = planned.ends - leaves - treating - planned.driving
    waiting -= sum(pause.seconds for pause in planned.breaks if leaves <= pause.starts < planned.ends)
    return RunExplained(
        planned.run,
        len(planned.visits),
        planned.driving,
        treating,
        pausing,
        waiting,
        max(0, planned.ends - run.closes),
        tuple(_binds(run, planned, visits, runs)),
    )


def _binds(run: Run, planned: PlannedRun, visits: dict[str, Visit], runs: int) -> Iterator[Binding]:
    for one in planned.visits:
        visit = visits[one.visit]
        if visit.pinned is not None:
            yield Binding(Limit.PINNED, 0, one.visit)
            continue
        slack = _slack(one, visit)
        if slack <= TIGHT:
            yield Binding(Limit.WINDOW, slack, one.visit)
        if visit.runs is not None and 2 * len(visit.runs) <= runs:
            yield Binding(Limit.SKILL, 0, one.visit)
    for taken, pause in zip(planned.breaks, run.breaks, strict=False):
        if pause.window.closes - taken.starts <= TIGHT:
            yield Binding(Limit.PAUSE, pause.window.closes - taken.starts)
    if run.closes + run.overtime - planned.ends <= TIGHT:
        yield Binding(Limit.SHIFT, run.closes + run.overtime - planned.ends)
    if run.most_driving is not None and run.most_driving - planned.driving <= TIGHT:
        yield Binding(Limit.DRIVING, run.most_driving - planned.driving)


def _slack(one: PlannedVisit, visit: Visit) -> int:
    """Seconds until the window in which it begins closes."""
    closing = [window.closes for window in visit.windows if window.opens <= one.starts <= window.closes]
    return max(closing, default=one.starts) - one.starts


def _changes(visits: dict[str, Visit], plan: Plan, before: Plan) -> Iterator[Change]:
    was, now = _where(before), _where(plan)
    for visit in visits.values():
        run_before, start_before = was.get(visit.id, (None, None))
        run, start = now.get(visit.id, (None, None))
        if (run_before, start_before) != (run, start):
            yield Change(visit.id, run_before, start_before, run, start, visit.told)


def _where(plan: Plan) -> dict[str, tuple[str, int]]:
    return {one.visit: (run.run, one.starts) for run in plan.runs for one in run.visits}
