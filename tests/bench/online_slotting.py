"""Patients call one by one and choose among offers: how many are served with how much driving, beside other policies.

    python tests/bench/online_slotting.py --seeds 1 2 --requests 300 --hindsight-seconds 100

Ours is the real service over HTTP. The other policies run in memory on the same insertion kernel, and plan nothing
anew. Hindsight is PyVRP with all patients known at once; it is kept between runs.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import mean

from fascia.testing import backing
from measurement import Result, percentile, show
from slotting_checker import Verdict, check
from slotting_hindsight import cached
from slotting_policies import POLICIES
from slotting_service import Played, play
from slotting_world import make_world

OURS = "ours: the patient picks any of the first 5 offers, the day is planned anew after every booking"


def main() -> int:
    """Play, check, and show; exit 1 where the checker finds a fault in what the service did."""
    options = _options()
    results, faults = [], 0
    for count in options.requests:
        result, found = measure(count, options)
        results.append(result)
        faults += found
    show(results)
    return 1 if faults else 0


def measure(count: int, options: argparse.Namespace) -> tuple[Result, int]:
    """One number of requests over all seeds."""
    rows: defaultdict[str, list[Verdict]] = defaultdict(list)
    times: defaultdict[str, list[float]] = defaultdict(list)
    seeds = options.seeds
    with ProcessPoolExecutor(options.processes) as pool:
        for verdicts, played in pool.map(week, seeds, [count] * len(seeds), [options] * len(seeds)):
            for name, verdict in verdicts.items():
                rows[name].append(verdict)
            for name in ("offering", "booking", "replanning", "expecting"):
                times[name] += getattr(played, name)
    rows["hindsight"] = list(_hindsight(options, count))
    return _result(count, options, rows, times), sum(len(one.faults) for one in rows[OURS])


def week(seed: int, count: int, options: argparse.Namespace) -> tuple[dict[str, Verdict], Played]:
    """One week by every policy, ours on a database of its own."""
    world = make_world(seed, count)
    with backing.database_uri() as uri:
        played = play(
            uri, world, limit=5, replan_seconds=options.replan_seconds, foresight_weeks=options.foresight_weeks
        )
    verdicts = {OURS: check(world, played.routes)}
    verdicts |= {name: check(world, policy(world)) for name, policy in POLICIES.items()}
    print(f"{count} requests, seed {seed}: {_line(verdicts)}", file=sys.stderr, flush=True)
    return verdicts, played


def _hindsight(options: argparse.Namespace, count: int) -> Iterator[Verdict]:
    """Two at a time: nothing else is measured meanwhile."""
    seeds = options.seeds
    with ProcessPoolExecutor(2) as pool:
        found = pool.map(
            cached, seeds, [count] * len(seeds), [options.hindsight_seconds] * len(seeds), [options.cache] * len(seeds)
        )
        for served, driving in found:
            yield Verdict(served, driving, ())


def _result(
    count: int,
    options: argparse.Namespace,
    rows: dict[str, list[Verdict]],
    times: dict[str, list[float]],
) -> Result:
    best_served = mean(one.served for one in rows["hindsight"])
    best_driving = mean(one.per_visit for one in rows["hindsight"])
    table = []
    for name, verdicts in rows.items():
        served, driving = mean(one.served for one in verdicts), mean(one.per_visit for one in verdicts)
        faults = sum(len(one.faults) for one in verdicts)
        shares = f"{served / best_served:.1%}", f"{driving / best_driving:.2f}"
        table.append((name, f"{served:.1f}", shares[0], f"{driving:.1f}", shares[1], str(faults)))
    spent = ", ".join(
        f"{name} p50 {percentile(found, 0.5) * 1000:.0f} ms, p99 {percentile(found, 0.99) * 1000:.0f} ms"
        for name, found in times.items()
    )
    return Result(
        f"Online slotting: {count} requests, {len(options.seeds)} seeds",
        f"make bench ARGS='--only online_slotting' (or python tests/bench/online_slotting.py --requests {count})",
        ("policy", "visits served", "of hindsight", "drive minutes per visit", "times hindsight", "faults"),
        table,
        [
            "Aims: served >= 99 % of hindsight, driving <= 1.25 times hindsight. 8 therapists, 5 days, 20 x 20 km, "
            "visits of 60 minutes promised within 2 hours, a quarter need a technique that half of them know, "
            "half an hour of lunch that begins between 11:30 and 13:30. Patients are free all week; two windows of one "
            "therapist open at least 30 minutes apart (`apart_minutes`). The service knows the week before, with other "
            f"patients (foresight_weeks {options.foresight_weeks}). Hindsight: PyVRP, {options.hindsight_seconds:g} s, "
            "all patients known and nothing promised. The day alone: the same offers and planner where nobody chooses "
            "and only the day is promised, so what is left of the gap is the price of not knowing who will call. "
            f"Every week is checked by code of its own. Over HTTP, {options.processes} weeks side by side: {spent}."
        ],
    )


def _line(verdicts: dict[str, Verdict]) -> str:
    return "; ".join(
        f"{name.partition(':')[0]} {verdict.served} at {verdict.per_visit:.1f}"
        + (f" FAULTS {verdict.faults[:2]}" if verdict.faults else "")
        for name, verdict in verdicts.items()
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="*", default=list(range(1, 11)))
    parser.add_argument("--requests", type=int, nargs="*", default=[300, 380])
    parser.add_argument("--processes", type=int, default=2, help="weeks side by side")
    parser.add_argument("--hindsight-seconds", type=float, default=100.0)
    parser.add_argument("--replan-seconds", type=float, default=0.3)
    parser.add_argument("--foresight-weeks", type=int, default=1, help="0: the service does not look ahead")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / f"fascia-slotting-{os.getuid()}")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
