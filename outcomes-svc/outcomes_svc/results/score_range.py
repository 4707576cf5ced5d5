"""The lowest and highest score that an instrument can give. Pure."""

from __future__ import annotations

from fractions import Fraction

from outcomes_svc.instruments.instrument import Instrument, Item
from outcomes_svc.scoring.scale import scored


def score_range(instrument: Instrument) -> tuple[float, float]:
    """Both ends: the score of the answers that count least and of those that count most. Rules grow with points."""
    ends = (
        float(scored(instrument, {item.code: _answer(item, most=most) for item in instrument.items}).value)
        for most in (False, True)
    )
    low, high = sorted(ends)
    return low, high


def _answer(item: Item, *, most: bool) -> Fraction:
    answers = range(item.lowest, item.highest + 1)
    points = item.points or tuple(answers)
    best = max(points) if most else min(points)
    return Fraction(answers[points.index(best)])
