"""Growth: 1, 10 and 100 regions of ten therapists, each planned by itself, as many at a time as there are cores."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: the processes share the cores

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from measurement import Result, show
from scheduling_svc.planning import checker
from scheduling_svc.planning.made_up import Spec, day
from scheduling_svc.planning.planner import solve

REGION = Spec(therapists=10, visits=60, kilometres=25.0)


def plan_region(job: tuple[int, int]) -> tuple[int, int, int, float]:
    """Cost of driving, visits made, faults, and seconds of computing of one region."""
    seed, rounds = job
    problem = day(REGION, seed)
    begun = time.process_time()
    plan = solve(problem, seed=1, rounds=rounds)
    seconds = time.process_time() - begun
    made = sum(len(run.visits) for run in plan.runs)
    return plan.cost.driving, made, len(checker.faults(problem, plan)), seconds


def main() -> int:
    """Measure and show; exit 1 when a plan breaks a rule."""
    options = _options()
    result = Result(
        "Planning: growth by regions",
        "make bench ARGS='--only planning_growth'",
        ("regions", "therapists", "visits", "made", "driving per visit", "computing per visit", "wall time", "faults"),
    )
    costs, faults = [], 0
    with ProcessPoolExecutor(options.processes) as pool:
        list(pool.map(plan_region, [(0, 1)] * options.processes))  # the compiled loops are loaded before the clock runs
        for regions in options.regions:
            begun = time.monotonic()
            found = list(pool.map(plan_region, [(seed, options.rounds) for seed in range(regions)]))
            wall = time.monotonic() - begun
            made = sum(one[1] for one in found)
            costs.append(sum(one[0] for one in found) / made)
            faults += sum(one[2] for one in found)
            result.rows.append(
                (
                    f"{regions}",
                    f"{regions * REGION.therapists}",
                    f"{regions * REGION.visits}",
                    f"{made}",
                    f"{costs[-1] / 60:.1f} min",
                    f"{1000 * sum(one[3] for one in found) / made:.0f} ms",
                    f"{wall:.1f} s",
                    f"{sum(one[2] for one in found)}",
                )
            )
            print(result.rows[-1], file=sys.stderr, flush=True)
    spread = max(abs(cost / costs[-1] - 1) for cost in costs)
    result.notes.append(
        f"Made-up days of {REGION.visits} visits in 25 x 25 km with two-hour promises, lunch pauses and a quarter that "
        f"half of the therapists may make; {options.rounds} rounds a region on {options.processes} processes; every "
        f"plan held to the independent checker. Driving per visit differs by {spread:.0%} at most from that of the "
        "largest row: one region alone is one sample, the other rows are means."
    )
    show([result])
    return 1 if faults else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--regions", type=int, nargs="*", default=[1, 10, 100])
    parser.add_argument("--rounds", type=int, default=5_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
