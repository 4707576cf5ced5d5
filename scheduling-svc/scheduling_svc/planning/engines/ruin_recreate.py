"""The planner's own engine: the model as arrays, rounds of ruin and recreate, and back to routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np

from scheduling_svc.planning.engines.budget import NO_END, Budget
from scheduling_svc.planning.engines.construction import moments_of
from scheduling_svc.planning.engines.kernel import (
    DRIVING,
    GROUP,
    LENGTH,
    NEVER,
    RUN_OF,
    SPAN,
    SPANS,
    THERAPIST,
    W_DRIVING,
    Flags,
    Ints,
    World,
    hold,
    refresh,
    total,
)
from scheduling_svc.planning.engines.kernel_ejection import make_room
from scheduling_svc.planning.engines.kernel_search import Search, keep_best, rounds
from scheduling_svc.planning.engines.model import Model, Routes
from scheduling_svc.planning.plan import PROMISED

NEIGHBOURS = 100
MOST_REMOVED = 0.3
"""Of all visits, how many a round takes out on average at most."""
CHUNK = 50
"""Rounds between two looks at the clock."""
ROOM_STEPS = 10
"""Steps of looking for room between two looks at the clock: each takes as long as a handful of rounds."""
ROOM_ROUNDS, ROOM_TIME = 0.1, 0.5
"""How much of the budget goes into it at most: steps for each round, and the part of the time."""


@dataclass(frozen=True)
class Cooling:
    """How hot the search begins and ends, in average drives, and how many visits a round takes out on average."""

    hot: float
    cold: float
    removed: float


COLD = Cooling(2.0, 0.06, 15.0)
WARM = Cooling(2.0, 0.1, 10.0)


class Engine:
    """Arrays of one problem and the routes that are being improved."""

    def __init__(self, model: Model, routes: Routes, held: Mapping[int, int], seed: int) -> None:
        self._model = model
        self._fixed = {visit: moment for visit, moment in held.items() if len(model.tandem[visit]) > 2}
        self.world = _world(model, seed)
        self.search = _search(self.world)
        self._load(routes, held)
        self._drive = self._average_drive()

    @property
    def cost(self) -> float:
        """What the best routes cost."""
        return float(self.search.costs[1])

    def run(self, budget: Budget, cooling: Cooling, room: float = ROOM_TIME) -> int:
        """Search as long as the budget lasts, for room with this part of the time at most; how many rounds there were.

        Without a deadline the part is ROOM_ROUNDS.
        """
        hot, cold = cooling.hot * self._drive, cooling.cold * self._drive
        self._make_room(budget, hot, room)
        removed = min(cooling.removed, 1.0 + MOST_REMOVED * len(self._model.visits))
        if budget.deadline is None:
            rounds(self.world, self.search, budget.most, removed, hot, cold)
            return budget.most
        begun, done = monotonic(), 0
        while done < budget.most and (now := monotonic()) < budget.deadline:
            gone = max((now - begun) / max(1e-9, budget.deadline - begun), done / budget.most)
            heat = hot * (cold / hot) ** gone
            count = min(CHUNK, budget.most - done)
            rounds(self.world, self.search, count, removed, heat, heat)
            done += count
        return done

    def best(self) -> tuple[Routes, dict[int, int]]:
        """The best routes and the moments of their tandem visits."""
        search = self.search
        routes = [
            [int(visit) for visit in search.best_route[run, : search.best_length[run]]]
            for run in range(len(self._model.runs))
        ]
        placed = {visit for order in routes for visit in order}
        groups = self.world.visits[:, GROUP]
        held = {visit: int(search.best_held[groups[visit]]) for visit in placed if groups[visit] >= 0}
        return routes, self._fixed | held

    def _make_room(self, budget: Budget, heat: float, part: float) -> None:
        """Look for room for wanted visits that are in no run, with a part of the budget at most."""
        most, seconds = budget.share(ROOM_ROUNDS, part)
        left, until = NO_END if most is None else most, None if seconds is None else monotonic() + seconds
        while left > 0 and (until is None or monotonic() < until):
            if make_room(self.world, self.search, min(ROOM_STEPS, left), heat):
                return
            left -= ROOM_STEPS

    def _average_drive(self) -> float:
        """What a drive of the routes costs on average: heat is measured by it."""
        legs = sum(int(length) + 1 for length in self.world.runs[:, LENGTH] if length)
        return max(1.0, float(self.world.weights[W_DRIVING] * self.world.runs[:, DRIVING].sum()) / max(1, legs))

    def _load(self, routes: Routes, held: Mapping[int, int]) -> None:
        world = self.world
        for visit, moment in held.items():
            group = world.visits[visit, GROUP]
            if group >= 0:
                hold(world, group, moment)
            else:
                world.visits[visit, SPANS] = 1
                world.visits[visit, SPAN] = world.visits[visit, SPAN + 1] = moment
        for run, order in enumerate(routes):
            world.runs[run, LENGTH] = len(order)
            world.route[run, : len(order)] = order
            world.visits[order, RUN_OF] = run
            world.work[world.runs[run, THERAPIST]] += sum(self._model.visits[visit].seconds for visit in order)
            if not refresh(world, run):
                raise ValueError(f"run {self._model.runs[run].id} can't be driven in this order")
        self.search.costs[:] = total(world)
        keep_best(world, self.search, self.search.costs[0])


def _world(model: Model, seed: int) -> World:
    runs, visits, weights = model.runs, model.visits, model.weights
    groups = list(dict.fromkeys(group for group in model.tandem if len(group) == 2))
    drives = np.array(model.drives, np.int64).reshape(len(model.drives), len(model.drives))
    room, labels = len(visits) + 2, max((len(run.breaks) for run in runs), default=0) + 1
    return World(
        drives=drives,
        runs=_run_table(model),
        visits=_visit_table(model, groups),
        allowed=_allowed(model),
        extra=np.array(model.extra, np.float64).reshape(len(visits), len(runs)),
        price=np.array([model.price(visit, PROMISED) for visit in range(len(visits))], np.float64),
        weights=np.array(
            [weights.driving, weights.overtime, weights.unfairness, weights.moved, model.fair_share], np.float64
        ),
        near=_near(drives, [visit.place for visit in visits]),
        members=np.array(groups, np.int64).reshape(len(groups), 2),
        moments=_moments(model, groups),
        route=np.zeros((len(runs), room), np.int64),
        free=np.zeros((len(runs), room, labels), np.int64),
        late=np.zeros((len(runs), room, labels), np.int64),
        costs=np.zeros((len(runs), 2)),
        work=np.array(model.worked, np.float64),
        held=np.full(len(groups), -NEVER, np.int64),
        labels=np.zeros((2, room, labels), np.int64),
        order=np.zeros(room, np.int64),
        scratch=np.zeros(room, np.int64),
        random=np.array([(seed * 0x5DEECE66D + 0xB) & 0xFFFFFFFFFFFF], np.int64),
    )


def _run_table(model: Model) -> Ints:
    """Runs in the kernel's columns."""
    rows = []
    for run, therapist in zip(model.runs, model.therapists, strict=True):
        most = NEVER if run.most_driving is None else run.most_driving
        frame = [run.start_place, run.end_place, run.opens, run.closes, run.closes + run.overtime]
        pauses = [(pause.window.opens, pause.window.closes, pause.seconds) for pause in run.breaks]
        rows.append(
            [*frame, run.longest_drive, most, therapist, len(pauses), 0, 0, 0, *(n for pause in pauses for n in pause)]
        )
    return _table(rows, 13)


