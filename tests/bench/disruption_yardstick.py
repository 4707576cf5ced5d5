"""The yardstick: PyVRP with a minute for what the planner does in a blink, on the same objective."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from pyvrp import Client, Depot, Location, ProblemData, VehicleType, solve

from disrupted_days import may_make
from scheduling_svc.planning.plan import PROMISED, Cost, LeftOut, Plan, PlannedRun, PlannedVisit, Why
from scheduling_svc.planning.problem import Problem, Run, Visit

# PyVRP's penalties are bounded, so prizes are as large as they need be: more than all driving of a day, and no more.
PRIZE, URGENT_PRIZE, OUT_OF_REACH = 400_000, 150_000, 5_000_000


@dataclass
class ComputingTime:
    """Stops after seconds of computing, whatever else the machine does, or when `patience` of them brought nothing."""

    seconds: float
    patience: float
    began: float = field(default_factory=time.thread_time)
    best: float = float("inf")
    better_at: float = 0.0

    def __call__(self, best_cost: float) -> bool:
        spent = time.thread_time() - self.began
        if best_cost < self.best:
            self.best, self.better_at = best_cost, spent
        return spent > min(self.seconds, self.better_at + self.patience)


def yardstick(problem: Problem, seconds: float, patience: float, seed: int = 1) -> Plan:
    """The best plan that PyVRP finds. Every run has a matrix of its own: a drive costs what its visit costs there."""
    result = solve(_data(problem), ComputingTime(seconds, patience), seed=seed, display=False)
    order = {
        route.vehicle_type(): [problem.visits[one.idx] for one in route.schedule() if one.is_client()]
        for route in result.best.routes()
    }
    return planned(problem, order)


def planned(problem: Problem, order: dict[int, list[Visit]]) -> Plan:
    """Visits in order as a plan, each as early as may be; what can't be begun in time is left out."""
    runs = [_driven(problem, run, order.get(number, [])) for number, run in enumerate(problem.runs)]
    made = {one.visit for run in runs for one in run.visits}
    left = tuple(LeftOut(visit.id, Why.NO_TIME) for visit in problem.visits if visit.id not in made)
    return Plan(tuple(runs), left, cost(problem, runs), "PyVRP")


def cost(problem: Problem, runs: list[PlannedRun]) -> Cost:
    """Driving, change of hands, and what is left out."""
    therapists = {run.id: run.therapist_id for run in problem.runs}
    made = {one.visit: run.run for run in runs for one in run.visits}
    hands = sum(
        visit.was is not None and visit.id in made and therapists.get(visit.was.run) != therapists[made[visit.id]]
        for visit in problem.visits
    )
    return Cost(
        driving=sum(run.driving for run in runs),
        changed_hands=hands * problem.weights.changed_hands,
        left_out=sum(_worth(visit) for visit in problem.visits if visit.id not in made),
    )


def remembered(problem: Problem, seconds: float, patience: float, folder: Path) -> list[list[str]]:
    """The order of each run, remembered between runs of the benchmark."""
    # A set has another order in every process.
    told = [(replace(visit, runs=None), sorted(visit.runs or ())) for visit in problem.visits]
    name = hashlib.sha256(repr((replace(problem, visits=()), told)).encode()).hexdigest()[:24]
    known = folder / f"disruption-2-{name}-{seconds:g}-{patience:g}-{PRIZE}.json"
    if not known.exists():
        folder.mkdir(parents=True, exist_ok=True)
        plan = yardstick(problem, seconds, patience)
        known.write_text(json.dumps([[one.visit for one in run.visits] for run in plan.runs]))
    return list(json.loads(known.read_text()))


def _data(problem: Problem) -> ProblemData:
    size = len(problem.drives)
    drives = np.array(problem.drives, dtype=np.int64)
    return ProblemData(
        locations=[Location(0, 0) for _ in range(size)],
        clients=[_client(visit) for visit in problem.visits],
        depots=[Depot(location=place) for run in problem.runs for place in (run.start_place, run.end_place)],
        vehicle_types=[
            VehicleType(
                start_depot=2 * number, end_depot=2 * number + 1, tw_early=run.opens, tw_late=run.closes, profile=number
            )
            for number, run in enumerate(problem.runs)
        ],
        distance_matrices=[_costs(problem, run, drives) for run in problem.runs],
        duration_matrices=[drives for _ in problem.runs],
    )


def _client(visit: Visit) -> Client:
    opens, closes = visit.windows[0].opens, visit.windows[0].closes
    return Client(
        location=visit.place,
        service_duration=visit.seconds,
        tw_early=opens,
        tw_late=closes,
        prize=0 if visit.pinned else PRIZE if visit.prize is None else URGENT_PRIZE,
        required=visit.pinned is not None,
    )


def _costs(problem: Problem, run: Run, drives: np.ndarray) -> np.ndarray:
    costs = drives.copy()
    costs[(drives > run.longest_drive) & ~_decided(problem, run)] = OUT_OF_REACH
    places: dict[int, int] = {}
    for visit in problem.visits:
        extra = 0 if may_make(visit, run) else OUT_OF_REACH
        if visit.was is not None and _therapist(problem, visit.was.run) != run.therapist_id:
            extra += problem.weights.changed_hands
        places[visit.place] = max(extra, places.get(visit.place, 0))
    for place, extra in places.items():
        if place not in (run.start_place, run.end_place):
            costs[:, place] += extra
    np.fill_diagonal(costs, 0)
    return costs


def _decided(problem: Problem, run: Run) -> np.ndarray:
    """Drives of any length that a run makes whatever is planned: between its ends and what is pinned to it."""
    places = [run.start_place, run.end_place]
    places += [visit.place for visit in problem.visits if visit.pinned is not None and visit.pinned.run == run.id]
    decided = np.zeros((len(problem.drives), len(problem.drives)), dtype=bool)
    decided[np.ix_(places, places)] = True
    return decided


def _therapist(problem: Problem, run_id: str) -> str | None:
    return next((run.therapist_id for run in problem.runs if run.id == run_id), None)


def _driven(problem: Problem, run: Run, order: list[Visit]) -> PlannedRun:
    place, free, made = run.start_place, run.opens, []
    for visit in order:
        drive = problem.drives[place][visit.place]
        starts = max(free + drive, visit.windows[0].opens)
        home = starts + visit.seconds + problem.drives[visit.place][run.end_place]
        too_late = starts > visit.windows[0].closes or home > run.closes
        if not may_make(visit, run) or (too_late and visit.pinned is None):
            continue
        made.append(PlannedVisit(visit.id, drive, starts if not made else free + drive, starts))
        place, free = visit.place, starts + visit.seconds
    if not made:
        return PlannedRun(run.id, ends=run.opens)
    back = problem.drives[place][run.end_place]
    return PlannedRun(run.id, tuple(made), (), back, free + back)


def _worth(visit: Visit) -> int:
    return PROMISED if visit.prize is None else visit.prize
