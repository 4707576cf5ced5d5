"""One instance through one peer: reads it from standard input, writes routes and seconds to standard output, as JSON.

Runs in the peers' own environment (tests/bench/peers.txt) and knows nothing of Fascia. PyVRP and OR-Tools search on one
core: on several cores each runs once per core, PyVRP from other seeds, OR-Tools from other first solutions, and the
best counts.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import time
from datetime import timedelta
from typing import Any

Model = dict[str, Any]
Routes = list[list[int]]

FIRST_SOLUTIONS = ("PARALLEL_CHEAPEST_INSERTION", "SAVINGS", "PATH_CHEAPEST_ARC", "GLOBAL_CHEAPEST_ARC")


def vroom(model: Model, seconds: float, cores: int) -> Routes:
    """VROOM at its highest exploration level; it stops by itself before the time is over."""
    import numpy as np
    import vroom as pyvroom

    problem = pyvroom.Input()
    problem.set_durations_matrix("car", np.array(model["matrix"], dtype=np.uint32))
    for number in range(model["vehicles"]):
        window = pyvroom.TimeWindow(model["ready"][0], model["due"][0])
        problem.add_vehicle(pyvroom.Vehicle(number, start=0, end=0, capacity=[model["capacity"]], time_window=window))
    for stop in range(1, len(model["demands"])):
        problem.add_job(
            pyvroom.Job(
                stop,
                location=stop,
                default_service=model["service"][stop],
                delivery=pyvroom.Amount([model["demands"][stop]]),
                time_windows=[pyvroom.TimeWindow(model["ready"][stop], model["due"][stop])],
            )
        )
    solved = problem.solve(exploration_level=5, nb_threads=cores, timeout=timedelta(seconds=seconds))
    jobs = solved.routes[solved.routes["type"] == "job"]
    return [[int(stop) for stop in group["id"]] for _, group in jobs.groupby("vehicle_id", sort=True)]


def pyvrp(model: Model, seconds: float, number: int) -> Routes:
    """PyVRP as it comes."""
    import numpy as np
    from pyvrp import Client, Depot, Location, ProblemData, VehicleType, solve
    from pyvrp.stop import MaxRuntime

    matrix = np.array(model["matrix"])
    rows = zip(model["demands"], model["service"], model["ready"], model["due"], strict=True)
    data = ProblemData(
        locations=[Location(0, 0) for _ in model["demands"]],
        clients=[
            Client(place, [demand], service_duration=service, tw_early=ready, tw_late=due)
            for place, (demand, service, ready, due) in enumerate(rows)
        ][1:],
        depots=[Depot(0, tw_early=model["ready"][0], tw_late=model["due"][0])],
        vehicle_types=[VehicleType(model["vehicles"], [model["capacity"]])],
        distance_matrices=[matrix],
        duration_matrices=[matrix],
    )
    best = solve(data, MaxRuntime(seconds), seed=number, collect_stats=False, display=False).best
    if not best.is_feasible():
        return []
    return [[stop.idx + 1 for stop in route if stop.is_client()] for route in best.routes()]


def ortools(model: Model, seconds: float, number: int) -> Routes:
    """OR-Tools with guided local search."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    count, matrix, service = len(model["demands"]), model["matrix"], model["service"]
    manager = pywrapcp.RoutingIndexManager(count, model["vehicles"], 0)
    routing = pywrapcp.RoutingModel(manager)
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(matrix))
    timed = [[leg + service[row] for leg in legs] for row, legs in enumerate(matrix)]
    routing.AddDimension(routing.RegisterTransitMatrix(timed), model["due"][0], model["due"][0], False, "time")
    clock = routing.GetDimensionOrDie("time")
    for stop in range(1, count):
        clock.CumulVar(manager.NodeToIndex(stop)).SetRange(model["ready"][stop], model["due"][stop])
    for vehicle in range(model["vehicles"]):
        clock.CumulVar(routing.Start(vehicle)).SetRange(model["ready"][0], model["due"][0])
        clock.CumulVar(routing.End(vehicle)).SetRange(model["ready"][0], model["due"][0])
    loads = routing.RegisterUnaryTransitVector(model["demands"])
    routing.AddDimension(loads, 0, model["capacity"], True, "load")
    wanted = pywrapcp.DefaultRoutingSearchParameters()
    first = FIRST_SOLUTIONS[number % len(FIRST_SOLUTIONS)]
    wanted.first_solution_strategy = getattr(routing_enums_pb2.FirstSolutionStrategy, first)
    wanted.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    wanted.time_limit.FromTimedelta(timedelta(seconds=seconds))
    found = routing.SolveWithParameters(wanted)
    if found is None:
        return []
    return [route for route in (_followed(routing, manager, found, v) for v in range(model["vehicles"])) if route]


def _followed(routing: Any, manager: Any, found: Any, vehicle: int) -> list[int]:
    route, index = [], found.Value(routing.NextVar(routing.Start(vehicle)))
    while not routing.IsEnd(index):
        route.append(manager.IndexToNode(index))
        index = found.Value(routing.NextVar(index))
    return route


ONE_CORE = {"pyvrp": pyvrp, "ortools": ortools}


def _timed(job: tuple[str, Model, float, int]) -> tuple[Routes, float]:
    name, model, seconds, number = job
    started = time.perf_counter()
    return ONE_CORE[name](model, seconds, number), time.perf_counter() - started


def _length(model: Model, routes: Routes) -> tuple[int, int]:
    """Fewer customers left out first, then the shorter plan."""
    matrix = model["matrix"]
    legs = sum(matrix[a][b] for route in routes for a, b in zip([0, *route], [*route, 0], strict=True))
    return -sum(len(route) for route in routes), legs


def main() -> None:
    """`vrptw_peers.py NAME SECONDS CORES`."""
    name, seconds, cores = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    model = json.load(sys.stdin)
    answer = os.dup(1)
    os.dup2(2, 1)  # what a library prints on its way must not reach the answer
    if name == "vroom":
        started = time.perf_counter()
        routes, took = vroom(model, seconds, cores), time.perf_counter() - started
    else:
        with multiprocessing.get_context("spawn").Pool(cores) as pool:
            runs = pool.map(_timed, [(name, model, seconds, number) for number in range(cores)], chunksize=1)
        routes, took = min(runs, key=lambda run: _length(model, run[0]))
    with os.fdopen(answer, "w") as out:
        json.dump({"routes": routes, "seconds": took}, out)


if __name__ == "__main__":
    main()
