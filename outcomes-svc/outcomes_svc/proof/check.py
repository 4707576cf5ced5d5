"""Vectors held against what ships: each difference with both values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from outcomes_svc.instruments.catalogue import Catalogue
from outcomes_svc.proof.oracle_names import OracleNames, names_for
from outcomes_svc.proof.vectors import Expected, Vector
from outcomes_svc.scoring.scale import Refused, Scored, score

_PLACES = 2
"""Scores are published with two decimals; what is expected with more is compared with as many."""


@dataclass(frozen=True)
class Difference:
    """What a vector says, and what came of it here, both as text."""

    vector: Vector
    name: str
    expected: str
    found: str


def differences(vector: Vector, catalogue: Catalogue) -> list[Difference]:
    """Where a vector and what ships do not agree; empty where they do."""
    names = names_for(catalogue, vector.instrument)
    if names is None:
        return [Difference(vector, "instrument", vector.instrument, "no such instrument ships")]
    unknown = sorted(name for name in vector.expected if name not in names.scores)
    if unknown:
        return [Difference(vector, name, _text(vector.expected[name]), "no such score is known") for name in unknown]
    # An item that is not known keeps its name and so becomes a refusal that names it.
    answers = {names.items.get(item, item): answer for item, answer in vector.answers.items()}
    result = score(names.instrument, answers)
    return [
        difference
        for name, expected in vector.expected.items()
        if (difference := _difference(vector, name, expected, names, result)) is not None
    ]


def _difference(
    vector: Vector, name: str, expected: Expected, names: OracleNames, result: Scored | Refused
) -> Difference | None:
    if isinstance(result, Refused):
        reasons = ", ".join(f"{fault.code.value} {fault.item or ''}".strip() for fault in result.faults)
        return None if expected is None else Difference(vector, name, _text(expected), f"refused: {reasons}")
    found = _found(names.scores[name], result)
    if isinstance(expected, str):
        wanted = names.bands.get(expected, expected)
        return None if found == wanted else Difference(vector, name, expected, _text(found))
    if expected is None and found is None:
        return None
    if expected is None or not isinstance(found, Fraction):
        return Difference(vector, name, _text(expected), _text(found))
    places = max(_PLACES, -int(expected.as_tuple().exponent))
    rounded = round(found, places)
    return None if rounded == Fraction(expected) else Difference(vector, name, _text(expected), _text(rounded))


def _found(name: str, result: Scored) -> Fraction | str | None:
    plain: Mapping[str, Fraction | str | None] = {
        "value": result.value,
        "standard_error": result.standard_error,
        "band": result.band,
    }
    return plain[name] if name in plain else result.parts.get(name)


def _text(value: Expected | Fraction) -> str:
    if value is None:
        return "no score"
    if isinstance(value, Fraction):
        return f"{float(value):g}"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
