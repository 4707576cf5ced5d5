"""PyVRP as a second engine, exact for days without pauses, tandems, fairness, told times or limits of driving.

For other days it plans what it can say (shifts are shorter by their pauses), and its routes have to be mended.
What a run costs on top, may not make or drives too far for is written into a matrix of that run alone (a profile);
several windows become a group of clients of which one is made; whatever is left out forfeits its prize.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from pyvrp import Client, ClientGroup, Depot, Location, ProblemData, Route, Solution, VehicleType
from pyvrp import solve as solve_by_pyvrp
from pyvrp.stop import MaxIterations, MaxRuntime, MultipleCriteria

from scheduling_svc.planning.engines.kernel import Ints
from scheduling_svc.planning.engines.model import Model, Routes

FORBIDDEN = 1_000_000
"""What a drive costs that a run may not make, and what a promised visit costs that is left out."""


@dataclass(frozen=True)
class _Client:
    """One visit in one of its windows."""

    visit: int
    opens: int
    closes: int


class PyvrpEngine:
    """A problem in PyVRP's terms."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._clients = [
            _Client(visit, opens, closes) for visit, spans in enumerate(model.spans) for opens, closes in spans
        ]
        # PyVRP knows no negative moments, and something that is wanted at once may begin before the origin.
        self._zero = min([0, *(client.opens for client in self._clients), *(run.opens for run in model.runs)])
        self._data = self._problem()

    def solve(self, start: Routes, *, seed: int, iterations: int | None = None, seconds: float | None = None) -> Routes:
        """Routes after so many iterations or seconds from `start`; they may still break a rule (longest drives)."""
        limits: list[Any] = [] if iterations is None else [MaxIterations(iterations)]
        limits += [] if seconds is None else [MaxRuntime(max(0.0, seconds))]
        found = solve_by_pyvrp(
            self._data,
            MultipleCriteria(limits),
            seed=seed % 2**32,
            collect_stats=False,
            display=False,
            initial_solution=self._solution(start),
        )
        return self._routes(found.best)

    def _problem(self) -> ProblemData:
        model = self._model
        runs, clients = model.runs, self._clients
        places = [place for run in runs for place in (run.start_place, run.end_place)]
        places += [model.visits[client.visit].place for client in clients]
        drives = np.array(model.drives, np.int64)[np.ix_(places, places)]
        groups, members = self._groups()
        return ProblemData(
            locations=[Location(0, 0) for _ in places],
            clients=[self._client(2 * len(runs) + index, client, members) for index, client in enumerate(clients)],
            depots=[Depot(location=index) for index in range(2 * len(runs))],
            vehicle_types=[self._vehicle(index) for index in range(len(runs))],
            distance_matrices=[self._distances(index, drives) for index in range(len(runs))],
            duration_matrices=[_typed(drives)] * len(runs),
            groups=groups,
        )

    def _groups(self) -> tuple[list[ClientGroup], dict[int, int]]:
        """A group for each visit with several windows."""
        by_visit: dict[int, list[int]] = {}
        for index, client in enumerate(self._clients):
            by_visit.setdefault(client.visit, []).append(index)
        several = {visit: indices for visit, indices in by_visit.items() if len(indices) > 1}
        groups = [ClientGroup(indices, required=False) for indices in several.values()]
        return groups, {visit: index for index, visit in enumerate(several)}

    def _client(self, location: int, client: _Client, groups: dict[int, int]) -> Client:
        visit = self._model.visits[client.visit]
        return Client(
            location=location,
            service_duration=visit.seconds,
            tw_early=client.opens - self._zero,
            tw_late=client.closes - self._zero,
            prize=self._model.price(client.visit, FORBIDDEN),
            required=False,
            group=groups.get(client.visit),
        )

    def _vehicle(self, index: int) -> VehicleType:
        run = self._model.runs[index]
        pausing = sum(pause.seconds for pause in run.breaks)
        return VehicleType(
            start_depot=2 * index,
            end_depot=2 * index + 1,
            tw_early=run.opens - self._zero,
            tw_late=max(run.opens, run.closes + run.overtime - pausing) - self._zero,
            start_late=run.opens - self._zero,
            shift_duration=max(0, run.closes - run.opens - pausing),
            max_overtime=run.overtime,
            unit_overtime_cost=self._model.weights.overtime,
            profile=index,
        )

    def _distances(self, run: int, drives: Ints) -> Any:
        """Costs of the drives of one run: what it costs on top lies on the drive to a visit."""
        model, first = self._model, 2 * len(self._model.runs)
        costs = drives * model.weights.driving
        costs[drives > model.runs[run].longest_drive] = FORBIDDEN
        for index, client in enumerate(self._clients):
            may = run in model.allowed[client.visit]
            costs[:, first + index] += model.extra[client.visit][run] if may else FORBIDDEN
        np.fill_diagonal(costs, 0)
        return _typed(np.minimum(costs, FORBIDDEN))

    def _solution(self, start: Routes) -> Solution | None:
        """A warm start; of several windows the first that is open to it, PyVRP mends the rest."""
        first: dict[int, int] = {}
        for index, client in enumerate(self._clients):
            first.setdefault(client.visit, index)
        routes = [Route(self._data, [first[visit] for visit in order], run) for run, order in enumerate(start) if order]
        return Solution(self._data, routes) if routes else None

    def _routes(self, solution: Solution) -> Routes:
        routes: Routes = [[] for _ in self._model.runs]
        for route in solution.routes():
            order = routes[route.vehicle_type()]
            order += [self._clients[one.idx].visit for one in route if one.is_client()]
        return routes


def _typed(matrix: Ints) -> Any:
    """PyVRP's stubs ask for a type that NumPy has not."""
    return np.ascontiguousarray(matrix)
