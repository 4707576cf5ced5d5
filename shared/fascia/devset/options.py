"""What a user may choose about a suite."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from fascia.devset.ports import DEFAULT_BASE
from fascia.devset.run_dir import DEFAULT


@dataclass(frozen=True)
class Options:
    """The options of `fascia run`. Without addresses the embedded broker and database are started."""

    run_dir: Path
    port_base: int | None = DEFAULT_BASE
    kafka: str | None = None
    mongodb: str | None = None
    demo_practice: bool = True
    exit_after_demo: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options on the command line; addresses may come from the environment too."""
    parser.add_argument(
        "--run-dir", type=Path, default=DEFAULT, metavar="DIR", help="data, keys and logs (default: .run)"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--port-base", type=int, default=DEFAULT_BASE, metavar="N", help="first port (default: 8100)")
    where.add_argument("--free-ports", action="store_true", help="use any ports that are free")
    parser.add_argument(
        "--kafka",
        default=os.environ.get("KAFKA_BOOTSTRAP") or None,
        metavar="BOOTSTRAP",
        help="an Apache Kafka that runs already (or $KAFKA_BOOTSTRAP); default: the embedded broker",
    )
    parser.add_argument(
        "--mongodb",
        default=os.environ.get("MONGODB_URI") or None,
        metavar="URI",
        help="a MongoDB replica set that runs already (or $MONGODB_URI); default: the embedded database",
    )
    parser.add_argument("--no-demo", action="store_true", help="no demo practice and no first chain")
    parser.add_argument("--exit-after-demo", action="store_true", help="play the whole demo, then stop everything")


def read(given: argparse.Namespace) -> Options:
    """Options from parsed arguments."""
    return Options(
        run_dir=given.run_dir,
        port_base=None if given.free_ports else given.port_base,
        kafka=given.kafka,
        mongodb=given.mongodb,
        demo_practice=not given.no_demo,
        exit_after_demo=given.exit_after_demo,
    )
