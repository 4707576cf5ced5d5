"""Solomon's 56 instances through `fascia plan vrptw`'s planner, and through VROOM, OR-Tools and bare PyVRP.

Every engine gets the same seconds and the same cores for each instance, one engine after the other, and one checker
judges all of them from the coordinates. Best known distances are those of the .sol files beside the instances.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path

import peers
from measurement import Result, show
from scheduling_svc.planning import cvrplib, solomon
from scheduling_svc.planning.engines.vrptw import Planner
from scheduling_svc.planning.engines.vrptw_model import Model
from scheduling_svc.planning.vrptw_checker import check

HERE = Path(__file__).parent
DATA = HERE.parent.parent.parent / "shared" / "data" / "vrptw"
SECONDS, CORES = 10.0, 2
AIM = 0.5
CLASSES = ("C1", "C2", "R1", "R2", "RC1", "RC2")
LABELS = {"fascia": "Fascia", "pyvrp": "PyVRP 0.14", "ortools": "OR-Tools 9.15", "vroom": "VROOM 1.15 (pyvroom)"}
Routes = Sequence[Sequence[int]]
Engine = Callable[[Model], tuple[Routes, float]]


@dataclass
class Tally:
    """What one engine did: gaps in percent by instance, instances without a plan that keeps every rule, seconds."""

    gaps: dict[str, float] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def take(self, name: str, best: Decimal, instance: solomon.Instance, routes: Routes, seconds: float) -> str:
        """Judge one plan; what came of it, in words."""
        self.seconds.append(seconds)
        judged = check(instance, routes)
        if not judged.feasible:
            self.broken[name] = judged.faults[0]
            return f"broken: {judged.faults[0]}"
        self.gaps[name] = float((judged.distance / best - 1) * 100)
        return f"{judged.distance} ({self.gaps[name]:+.2f} %) in {seconds:.1f} s"

    def mean(self, prefix: str = "") -> str:
        """Mean gap of a class of instances."""
        gaps = [gap for name, gap in self.gaps.items() if _class(name) == prefix or not prefix]
        return f"{sum(gaps) / len(gaps):.2f}" if gaps else "-"

    def worst(self) -> str:
        """The largest gap, and where."""
        name = max(self.gaps, key=lambda name: self.gaps[name], default=None)
        return "-" if name is None else f"{self.gaps[name]:.2f} ({name})"


def _class(name: str) -> str:
    return re.sub(r"\d\d$", "", name)


def of_peer(python: Path, name: str, seconds: float, cores: int) -> Engine:
    """An engine of the peers' environment, in a process of its own; the seconds are those of its solving alone."""

    def solve(model: Model) -> tuple[Routes, float]:
        command = [str(python), str(HERE / "vrptw_peers.py"), name, str(seconds), str(cores)]
        done = subprocess.run(command, input=json.dumps(asdict(model)), capture_output=True, text=True, check=True)
        answer = json.loads(done.stdout)
        return answer["routes"], answer["seconds"]

    return solve


def of_ours(planner: Planner, seconds: float, seed: int) -> Engine:
    """Our planner; its seconds are wall clock around the whole call."""

    def solve(model: Model) -> tuple[Routes, float]:
        started = time.perf_counter()
        routes = planner.plan(model, seconds, seed).routes
        return routes, time.perf_counter() - started

    return solve


def measure(options: argparse.Namespace) -> Result:
    """All engines on each instance, then the next instance."""
    names = options.instances or sorted(path.name.split(".")[0] for path in options.data.glob("*.txt.gz"))
    with ExitStack() as stack:
        engines: dict[str, Engine] = {}
        if "fascia" in options.engines:
            planner = stack.enter_context(Planner(options.cores))
            engines["fascia"] = of_ours(planner, options.seconds, options.seed)
        python = peers.python() if set(options.engines) - {"fascia"} else None
        if python is not None:
            others = [name for name in options.engines if name != "fascia" and peers.has(python, name)]
            engines |= {name: of_peer(python, name, options.seconds, options.cores) for name in others}
        tallies = {name: Tally() for name in engines}
        for number, name in enumerate(names, start=1):
            instance = solomon.read(options.data / f"{name}.txt.gz")
            best, model = cvrplib.read(options.data / f"{name}.sol").cost, Model.of(instance)
            for engine, solve in engines.items():
                said = tallies[engine].take(name, best, instance, *solve(model))
                print(f"{number}/{len(names)} {name} {engine}: {said}", file=sys.stderr, flush=True)
    return _result(tallies, names, options)


def _result(tallies: dict[str, Tally], names: Sequence[str], options: argparse.Namespace) -> Result:
    present = [kind for kind in CLASSES if any(_class(name) == kind for name in names)]
    result = Result(
        title=f"Files of the field: {len(names)} of Solomon's instances at {options.seconds:g} s",
        command="make bench ARGS='--only vrptw'",
        columns=("engine", "mean gap %", *present, "worst", "no valid plan", "seconds each"),
    )
    for engine, tally in tallies.items():
        mean = sum(tally.seconds) / len(tally.seconds)
        cells = (tally.mean(), *(tally.mean(kind) for kind in present), tally.worst(), str(len(tally.broken)))
        result.rows.append((LABELS[engine], *cells, f"{mean:.1f}"))
    result.notes += list(_notes(tallies, options))
    return result


def _notes(tallies: dict[str, Tally], options: argparse.Namespace) -> Iterable[str]:
    yield f"Gap of the distance to the best known one; {options.cores} cores for each engine, same run. One checker,"
    yield "apart from the planner, drives every route from the coordinates. Distances are cut to one decimal, as in"
    yield "CVRPLIB. PyVRP and OR-Tools search on one core: they ran once per core from different starts, and the better"
    yield "plan counts. VROOM (exploration 5, one thread per core) ends by itself. Our seconds are wall clock of the"
    yield "whole call; those of the peers leave out the start of their process."
    absent = [LABELS[engine] for engine in options.engines if engine not in tallies]
    if absent:
        yield f"Not installable on this machine: {', '.join(absent)}."
    ours = tallies.get("fascia")
    if ours and ours.gaps:
        reached = not ours.broken and float(ours.mean()) <= AIM
        yield f"Aim: mean gap at or under {AIM} %, no route that breaks a rule. {'Reached.' if reached else 'MISSED.'}"
        broken = [f"{LABELS[engine]}: {', '.join(tally.broken)}" for engine, tally in tallies.items() if tally.broken]
        yield f"Without a valid plan: {'; '.join(broken) if broken else 'none'}."


def main() -> int:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for each instance and engine")
    parser.add_argument("--cores", type=int, default=CORES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--instances", nargs="*", help="names such as R104 (default: all)")
    parser.add_argument("--engines", nargs="*", choices=tuple(LABELS), default=list(LABELS))
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("FASCIA_VRPTW", DATA)))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not options.data.is_dir():
        print(f"the instances are not here: {options.data}; name their folder with --data", file=sys.stderr)
        show([])
        return 0
    show([measure(options)])
    return 0


if __name__ == "__main__":
    sys.exit(main())
