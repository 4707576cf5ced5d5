"""`fascia demo`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fascia.devset import demo
from fascia.devset.run_dir import DEFAULT, NotRunningError, RunDir


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which suite."""
    parser.add_argument(
        "--run-dir", type=Path, default=DEFAULT, metavar="DIR", help="the suite's folder (default: .run)"
    )


def run(args: argparse.Namespace) -> int:
    """0 only when each step was seen at its far end."""
    try:
        suite = RunDir(args.run_dir).read_suite()
    except NotRunningError as error:
        print(f"fascia: {error}", file=sys.stderr)
        return 1
    return demo.play(suite)
