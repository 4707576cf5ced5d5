"""Vectors: sets of answers with the scores that somebody else found for them. Pure.

The format is a JSON object with a list `vectors`; each has `instrument`, `label`, `answers` (item to number) and
`expected` (name of a score to its value; null where there must be none).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Expected = Decimal | str | None


class UnreadableVectorsError(ValueError):
    """A file cannot be read as vectors; the message says where and why."""


@dataclass(frozen=True)
class Vector:
    """One set of answers. Ids are whoever's who made it."""

    instrument: str
    label: str
    answers: Mapping[str, object]
    expected: Mapping[str, Expected]


def read_vectors(text: str) -> list[Vector]:
    """The vectors of a file; raises UnreadableVectorsError. Decimals are kept as they are written."""
    try:
        # bool and str stay what they are, so that scoring refuses them by name.
        data = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise UnreadableVectorsError(f"not JSON: {error}") from error
    rows = data.get("vectors") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not rows:
        raise UnreadableVectorsError("no list of `vectors` in it")
    return [_vector(f"vectors[{place}]", row) for place, row in enumerate(rows)]


def _vector(where: str, row: Any) -> Vector:
    if not isinstance(row, dict):
        raise UnreadableVectorsError(f"{where}: not an object")
    for name, kind in (("instrument", str), ("answers", dict), ("expected", dict)):
        if not isinstance(row.get(name), kind):
            raise UnreadableVectorsError(f"{where}: `{name}` is missing or of the wrong kind")
    if not row["expected"]:
        raise UnreadableVectorsError(f"{where}: nothing is expected")
    answers = {
        item: float(answer) if isinstance(answer, Decimal) else answer for item, answer in row["answers"].items()
    }
    expected = {name: _expected(f"{where}: {name}", value) for name, value in row["expected"].items()}
    return Vector(row["instrument"], str(row.get("label", where)), answers, expected)


def _expected(where: str, value: Any) -> Expected:
    if isinstance(value, bool) or not (value is None or isinstance(value, str | int | Decimal)):
        raise UnreadableVectorsError(f"{where} must be a number, a text or null")
    return Decimal(value) if isinstance(value, int) else value
