"""One searcher: iterated local search on PyVRP's moves, which remembers the good routes it meets.

The loop is our own, since it must hand out routes and take in solutions while it runs. Acceptance is simulated
annealing whose temperature follows the time that is left, so a short run cools as fully as a long one.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyvrp import CostEvaluator, ProblemData, RandomNumberGenerator, Solution
from pyvrp import Route as DrivenRoute
from pyvrp.search import (
    OPERATORS,
    LocalSearch,
    NeighbourhoodParams,
    PerturbationManager,
    PerturbationParams,
    compute_neighbours,
)

from scheduling_svc.planning.engines.vrptw_model import Model, Route


@dataclass(frozen=True)
class Settings:
    """How a searcher goes about it; tuned on Solomon's instances at 10 s.

    warm, cold: temperature at the start and at the end, as a share of the mean length of a leg.
    penalty: what a unit of load or lateness costs at first, in units of distance.
    every: one solution in so many hands over its routes.
    """

    neighbours: int = 40
    perturbations: int = 25
    warm: float = 0.3
    cold: float = 0.003
    penalty: float = 20.0
    every: int = 1


class Penalties:
    """Prices of broken rules, moved so that about `target` of all solutions keep the rule."""

    def __init__(self, start: float, target: float = 0.6, window: int = 200) -> None:
        self._load = self._time = start
        self._target, self._window = target, window
        self._seen = self._load_kept = self._time_kept = 0
        self.evaluator = CostEvaluator([start], start, 0)

    def register(self, solution: Solution) -> None:
        """Count one solution, and price anew after every window of them."""
        self._seen += 1
        self._load_kept += not solution.has_excess_load()
        self._time_kept += not solution.has_time_warp()
        if self._seen < self._window:
            return
        self._load = self._moved(self._load, self._load_kept / self._seen)
        self._time = self._moved(self._time, self._time_kept / self._seen)
        self._seen = self._load_kept = self._time_kept = 0
        self.evaluator = CostEvaluator([self._load], self._time, 0)

    def _moved(self, price: float, kept: float) -> float:
        if abs(kept - self._target) < 0.05:
            return price
        return min(max(price * (1.25 if kept < self._target else 0.88), 0.1), 100_000.0)


class Search:
    """A walk through solutions; `best` is the shortest one that keeps every rule, once there is one."""

    def __init__(self, model: Model, seed: int, settings: Settings | None = None) -> None:
        self._settings = settings or Settings()
        self._model, self._data = model, model.data()
        self._random = random.Random(seed)  # noqa: S311 - a search, not a secret
        rng = RandomNumberGenerator(seed=seed)
        self._local = _local_search(self._data, rng, self._settings)
        self._penalties = Penalties(self._settings.penalty)
        self._leg = _mean_leg(model)
        self._steps = 0
        self._new: dict[Route, int] = {}
        self._known: set[tuple[int, ...]] = set()
        start = Solution.make_random(self._data, rng)
        self._current = self._local(start, CostEvaluator([1000.0], 1000.0, 0), exhaustive=True)
        self.best: Solution | None = None
        self._notice(self._current)

    @property
    def steps(self) -> int:
        """How many solutions it has looked at."""
        return self._steps

    def run(self, steps: int, left: float) -> None:
        """So many steps, at the temperature that belongs to the share `left` (1..0) of the whole time."""
        temperature = self._leg * self._settings.cold * (self._settings.warm / self._settings.cold) ** left
        for _ in range(steps):
            self._step(temperature)

    def take_in(self, routes: Iterable[Route]) -> None:
        """Go on from a solution that somebody else found, when it is better than any of its own."""
        found = Solution(self._data, [[stop - 1 for stop in route] for route in routes])
        if found.is_feasible() and (self.best is None or found.distance() < self.best.distance()):
            self.best = self._current = found

    def routes(self) -> tuple[Route, ...]:
        """Those of the best solution; none when there is no solution."""
        return tuple(_stops(route) for route in self.best.routes()) if self.best else ()

    def new_routes(self) -> dict[Route, int]:
        """Feasible routes met since the last call, each with the cost of the best solution that it was met in."""
        new, self._new = self._new, {}
        return new

    def _step(self, temperature: float) -> None:
        self._steps += 1
        prices = self._penalties.evaluator
        found = self._local(self._current, prices)
        self._penalties.register(found)
        if found.is_feasible() and (self.best is None or found.distance() < self.best.distance()):
            polished = self._local(found, prices, exhaustive=True)
            found = polished if polished.is_feasible() else found
            self._notice(found)
        change = prices.penalised_cost(found) - prices.penalised_cost(self._current)
        if change <= 0 or self._random.random() < math.exp(-change / temperature):
            self._current = found
        if self._steps % self._settings.every == 0:
            self._remember(found, prices.penalised_cost(found))

    def _notice(self, found: Solution) -> None:
        if found.is_feasible() and (self.best is None or found.distance() < self.best.distance()):
            self.best = found
            self._remember(found, found.distance())

    def _remember(self, solution: Solution, cost: int) -> None:
        for route in solution.routes():
            if route.is_feasible():
                mark = (route.distance(), route.duration(), route.start_time(), route.num_clients())
                if mark not in self._known:  # reading the stops is the dear part
                    self._known.add(mark)
                    self._new[_stops(route)] = cost


def _stops(route: DrivenRoute) -> Route:
    return tuple(activity.idx + 1 for activity in route if activity.is_client())


def _local_search(data: ProblemData, rng: RandomNumberGenerator, settings: Settings) -> LocalSearch:
    near = compute_neighbours(data, NeighbourhoodParams(num_neighbours=settings.neighbours))
    perturbation = PerturbationManager(PerturbationParams(1, settings.perturbations))
    search = LocalSearch(data, rng, near, perturbation)
    for operator in OPERATORS:
        if operator.supports(data):
            search.add_operator(operator(data))
    return search


def _mean_leg(model: Model) -> float:
    """Length of a leg to one of the ten nearest, which is what a plan is made of."""
    return sum(_near(model)) / len(model.customers)


def _near(model: Model) -> Iterator[float]:
    for number in model.customers:
        nearest = sorted(model.matrix[number])[1:11]
        yield sum(nearest) / len(nearest)
