"""`fascia token ROLE`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fascia.devset import issuing
from fascia.devset.rest import RestError
from fascia.devset.run_dir import DEFAULT, NotRunningError, RunDir
from fascia.web.principal import Role


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Who to be."""
    parser.add_argument("role", choices=[str(role) for role in Role])
    parser.add_argument("--subject", help="whose token; a therapist's is the therapist's id")
    parser.add_argument("--practice", help="practice id (default: the demo practice)")
    parser.add_argument(
        "--run-dir", type=Path, default=DEFAULT, metavar="DIR", help="the suite's folder (default: .run)"
    )


def run(args: argparse.Namespace) -> int:
    """Print a token of the development issuer, and nothing else, so that a shell can take it."""
    try:
        suite = RunDir(args.run_dir).read_suite()
        practice = args.practice or suite["practice"]
        print(issuing.token(suite["urls"]["issuer"], Role(args.role), practice, args.subject))
    except (NotRunningError, RestError) as error:
        print(f"fascia: {error}", file=sys.stderr)
        return 1
    return 0
