"""`fascia plan vrptw`: plan instances in Solomon's format and write routes as .sol files of CVRPLIB."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from scheduling_svc.planning import cvrplib, solomon
from scheduling_svc.planning.engines.vrptw import Planned, Planner, PlannerLostError
from scheduling_svc.planning.engines.vrptw_model import Model
from scheduling_svc.planning.vrptw_checker import check

_LEAST_SECONDS, _MOST_SECONDS = 1.0, 86_400.0
_MOST_PROCESSES = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which instances, for how long, and where the routes go."""
    parser.description = (
        "Looks for the least distance; the number of vehicles is only a limit. Distances and travel times are cut to"
        " one decimal, as CVRPLIB does. Where NAME.sol lies beside an instance, its cost is the best known to compare"
        " with."
    )
    parser.epilog = "Exit code: 0 all planned, 1 no plan for one of them, 2 something could not be read or written."
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="an instance, plain or gzipped")
    parser.add_argument("--seconds", type=_seconds, default=10.0, help="for each instance (default: 10)")
    parser.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="for the routes (default: here)")
    parser.add_argument("--seed", type=_whole(0, 2**31), default=1, help="of the search (default: 1)")
    parser.add_argument("--processes", type=_whole(1, _MOST_PROCESSES), default=2, help="that search (default: 2)")


@dataclass(frozen=True)
class _Job:
    name: str
    instance: solomon.Instance
    target: Path
    best_known: Decimal | None


def run(args: argparse.Namespace) -> int:
    """Plan one after the other; a file that cannot be read does not keep the others from being planned."""
    try:
        args.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return _refused(f"{args.out} cannot hold the routes ({error.strerror})")
    jobs, code = _jobs(args.files, args.out)
    if not jobs:
        return code
    gaps: dict[str, Decimal] = {}
    try:
        with Planner(args.processes) as planner:
            for job in jobs:
                code = max(code, _plan(planner, job, args, gaps))
    except PlannerLostError as error:
        return _refused(str(error))
    if len(gaps) > 1:
        worst = max(gaps, key=lambda name: gaps[name])
        mean = sum(gaps.values()) / len(gaps)
        print(f"{len(gaps)} with a best known: mean gap {mean:.2f} %, worst {gaps[worst]:.2f} % ({worst})")
    return code


def _jobs(files: Sequence[Path], out: Path) -> tuple[list[_Job], int]:
    """What can be planned, and 2 as soon as one file cannot."""
    jobs: dict[Path, _Job] = {}
    code = 0
    for file in files:
        try:
            job = _job(file, out)
            if job.target in jobs:
                raise solomon.InstanceError(f"another file already writes to {job.target}")
            jobs[job.target] = job
        except OSError as error:
            code = _refused(f"{file} cannot be read ({error.strerror})")
        except (solomon.InstanceError, cvrplib.SolutionError) as error:
            code = _refused(f"{file}: {error}")
    return list(jobs.values()), code


def _job(file: Path, out: Path) -> _Job:
    name = file.name.removesuffix(".gz").removesuffix(".txt")
    instance, target, beside = solomon.read(file), out / f"{name}.sol", file.with_name(f"{name}.sol")
    if not beside.is_file():
        return _Job(name, instance, target, None)
    if target.resolve() == beside.resolve():
        raise solomon.InstanceError(f"{beside} would be overwritten: name another folder with --out")
    try:
        return _Job(name, instance, target, cvrplib.read(beside).cost)
    except cvrplib.SolutionError as error:
        raise cvrplib.SolutionError(f"the best known in {beside.name}: {error}") from None


def _plan(planner: Planner, job: _Job, args: argparse.Namespace, gaps: dict[str, Decimal]) -> int:
    if sys.stdout.isatty():
        print(f"{job.name:<12} planning ...", end="\r", flush=True)
    began = time.perf_counter()
    planned = planner.plan(Model.of(job.instance), args.seconds, args.seed)
    took = time.perf_counter() - began
    if planned.length is None:
        print(f"{job.name:<12} no plan that keeps every rule was found in {took:.1f} s", flush=True)
        return 1
    cost = Decimal(planned.length) / 10
    judged = check(job.instance, planned.routes, cost)
    if not judged.feasible:
        print(f"{job.name:<12} the plan breaks a rule and was not written: {judged.faults[0]}", flush=True)
        return 1
    try:
        cvrplib.write(job.target, planned.routes, cost)
    except OSError as error:
        return _refused(f"{job.target} cannot be written ({error.strerror})")
    print(_line(job, planned, cost, took, gaps), flush=True)
    return 0


def _line(job: _Job, planned: Planned, cost: Decimal, took: float, gaps: dict[str, Decimal]) -> str:
    line = f"{job.name:<12} {len(planned.routes):>3} routes {cost:>10}"
    if job.best_known:
        gaps[job.name] = (cost / job.best_known - 1) * 100
        line += f"   best known {job.best_known:>8}   gap {gaps[job.name]:>5.2f} %"
    return f"{line}   {took:.1f} s"


def _refused(why: str) -> int:
    print(f"fascia plan vrptw: {why}", file=sys.stderr)
    return 2


def _seconds(text: str) -> float:
    value = float(text)
    if not _LEAST_SECONDS <= value <= _MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text} is not between {_LEAST_SECONDS:g} and {_MOST_SECONDS:g}")
    return value


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is not between {least} and {most}")
        return value

    read.__name__ = "number"
    return read
