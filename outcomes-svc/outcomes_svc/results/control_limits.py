"""Where a group's figure lies when it differs from the target by chance alone. Pure.

Spiegelhalter 2005, Funnel plots for comparing institutional performance, Stat Med 24:1185: control limits at 95% and
99.8% around a target, exact binomial ones for proportions (interpolated, because counts are whole), normal ones for
means; and limits widened by the square root of phi where groups differ by more than chance (overdispersion).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

WARNING, ACTION = 0.95, 0.998
WINSORISED = 0.10
"""The share of z values at each end that is drawn in before phi is computed: a truly outlying group must not widen the
limits behind which it hides. Spiegelhalter 2005."""
SIGNIFICANT = 0.05
FEWEST_GROUPS = 10
"""Below ten groups nothing is drawn in, and the groups that lie outside would make the very limits that let them in."""


@dataclass(frozen=True)
class Limits:
    """The limits of a group of `episodes`: the outer ones (99.8%) and the inner ones (95%)."""

    episodes: float
    lowest: float
    low: float
    high: float
    highest: float


@dataclass(frozen=True)
class Overdispersion:
    """Whether groups differ by more than chance. `phi` is the mean square of the winsorised z values.

    `statistic` is I phi, compared to a chi-square distribution with I - 1 degrees of freedom; `widened` says whether
    the limits were drawn out by sqrt(phi). All are None where there are too few groups to test.
    """

    groups: int
    phi: float | None
    statistic: float | None
    p_value: float | None
    widened: bool

    @property
    def stretch(self) -> float:
        """By what the distance of the limits from the target is multiplied."""
        return math.sqrt(self.phi) if self.widened and self.phi is not None else 1.0


def binomial_limits(episodes: int, target: float, stretch: float = 1.0) -> Limits:
    """Limits for a proportion over a whole number of episodes, within 0 and 1."""
    points = [_binomial_point((1 + side * level) / 2, episodes, target) for side, level in _SIDES]
    return Limits(episodes, *(min(1.0, max(0.0, target + stretch * (point - target))) for point in points))


def binomial_tails(successes: float, episodes: int, target: float, stretch: float = 1.0) -> tuple[float, float]:
    """P(R <= successes) and P(R >= successes) by chance alone, with the distance from the target drawn in by `stretch`.

    Limits are interpolated between whole counts and may cut off a count that chance reaches more often than they say:
    a group is judged by these exact tails, the limits are for the eye.
    """
    count = episodes * target + (successes - episodes * target) / stretch
    below, above = math.floor(count + _HAIR), math.ceil(count - _HAIR)
    at_least = special.bdtrc(above - 1, episodes, target) if above > 0 else 1.0
    return float(special.bdtr(below, episodes, target)), float(at_least)


def normal_limits(episodes: float, target: float, spread: float, stretch: float = 1.0) -> Limits:
    """Limits for a mean over an (effective) number of episodes with standard deviation `spread`."""
    error = stretch * spread / math.sqrt(episodes)
    points = [target + error * float(special.ndtri((1 + side * level) / 2)) for side, level in _SIDES]
    return Limits(episodes, *points)


def overdispersion(z_values: Sequence[float]) -> Overdispersion:
    """Test z values of groups, (figure - target) / standard error, for overdispersion; no test below ten groups."""
    groups = len(z_values)
    if groups < FEWEST_GROUPS:
        return Overdispersion(groups, None, None, None, widened=False)
    drawn_in = _winsorised(np.asarray(z_values, float))
    statistic = float((drawn_in**2).sum())
    p_value = float(special.chdtrc(groups - 1, statistic))
    phi = statistic / groups
    return Overdispersion(groups, phi, statistic, p_value, widened=phi > 1 and p_value < SIGNIFICANT)


def _winsorised(values: np.ndarray) -> np.ndarray:
    """The lowest and the highest tenth set to the value next to them; below ten values nothing is drawn in."""
    ordered = np.sort(values)
    cut = math.floor(WINSORISED * len(ordered))
    drawn: np.ndarray = np.clip(values, ordered[cut], ordered[len(ordered) - 1 - cut])
    return drawn


def _binomial_point(probability: float, episodes: int, target: float) -> float:
    """The proportion below which a share `probability` of groups lies by chance, interpolated between whole counts.

    Spiegelhalter 2005, appendix A.1.1: with r the smallest count with P(R <= r) >= p,
    alpha = (P(R <= r) - p) / (P(R <= r) - P(R <= r - 1)), the limit is (r - alpha) / n.
    """
    if target in (0.0, 1.0):
        return target
    cumulative = special.bdtr(np.arange(episodes + 1.0), episodes, target)
    count = int(np.searchsorted(cumulative, probability))
    reached, before = float(cumulative[count]), float(cumulative[count - 1]) if count else 0.0
    return (count - (reached - probability) / (reached - before)) / episodes


_HAIR = 1e-9
_SIDES = ((-1, ACTION), (-1, WARNING), (1, WARNING), (1, ACTION))
