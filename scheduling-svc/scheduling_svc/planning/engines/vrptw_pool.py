"""Routes from everywhere, and the best plan that can be put together from them (set partitioning).

Rochat and Taillard (1995) combine routes of local optima this way. The relaxation prices every customer; a route
whose reduced cost exceeds the gap to the best plan known is in no better plan and is left out, which keeps the exact
part small.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array

from scheduling_svc.planning.engines.vrptw_model import Model, Route

_WIDEST = 12_000
"""Routes of one relaxation; of more, those met in the best solutions."""
_EXACT, _EXACT_IN_PASSING = 2_000, 600
"""Routes of one exact run, at the end and while the searchers need the cores: of more, those of least reduced cost."""
_ROUNDING = 1e-5


class RoutePool:
    """Feasible routes by their customers: of several orders of the same customers only the shortest is kept."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._by_customers: dict[frozenset[int], tuple[int, Route]] = {}
        self._met: dict[frozenset[int], int] = {}
        self._changed = False
        self.best: tuple[Route, ...] = ()
        self.best_length: int | None = None

    def __len__(self) -> int:
        return len(self._by_customers)

    def add(self, routes: Mapping[Route, int]) -> None:
        """Routes with the cost of the solution that each was met in."""
        for route, cost in routes.items():
            key, length = frozenset(route), self._model.length(route)
            known = self._by_customers.get(key)
            self._met[key] = min(cost, self._met.get(key, cost))
            if known is None or length < known[0]:
                self._by_customers[key] = (length, route)
                self._changed = True

    def offer(self, routes: Sequence[Route]) -> bool:
        """A whole plan; whether it is the best so far."""
        length = sum(self._model.length(route) for route in routes)
        if not routes or (self.best_length is not None and length >= self.best_length):
            return False
        self.best, self.best_length = tuple(routes), length
        self.add(dict.fromkeys(routes, length))
        return True

    def recombine(self, seconds: float, *, in_passing: bool = False) -> bool:
        """Look for a better plan among the routes for at most so long; whether one was found."""
        if self.best_length is None or not self._changed or seconds <= 0.05:
            return False
        self._changed = False
        until = time.perf_counter() + seconds
        most = _EXACT_IN_PASSING if in_passing else _EXACT
        return self.offer(_choose(self._columns(), self._model, self.best_length, most, until))

    def _columns(self) -> list[tuple[int, Route]]:
        keys = sorted(self._by_customers, key=lambda key: self._met[key])
        return [self._by_customers[key] for key in keys[:_WIDEST]]


def _choose(columns: Sequence[tuple[int, Route]], model: Model, known: int, most: int, until: float) -> list[Route]:
    """Routes that serve every customer once for less than `known`; none when there are no such, or no time.

    Serving exactly once is fifteen times quicker to solve than at least once, and its plans were as short in trials.
    """
    lengths = np.array([length for length, _ in columns], dtype=float)
    served = _served(columns, len(model.customers))
    fleet = csc_array(np.ones((1, len(columns))))
    relaxed = linprog(
        lengths,
        A_eq=served,
        b_eq=np.ones(served.shape[0]),
        A_ub=fleet,
        b_ub=[model.vehicles],
        bounds=(0, None),
        method="highs",
        options={"time_limit": max(0.05, until - time.perf_counter())},
    )
    if relaxed.status != 0 or relaxed.fun > known - 1 + _ROUNDING:
        return []
    reduced = lengths - served.T @ relaxed.eqlin.marginals - relaxed.ineqlin.marginals[0]
    (few,) = np.nonzero(reduced <= known - 1 - relaxed.fun + 2 * _ROUNDING)
    few = few[np.argsort(reduced[few], kind="stable")][:most]
    exact = milp(
        lengths[few],
        integrality=np.ones(len(few)),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(served[:, few], lb=1, ub=1),
            LinearConstraint(fleet[:, few], ub=model.vehicles),
            LinearConstraint(csc_array(lengths[few][np.newaxis, :]), ub=known - 1),
        ],
        options={"time_limit": max(0.05, until - time.perf_counter())},
    )
    if exact.x is None:
        return []
    return [columns[few[place]][1] for place in np.nonzero(exact.x > 0.5)[0]]


def _served(columns: Sequence[tuple[int, Route]], customers: int) -> csc_array:
    """Row: customer; column: route; 1 where the route serves the customer."""
    stops = np.fromiter((stop - 1 for _, route in columns for stop in route), dtype=np.int32)
    ends = np.cumsum([0, *(len(route) for _, route in columns)])
    return csc_array((np.ones(len(stops)), stops, ends), shape=(customers, len(columns)))
