"""`fascia score check`: check vectors of answers and expected scores against what ships.

Prints each score that differs, with both values, and a summary. Exits 0 where all agree, 1 where any differs and 2
where a file cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.proof.check import Difference, differences
from outcomes_svc.proof.vectors import UnreadableVectorsError, Vector, read_vectors


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="JSON with a list of vectors")


def run(args: argparse.Namespace) -> int:
    """Check every file; the exit code."""
    try:
        by_file = [(path, _read(path)) for path in args.files]
    except UnreadableVectorsError as error:
        print(f"fascia score check: {error}", file=sys.stderr)
        return 2
    differing = [_check(path, vectors) for path, vectors in by_file]
    checked, differ = sum(len(vectors) for _, vectors in by_file), sum(differing)
    print(f"{checked} {'vector' if checked == 1 else 'vectors'}: {checked - differ} exact, {differ} differ")
    return 1 if any(differing) else 0


def _read(path: Path) -> list[Vector]:
    try:
        return read_vectors(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, UnreadableVectorsError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UnreadableVectorsError(f"{path}: {reason}") from error


def _check(path: Path, vectors: list[Vector]) -> int:
    """Print what differs; how many vectors do."""
    found = [differences(vector, shipped()) for vector in vectors]
    for rows in found:
        for row in rows:
            print(_line(path, row))
    return sum(1 for rows in found if rows)


def _line(path: Path, row: Difference) -> str:
    vector = row.vector
    return f"{path}: {vector.instrument} “{vector.label}” {row.name}: expected {row.expected}, here {row.found}"
