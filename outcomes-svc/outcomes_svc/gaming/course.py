"""How a course of treatment ran: whether it stood badly in the middle, and whether it ended at its best. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from outcomes_svc.gaming.watched import WatchTable
from outcomes_svc.performance.case_table import Flags, Numbers

SLOW_SHARE = 1 / 3
"""The share of a practice's courses that counts as slow. A choice of this project: enough cases to judge by, few
enough to be worth hiding."""
EARLY_BEFORE_DAY = 70
"""An end that was answered before this day, two weeks ahead of the day that ends are taken nearest to, is early."""
AROUND_DISCHARGE = 7.0
FEWEST_SCORES = 2
"""Scores before the end that a peak needs, the baseline not among them."""
_FEWEST_TO_FIT = 10


def standing(table: WatchTable) -> Numbers:
    """Shape (n,): progress at mid-course in standard deviations from what the baseline leads to expect; NaN without.

    Per instrument, progress (positive is better) is regressed on the baseline by least squares, because whoever starts
    worse gains more by regression to the mean alone.
    """
    cases = table.cases
    progress = cases.better * (table.mid_course - cases.baseline)
    known = table.counts & table.began & ~np.isnan(progress)
    found = np.full(len(table), np.nan)
    for place in range(len(cases.measure.levels)):
        rows = known & (cases.measure.codes == place)
        if np.count_nonzero(rows) < _FEWEST_TO_FIT:
            continue
        x = np.column_stack([np.ones(np.count_nonzero(rows)), cases.baseline[rows]])
        slopes = np.linalg.lstsq(x, progress[rows], rcond=None)[0]
        left = progress[rows] - x @ slopes
        found[rows] = left / (float(np.std(left)) or 1.0)
    return found


def slow(stands: Numbers) -> Flags:
    """The slowest third of the courses that are known at mid-course."""
    known = ~np.isnan(stands)
    if not known.any():
        return known
    limit = float(np.quantile(stands[known], SLOW_SHARE))
    marks: Flags = known & (np.nan_to_num(stands, nan=np.inf) <= limit)
    return marks


def ended_at_peak(
    scores: Sequence[tuple[float, float]], end: tuple[float, float], discharged: float | None, better: int
) -> float:
    """The mark `at_peak` of one episode; `scores` before the end and the `end` are (day, points) from visit 1.

    1 where the end is early, was answered within a week of the discharge (day `discharged`) and is better than every
    score before it; NaN with fewer than two scores to compare with.
    """
    day, value = end
    earlier = [better * points for at, points in scores if 0 < at < day]
    if len(earlier) < FEWEST_SCORES:
        return float("nan")
    around = discharged is not None and abs(day - discharged) <= AROUND_DISCHARGE
    return float(around and day < EARLY_BEFORE_DAY and better * value > max(earlier))
