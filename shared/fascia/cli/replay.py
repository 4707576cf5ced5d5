"""`fascia replay`: rebuild the projections of a service from the retained events, by the handlers of that service."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from fascia.cli.surroundings import SERVICES
from fascia.devset.run_dir import DEFAULT, RunDir


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which service, under which name, which types."""
    parser.add_argument("--service", required=True, choices=SERVICES)
    parser.add_argument("--name", required=True, help="a new name starts over, the same name goes on")
    parser.add_argument("--types", nargs="*", default=[], help="event types; by default all projections")
    parser.add_argument("--run-dir", type=Path, default=DEFAULT, help="folder of the embedded suite")


def run(options: argparse.Namespace) -> int:
    """Run the service's `replay` in the environment of the shell or of the suite in the run folder."""
    environment = dict(os.environ)
    if "FASCIA_MONGODB_URI" not in environment:
        suite = RunDir(options.run_dir).read_suite()
        environment |= suite["environment"][options.service.removesuffix("-svc")]
    command = [sys.executable, "-m", options.service.replace("-", "_"), "replay", "--name", options.name]
    types = ["--types", *options.types] if options.types else []
    return subprocess.run([*command, *types], env=environment, check=False).returncode  # noqa: S603 (our own module)
