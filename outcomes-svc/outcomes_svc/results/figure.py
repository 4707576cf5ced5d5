"""A figure never comes alone: with it come its interval, the episodes it rests on, and of how many they are. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

LEVEL = 0.95
DECIMALS = 4
TOO_FEW = "too_few_episodes"
NOT_JUDGED = "no_important_change_known"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """`value` with its 95% interval, in `unit`. `episodes` is what it rests on, `of` the closed episodes of the group.

    `value` is None where there is none to give, and `missing` names why: too_few_episodes, no_spread, no_model,
    several_versions or no_important_change_known. `low` and `high` are None too then.
    """

    unit: str
    episodes: int
    of: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    missing: str | None = None

    @property
    def completeness(self) -> float | None:
        """The share of the group's closed episodes that the figure rests on."""
        return round(self.episodes / self.of, DECIMALS) if self.of else None


def share(flags: Sequence[bool], of: int) -> Figure:
    """A proportion with the score interval, which holds for few episodes too (Wilson 1927, J Am Stat Assoc 22:209)."""
    n = len(flags)
    if not n:
        return Figure(unit="share", episodes=0, of=of, missing=NOT_JUDGED)
    p, z = sum(flags) / n, float(special.ndtri((1 + LEVEL) / 2))
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return _figure("share", n, of, p, max(0.0, middle - half), min(1.0, middle + half))


def mean(values: Sequence[float], of: int, unit: str, weights: Sequence[float] | None = None) -> Figure:
    """A mean with Student's interval.

    With weights the spread is that of the weighted sample and the standard error rests on the effective number
    (sum w)^2 / sum w^2 of episodes (Kish 1965), so that a few heavy ones do not pass for many.
    """
    n = len(values)
    if n < 2:
        return Figure(unit=unit, episodes=n, of=of, missing=TOO_FEW)
    x, w = np.asarray(values, float), np.ones(n) if weights is None else np.asarray(weights, float)
    centre = float(np.average(x, weights=w))
    effective = float(w.sum() ** 2 / (w**2).sum())
    spread = math.sqrt(float(np.average((x - centre) ** 2, weights=w)) * n / (n - 1))
    half = float(special.stdtrit(n - 1, (1 + LEVEL) / 2)) * spread / math.sqrt(effective)
    return _figure(unit, n, of, centre, centre - half, centre + half)


def standardised_response_mean(values: Sequence[float], of: int) -> Figure:
    """SRM = mean change / SD of change, without unit; its interval by the delta method, SE^2 = 1/n + SRM^2 / 2n."""
    n, unit = len(values), "standard deviations of change"
    if n < 2:
        return Figure(unit=unit, episodes=n, of=of, missing=TOO_FEW)
    spread = float(np.std(values, ddof=1))
    if spread == 0:
        return Figure(unit=unit, episodes=n, of=of, missing="no_spread")
    srm = float(np.mean(values)) / spread
    half = float(special.ndtri((1 + LEVEL) / 2)) * math.sqrt(1 / n + srm**2 / (2 * n))
    return _figure(unit, n, of, srm, srm - half, srm + half)


def _figure(unit: str, episodes: int, of: int, value: float, low: float, high: float) -> Figure:
    return Figure(
        unit=unit,
        episodes=episodes,
        of=of,
        value=round(value, DECIMALS),
        low=round(low, DECIMALS),
        high=round(high, DECIMALS),
    )
