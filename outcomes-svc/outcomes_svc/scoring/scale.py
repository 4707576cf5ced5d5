"""From a pattern of answers to a score, or to a refusal that says why. Pure.

Every pattern ends in one of the two. A missing item is never a zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from outcomes_svc.instruments.instrument import Instrument
from outcomes_svc.scoring.answers import read_answers
from outcomes_svc.scoring.faults import (
    Fault,
    FaultCode,
    Refused,
    licence_required,
    measured_twice,
    unknown_instrument,
    unknown_version,
)
from outcomes_svc.scoring.rules import mean, value_of

__all__ = [
    "Fault",
    "FaultCode",
    "Refused",
    "Scored",
    "licence_required",
    "mean",
    "measured_twice",
    "score",
    "scored",
    "shown",
    "unknown_instrument",
    "unknown_version",
]


@dataclass(frozen=True)
class Scored:
    """A score on the instrument's own scale, exact, with the answers that it rests on.

    `standard_error` is in points of the score, None where no source gives one. `band` names how high the score is.
    `parts` are further scores of the same form by their code: shown, but change is judged on `value`.
    """

    instrument: Instrument
    answers: Mapping[str, Fraction]
    value: Fraction
    standard_error: Fraction | None = None
    band: str | None = None
    parts: Mapping[str, Fraction] = field(default_factory=dict)


def score(instrument: Instrument, answers: Mapping[str, object]) -> Scored | Refused:
    """Score one set of answers (item code to number). An item whose answer is None counts as missing."""
    given = {code: answer for code, answer in answers.items() if answer is not None}
    read, faults = read_answers(instrument, given)
    if faults:
        return Refused(tuple(faults))
    return scored(instrument, read)


def scored(instrument: Instrument, answers: Mapping[str, Fraction]) -> Scored:
    """The score of answers that were read before and are complete enough, such as those of items in common."""
    value = value_of(instrument, answers)
    return Scored(
        instrument=instrument,
        answers=answers,
        value=value.score,
        standard_error=value.standard_error,
        band=instrument.band_of(value.score),
        parts=value.parts,
    )


def shown(value: Fraction) -> float:
    """A score as it is shown and published: two decimals. Judgements use the exact value."""
    return float(round(value, 2))
