"""Where operators' commands find the database and the keys: options, environment, or the suite that runs here."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fascia.devset.run_dir import DEFAULT, NotRunningError, RunDir
from fascia.runtime import Runtime, open_runtime
from fascia.settings import ServiceSettings

SERVICES = ("scheduling-svc", "records-svc", "outcomes-svc", "notify-svc")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options that every operators' command has."""
    parser.add_argument("--service", required=True, choices=SERVICES, help="whose data")
    parser.add_argument("--run-dir", type=Path, default=DEFAULT, help="folder of the embedded suite")
    parser.add_argument("--mongodb", help="database address; by default FASCIA_MONGODB_URI, then the suite's")
    parser.add_argument("--keyring", type=Path, help="by default FASCIA_KEYRING_FILE, then the suite's")


@contextmanager
def runtime_of(options: argparse.Namespace) -> Iterator[Runtime]:
    """The runtime of a service for one command; raises NotRunningError where nothing tells the addresses."""
    folder = RunDir(options.run_dir)
    uri = options.mongodb or os.environ.get("FASCIA_MONGODB_URI") or folder.read_suite()["mongodb_uri"]
    keyring = options.keyring or os.environ.get("FASCIA_KEYRING_FILE") or folder.keyring
    if not Path(keyring).exists():
        raise NotRunningError(f"no keyring at {keyring}: name one with --keyring FILE")
    settings = ServiceSettings(
        mongodb_uri=uri,
        kafka_bootstrap="",
        keyring_file=str(keyring),
        database=os.environ.get("FASCIA_DATABASE", ""),
    )
    runtime = open_runtime(options.service, settings)
    try:
        yield runtime
    finally:
        runtime.close()
