"""The pure problem (time windows, one depot, equal vehicles, distance alone) in whole numbers, and for PyVRP."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from pyvrp import Client, Depot, Location, ProblemData, VehicleType

from scheduling_svc.planning.solomon import Instance, tenths

Route = tuple[int, ...]
"""Customer numbers in order of service, without the depot."""


@dataclass(frozen=True)
class Model:
    """Row 0 is the depot; all of one unit. `matrix` is both the distance and the time of a leg."""

    matrix: tuple[tuple[int, ...], ...]
    demands: tuple[int, ...]
    ready: tuple[int, ...]
    due: tuple[int, ...]
    service: tuple[int, ...]
    vehicles: int
    capacity: int

    @classmethod
    def of(cls, instance: Instance) -> Self:
        """In tenths, as the distances are."""
        rows = instance.customers
        return cls(
            matrix=tuple(tuple(row) for row in instance.distances()),
            demands=tuple(row.demand for row in rows),
            ready=tuple(tenths(row.ready) for row in rows),
            due=tuple(tenths(row.due) for row in rows),
            service=tuple(tenths(row.service) for row in rows),
            vehicles=instance.vehicles,
            capacity=instance.capacity,
        )

    @property
    def customers(self) -> range:
        """Their numbers."""
        return range(1, len(self.demands))

    def length(self, route: Route) -> int:
        """Distance of a route, from the depot and back."""
        stops = (0, *route, 0)
        return sum(self.matrix[one][other] for one, other in pairwise(stops))

    def feasible(self, route: Route) -> bool:
        """Whether a vehicle can carry it and be everywhere in time."""
        if sum(self.demands[stop] for stop in route) > self.capacity:
            return False
        here, clock = 0, self.ready[0]
        for stop in (*route, 0):
            clock = max(clock + self.service[here] + self.matrix[here][stop], self.ready[stop])
            if clock > self.due[stop]:
                return False
            here = stop
        return True

    def data(self) -> ProblemData:
        """For PyVRP. Its clients count from 0: customer n is client n - 1."""
        matrix: Any = np.asarray(self.matrix, dtype=np.int64)  # PyVRP's stubs ask for a type that NumPy has not
        return ProblemData(
            locations=[Location(0, 0) for _ in self.demands],
            clients=[
                Client(
                    location=number,
                    delivery=[self.demands[number]],
                    service_duration=self.service[number],
                    tw_early=self.ready[number],
                    tw_late=self.due[number],
                )
                for number in self.customers
            ],
            depots=[Depot(location=0, tw_early=self.ready[0], tw_late=self.due[0])],
            vehicle_types=[VehicleType(self.vehicles, [self.capacity])],
            distance_matrices=[matrix],
            duration_matrices=[matrix],
        )
