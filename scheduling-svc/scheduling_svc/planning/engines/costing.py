"""From routes by index to a plan: exact timing, cost by part, and why a visit is in no run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scheduling_svc.planning.engines.model import Model, Routes
from scheduling_svc.planning.engines.schedule import Timing, drives_allowed, legs, timing
from scheduling_svc.planning.plan import (
    PROMISED,
    Cost,
    LeftOut,
    Plan,
    PlannedBreak,
    PlannedRun,
    PlannedVisit,
    Why,
)


def plan_of(model: Model, routes: Routes, held: Mapping[int, int], engine: str, seed: int) -> Plan:
    """The plan of feasible routes; `held` are the moments of tandem visits. ValueError when a route has no timing."""
    timings = []
    for run, order in enumerate(routes):
        timed = timing(model, run, order, held)
        if timed is None:
            raise ValueError(f"run {model.runs[run].id} can't be driven in this order")
        timings.append(timed)
    inside = {visit for order in routes for visit in order}
    left = [visit for visit in range(len(model.visits)) if visit not in inside]
    return Plan(
        tuple(_planned(model, run, order, timings[run]) for run, order in enumerate(routes)),
        tuple(LeftOut(model.visits[visit].id, _why(model, routes, held, visit)) for visit in left),
        cost_of(model, routes, timings),
        engine,
        seed,
    )


def cost_of(model: Model, routes: Routes, timings: Sequence[Timing]) -> Cost:
    """What routes with their timings cost, by part."""
    weights = model.weights
    placed = [(visit, run) for run, order in enumerate(routes) for visit in order]
    inside = {visit for visit, _ in placed}
    return Cost(
        driving=weights.driving * sum(sum(legs(model, run, order)) for run, order in enumerate(routes)),
        overtime=weights.overtime * sum(timed.overtime for timed in timings),
        preference=sum(model.preference(visit, run) for visit, run in placed),
        unfairness=round(weights.unfairness * sum(_above(model, routes))),
        changed_hands=sum(model.changed_hands(visit, run) for visit, run in placed),
        moved=round(weights.moved * sum(timed.moved_seconds for timed in timings)),
        left_out=sum(model.price(visit, PROMISED) for visit in range(len(model.visits)) if visit not in inside),
    )


def _above(model: Model, routes: Routes) -> list[float]:
    """Seconds of work above the fair share, by therapist."""
    work = list(model.worked)
    for run, order in enumerate(routes):
        work[model.therapists[run]] += sum(model.visits[visit].seconds for visit in order)
    return [max(0.0, seconds - model.fair_share) for seconds in work]


def _planned(model: Model, run: int, order: Sequence[int], timed: Timing) -> PlannedRun:
    drives = legs(model, run, order)
    pauses = zip(timed.pauses, model.breaks[run], strict=False)
    return PlannedRun(
        model.runs[run].id,
        tuple(
            PlannedVisit(model.visits[visit].id, drives[at], timed.arrives[at], timed.starts[at])
            for at, visit in enumerate(order)
        ),
        tuple(PlannedBreak(at, pause.seconds) for at, pause in pauses),
        drives[-1] if drives else 0,
        timed.ends,
    )


def _why(model: Model, routes: Routes, held: Mapping[int, int], visit: int) -> Why:
    """Judged alone first, then beside what is in the plan."""
    why = _alone(model, visit)
    if why is not None:
        return why
    partners = [other for other in model.tandem[visit] if other != visit]
    if partners and (any(_alone(model, other) for other in partners) or _too_few(model, model.tandem[visit])):
        return Why.PARTNER_MISSING
    if model.visits[visit].prize is None or partners:
        return Why.NO_TIME if model.visits[visit].prize is None else Why.NOT_WORTH_IT
    fits = any(
        timing(model, run, [*routes[run][:at], visit, *routes[run][at:]], held, quick=True) is not None
        for run in model.allowed[visit]
        for at in range(len(routes[run]) + 1)
    )
    return Why.NOT_WORTH_IT if fits else Why.NO_TIME


def _alone(model: Model, visit: int) -> Why | None:
    """Why no therapist could make it even with nothing else to do; None when one could."""
    if not model.allowed[visit]:
        return Why.NOBODY_MAY
    if not any(drives_allowed(model, run, [visit], legs(model, run, [visit])) for run in model.allowed[visit]):
        return Why.TOO_FAR
    return None if any(timing(model, run, [visit], quick=True) for run in model.allowed[visit]) else Why.NO_TIME


def _too_few(model: Model, group: Sequence[int]) -> bool:
    """Whether the runs that may make the visits of a tandem are fewer than the visits."""
    return len({run for visit in group for run in model.allowed[visit]}) < len(group)