def _visit_table(model: Model, groups: Sequence[tuple[int, ...]]) -> Ints:
    """Visits in the kernel's columns."""
    group_of = {visit: index for index, group in enumerate(groups) for visit in group}
    rows = []
    for index, visit in enumerate(model.visits):
        told = model.told[index]
        frozen = visit.pinned is not None or len(model.tandem[index]) > 2
        what = [visit.place, visit.seconds, visit.pinned is not None, frozen]
        known = [told is not None, told.start if told else 0, told.tolerance if told else 0]
        place = [group_of.get(index, -1), model.wanted(index), -1]
        rows.append([*what, *known, *place, len(model.spans[index]), *(n for span in model.spans[index] for n in span)])
    return _table(rows, 13)


def _table(rows: list[list[int]], least: int) -> Ints:
    """Rows of unequal length, filled up with zeros."""
    width = max([least, *(len(row) for row in rows)])
    return np.array([[*row, *[0] * (width - len(row))] for row in rows], np.int64).reshape(len(rows), width)


def _allowed(model: Model) -> Flags:
    """Which run may make which visit; a tandem of more than two stays as it was laid first."""
    allowed = np.zeros((len(model.visits), len(model.runs)), np.bool_)
    for visit, runs in enumerate(model.allowed):
        if model.spans[visit] and len(model.tandem[visit]) <= 2:
            allowed[visit, list(runs)] = True
    return allowed


def _moments(model: Model, groups: Sequence[tuple[int, ...]]) -> Ints:
    rows = [moments_of(model, group) for group in groups]
    width = max((len(row) for row in rows), default=0)
    return np.array([[*row, *[-NEVER] * (width - len(row))] for row in rows], np.int64).reshape(len(rows), width)


def _near(drives: Ints, place: list[int]) -> Ints:
    """The visits nearest to each, itself first; there and back, since the matrix may be asymmetric."""
    if not len(place):
        return np.zeros((0, 0), np.int64)
    between = drives[np.ix_(place, place)]
    both = between + between.T
    np.fill_diagonal(both, -1)
    return np.argsort(both, axis=1, kind="stable")[:, :NEIGHBOURS].astype(np.int64)


def _search(world: World) -> Search:
    runs, room = world.route.shape
    visits = len(world.visits)
    return Search(
        best_route=np.zeros((runs, room), np.int64),
        best_length=np.zeros(runs, np.int64),
        best_held=world.held.copy(),
        saved_route=np.zeros((runs, room), np.int64),
        saved_length=np.zeros(runs, np.int64),
        saved_held=world.held.copy(),
        saved_work=world.work.copy(),
        touched=np.zeros(runs, np.int64),
        removed=np.zeros(visits + 1, np.int64),
        keys=np.zeros(visits + 1),
        missing=np.zeros(visits, np.int64),
        costs=np.zeros(2),
    )
