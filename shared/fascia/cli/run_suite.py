"""`fascia run`."""

from __future__ import annotations

import argparse

from fascia.devset import options, supervisor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where, on which ports, with which broker and database."""
    options.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Start, fill, watch, stop."""
    return supervisor.run(options.read(args))
