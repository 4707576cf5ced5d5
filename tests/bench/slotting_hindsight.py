"""Hindsight: what could have been done, had all patients called at once. PyVRP plans the whole week.

Nobody is promised anything in hindsight, and a visit is shorter than the two hours in which lunch may begin: so lunch
always fits between two visits, and a shift of ten hours with lunch is one of nine and a half without.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import numpy as np
from pyvrp import Client, Depot, Location, ProblemData, VehicleType, solve
from pyvrp.stop import MaxRuntime

from slotting_world import DAYS, LUNCH, SHIFT, THERAPISTS, VISIT, World, make_world

PRIZE = 10_000
"""Minutes of driving that one more visit is worth: as good as all."""


def hindsight(world: World, seconds: float, seed: int = 1) -> tuple[int, int]:
    """Visits served and minutes driven."""
    result = solve(_data(world), MaxRuntime(seconds), seed=seed, display=False)
    if not result.best.is_feasible():
        raise RuntimeError("hindsight found no feasible week")
    return result.best.num_clients(), result.best.distance()


def _data(world: World) -> ProblemData:
    """Profile 0 is of those who have learnt the technique; to the others its patients are out of reach."""
    everywhere = np.array(world.drives, dtype=np.int64)
    skilled = [THERAPISTS + request.number for request in world.requests if request.skilled]
    elsewhere = everywhere.copy()
    elsewhere[skilled, :] = elsewhere[:, skilled] = 100_000
    np.fill_diagonal(elsewhere, 0)
    return ProblemData(
        locations=[Location(0, 0) for _ in world.places],
        clients=[
            Client(location=THERAPISTS + request.number, service_duration=VISIT, prize=PRIZE, required=False)
            for request in world.requests
        ],
        depots=[Depot(location=number) for number in range(THERAPISTS)],
        vehicle_types=[
            VehicleType(
                num_available=DAYS,
                start_depot=number,
                end_depot=number,
                tw_late=SHIFT,
                shift_duration=SHIFT - LUNCH,
                profile=0 if number < THERAPISTS // 2 else 1,
            )
            for number in range(THERAPISTS)
        ],
        distance_matrices=[everywhere, elsewhere],
        duration_matrices=[everywhere, elsewhere],
    )


def cached(seed: int, requests: int, seconds: float, folder: Path) -> tuple[int, int]:
    """The same, remembered between runs of the benchmark."""
    known = folder / f"hindsight-{seed}-{requests}-{seconds:g}.json"
    if not known.exists():
        folder.mkdir(parents=True, exist_ok=True)
        known.write_text(json.dumps(hindsight(make_world(seed, requests), seconds)))
    served, driving = json.loads(known.read_text())
    return served, driving


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int)
    parser.add_argument("requests", type=int)
    parser.add_argument("seconds", type=float)
    options = parser.parse_args()
    os.nice(5)
    served, driving = hindsight(make_world(options.seed, options.requests), options.seconds)
    print(served, driving, driving / served)
