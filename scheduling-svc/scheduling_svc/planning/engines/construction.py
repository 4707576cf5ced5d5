"""A first plan: what stands already is kept as far as it is possible, the rest goes in by regret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from scheduling_svc.planning.engines.model import Model, Routes
from scheduling_svc.planning.engines.schedule import Timing, legs, timing
from scheduling_svc.planning.plan import PROMISED

GRID = 300
"""Seconds between the starts that are tried for a tandem visit."""


@dataclass
class Draft:
    """Routes in the making; `held` are the moments of the tandem visits in them."""

    model: Model
    routes: Routes
    held: dict[int, int] = field(default_factory=dict)
    costs: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.costs = [self.cost(run, order) or 0.0 for run, order in enumerate(self.routes)]

    @property
    def total(self) -> float:
        """What it costs, visits that are left out included."""
        inside = {visit for order in self.routes for visit in order}
        left = (visit for visit in range(len(self.model.visits)) if visit not in inside)
        return sum(self.costs) + sum(self.model.price(visit, PROMISED) for visit in left)

    def cost(self, run: int, order: Sequence[int]) -> float | None:
        """What a run costs with these visits, None when it can't be driven; fairness only of this run alone."""
        timed = timing(self.model, run, order, self.held, quick=True)
        return None if timed is None else _cost(self.model, run, order, timed)

    def best(self, visit: int, run: int) -> tuple[float, int] | None:
        """The cheapest position in a run and what it adds."""
        found: tuple[float, int] | None = None
        order = self.routes[run]
        for at in range(len(order) + 1):
            cost = self.cost(run, [*order[:at], visit, *order[at:]])
            if cost is not None and (found is None or cost - self.costs[run] < found[0]):
                found = cost - self.costs[run], at
        return found

    def put(self, visit: int, run: int, at: int) -> None:
        """Insert a visit; it must fit."""
        self.routes[run].insert(at, visit)
        self.costs[run] = self.cost(run, self.routes[run]) or 0.0


def _cost(model: Model, run: int, order: Sequence[int], timed: Timing) -> float:
    weights = model.weights
    work = model.worked[model.therapists[run]] + sum(model.visits[visit].seconds for visit in order)
    return (
        weights.driving * sum(legs(model, run, order))
        + weights.overtime * timed.overtime
        + weights.moved * timed.moved_seconds
        + weights.unfairness * max(0.0, work - model.fair_share)
        + sum(model.extra[visit][run] for visit in order)
    )


def construct(model: Model, start: Routes, held: dict[int, int]) -> Draft:
    """A feasible draft that keeps what it can of `start`."""
    draft = Draft(model, [[] for _ in model.runs])
    for run, order in enumerate(start):
        may = [visit for visit in order if run in model.allowed[visit] and not model.tandem[visit]]
        if timing(model, run, may, quick=True) is not None:
            draft.routes[run] = may
        else:
            _keep_what_fits(draft, run, may)
    draft.costs = [draft.cost(run, order) or 0.0 for run, order in enumerate(draft.routes)]
    inside = {visit for order in draft.routes for visit in order}
    rest = [visit for visit in range(len(model.visits)) if visit not in inside]
    _tandems(draft, [visit for visit in rest if model.tandem[visit]], held)
    alone = [visit for visit in rest if not model.tandem[visit]]
    _by_regret(draft, [visit for visit in alone if model.visits[visit].pinned is not None])
    _by_regret(draft, [v for v in alone if model.visits[v].pinned is None and model.visits[v].prize is None])
    _by_regret(draft, [v for v in alone if model.visits[v].pinned is None and model.visits[v].prize is not None])
    return draft


def _keep_what_fits(draft: Draft, run: int, order: Sequence[int]) -> None:
    """Pinned visits first, then the others at the place that the old order gives them."""
    model = draft.model
    kept: list[int] = []
    rank = {visit: at for at, visit in enumerate(order)}
    for visit in sorted(order, key=lambda one: (model.visits[one].pinned is None, rank[one])):
        trial = sorted([*kept, visit], key=rank.__getitem__)
        if timing(model, run, trial, quick=True) is not None:
            kept = trial
    draft.routes[run] = kept


def _by_regret(draft: Draft, rest: list[int]) -> None:
    """First the visit that would lose most if its best run were taken (regret), each at its cheapest place."""
    model = draft.model
    bests = {visit: {run: draft.best(visit, run) for run in model.allowed[visit]} for visit in rest}
    while True:
        chosen: tuple[tuple[float, float], int, int, int] | None = None
        for visit in rest:
            fits = sorted((found[0], run, found[1]) for run, found in bests[visit].items() if found is not None)
            if not fits:
                continue
            prize = model.visits[visit].prize
            if prize is not None and fits[0][0] >= prize:
                continue
            second = fits[1][0] if len(fits) > 1 else fits[0][0] + 1e6
            rank = (second - fits[0][0], -fits[0][0])
            if chosen is None or rank > chosen[0]:
                chosen = rank, visit, fits[0][1], fits[0][2]
        if chosen is None:
            return
        _, visit, run, at = chosen
        draft.put(visit, run, at)
        rest.remove(visit)
        for other in rest:
            if run in bests[other]:
                bests[other][run] = draft.best(other, run)


def _tandems(draft: Draft, rest: Sequence[int], held: dict[int, int]) -> None:
    """Whole groups at one moment: where they were, else the cheapest moment on a grid."""
    model = draft.model
    for group in dict.fromkeys(model.tandem[visit] for visit in rest):
        known = [held[group[0]]] if group[0] in held else []
        best: tuple[float, int, list[tuple[int, int, int]]] | None = None
        for start in known or moments_of(model, group):
            found = _together(draft, group, start)
            if found is not None and (best is None or found[0] < best[0]):
                best = found[0], start, found[1]
        if best is not None:
            draft.held.update(dict.fromkeys(group, best[1]))
            for visit, run, at in best[2]:
                draft.put(visit, run, at)


def moments_of(model: Model, group: Sequence[int]) -> list[int]:
    spans = [span for visit in group for span in model.spans[visit]]
    tried = {at for opens, closes in spans for at in (*range(opens, closes + 1, GRID), closes)}
    return sorted(
        at for at in tried if all(any(opens <= at <= closes for opens, closes in model.spans[v]) for v in group)
    )


def _together(draft: Draft, group: Sequence[int], start: int) -> tuple[float, list[tuple[int, int, int]]] | None:
    """A run and a position for each of the group at this moment, those with the fewest runs first; None: no way."""
    before = {visit: draft.held[visit] for visit in group if visit in draft.held}
    draft.held.update(dict.fromkeys(group, start))
    taken: dict[int, tuple[float, int, int, int]] = {}
    for visit in sorted(group, key=lambda one: (len(draft.model.allowed[one]), one)):
        fits = [
            (found[0], visit, run, found[1])
            for run in draft.model.allowed[visit]
            if run not in taken and (found := draft.best(visit, run)) is not None
        ]
        if fits:
            one = min(fits)
            taken[one[2]] = one
    for visit in group:
        draft.held.pop(visit, None)
    draft.held.update(before)
    if len(taken) < len(group):
        return None
    return sum(one[0] for one in taken.values()), [(one[1], one[2], one[3]) for one in taken.values()]
