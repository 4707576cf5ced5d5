"""How scores move over time: a straight line by least squares, with its uncertainty. Pure.

Slope per week with the 95 % interval b +- t(0.975, n - 2) * s / sqrt(Sxx), where s^2 is the residual variance on n - 2
degrees of freedom (ordinary least squares, any textbook of regression). Times are instants, so a change of clocks
neither stretches nor shortens a week. Sums are exact: whether an interval covers 0 is not left to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from scipy.special import stdtrit

LEAST_SCORES = 3
PLATEAU_OVER = timedelta(weeks=4)
_TICK = timedelta(microseconds=1)
_TICKS_OF_A_WEEK = timedelta(weeks=1) // _TICK


@dataclass(frozen=True)
class Point:
    """One score at one instant. `value` is signed so that more is better, in points of the instrument."""

    at: datetime
    value: Fraction


@dataclass(frozen=True)
class Trend:
    """Points per week, positive is better, with the ends of the 95 % interval; `scores` of them lie within `weeks`.

    `flat`: the interval covers no change at all.
    """

    per_week: float
    low: float
    high: float
    scores: int
    weeks: float
    flat: bool


def trend(points: Sequence[Point]) -> Trend | None:
    """The line through the points, in any order; None below three points or where all were taken at one instant."""
    ordered = in_time(points)
    count = len(ordered)
    if count < LEAST_SCORES or ordered[0].at == ordered[-1].at:
        return None
    times = [Fraction((point.at - ordered[0].at) // _TICK, _TICKS_OF_A_WEEK) for point in ordered]
    middle, level = sum(times) / count, sum(point.value for point in ordered) / count
    pairs = [(time - middle, point.value - level) for time, point in zip(times, ordered, strict=True)]
    spread = sum(across * across for across, _ in pairs)
    slope = sum(across * up for across, up in pairs) / spread
    variance = sum((up - slope * across) ** 2 for across, up in pairs) / ((count - 2) * spread)
    factor = Fraction(float(stdtrit(count - 2, 0.975)))
    half = float(factor) * math.sqrt(variance)
    return Trend(
        per_week=float(slope),
        low=float(slope) - half,
        high=float(slope) + half,
        scores=count,
        weeks=float(times[-1]),
        flat=slope * slope <= factor * factor * variance,
    )


def plateau(points: Sequence[Point], noise: Fraction) -> Trend | None:
    """The flat end of a course, or None.

    Flat is a run of at least three scores over at least four weeks whose slope's interval covers 0 and whose last step
    is smaller than `noise` (points). The shortest such run at the end is looked at, so that an early gain does not hide
    that nothing moves now.
    """
    ordered = in_time(points)
    if len(ordered) < LEAST_SCORES or abs(ordered[-1].value - ordered[-2].value) >= noise:
        return None
    for first in range(len(ordered) - LEAST_SCORES, -1, -1):
        if ordered[-1].at - ordered[first].at >= PLATEAU_OVER:
            found = trend(ordered[first:])
            return found if found is not None and found.flat else None
    return None


def in_time(points: Sequence[Point]) -> list[Point]:
    """The points in order of time; two at one instant keep their order."""
    return sorted(points, key=lambda point: point.at)
