"""`fascia status`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fascia.devset.run_dir import DEFAULT, NotRunningError, RunDir


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which suite."""
    parser.add_argument(
        "--run-dir", type=Path, default=DEFAULT, metavar="DIR", help="the suite's folder (default: .run)"
    )


def run(args: argparse.Namespace) -> int:
    """Print addresses and processes; 1 when nothing runs."""
    try:
        suite = RunDir(args.run_dir).read_suite()
    except NotRunningError as error:
        print(f"fascia: {error}", file=sys.stderr)
        return 1
    for name, url in suite["urls"].items():
        print(f"  {name:<20} {url}")
    print(f"  {'broker':<20} {suite['kafka']} (generation {suite['generation']})")
    for name, pid in suite["processes"].items():
        print(f"  {name:<20} {f'process {pid}' if pid else 'is being started again'}")
    return 0
