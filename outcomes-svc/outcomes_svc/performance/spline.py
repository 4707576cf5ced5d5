"""A restricted cubic spline: smooth between its outer knots, straight beyond them. Pure.

Source of the basis: Harrell, Regression Modeling Strategies (2nd edition, 2015), section 2.4.5, after Durrleman and
Simon (1989, Stat Med 8:551). The nonlinear terms are divided by the square of the distance between the outer knots, so
that they are on the scale of the argument.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from outcomes_svc.performance.case_table import Numbers

PERCENTILES = (5.0, 35.0, 65.0, 95.0)
"""Where four knots stand: Harrell 2015, table 2.3."""


def knots_of(values: Numbers) -> tuple[float, ...]:
    """Knots at fixed percentiles of at least one value; those that coincide, as on a coarse scale, count once."""
    return tuple(float(knot) for knot in np.unique(np.percentile(values, PERCENTILES)))


def nonlinear_terms(values: Numbers, knots: Sequence[float]) -> Numbers:
    """Shape (n, knots - 2): what the spline has besides a straight line; no columns with fewer than three knots."""
    if len(knots) < 3:
        return np.empty((len(values), 0))
    *inner, beforelast, last = knots
    gap, span = last - beforelast, (last - knots[0]) ** 2
    tail, end = _cube(values - beforelast), _cube(values - last)
    columns = [
        (_cube(values - knot) - tail * (last - knot) / gap + end * (beforelast - knot) / gap) / span for knot in inner
    ]
    return np.column_stack(columns)


def _cube(distance: Numbers) -> Numbers:
    positive = np.maximum(distance, 0.0)
    return positive * positive * positive
