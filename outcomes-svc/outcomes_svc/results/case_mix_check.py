"""Whether the prediction fits the episodes that it is applied to: a funnel of residuals is as fair as it is. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import special

from outcomes_svc.performance.performance import EpisodeResidual

FEWEST = 30
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class CaseMixCheck:
    """The correlation of residuals with what was predicted, over `episodes`; `p_value` by Student's t.

    Where the model fits there is none: hard and easy cases then miss their prediction by as much. None below 30
    episodes, where nothing could be seen.
    """

    episodes: int
    correlation: float | None
    p_value: float | None

    @property
    def holds(self) -> bool | None:
        """False where the prediction is off for hard or for easy cases; None where that cannot be told."""
        return None if self.p_value is None else self.p_value >= SIGNIFICANT


def case_mix_check(residuals: Iterable[EpisodeResidual]) -> CaseMixCheck:
    """Check the prediction on the episodes that were followed up."""
    pairs = [
        (found.residual, found.predicted / found.sigma)
        for found in residuals
        if found.residual is not None and found.predicted is not None and found.sigma
    ]
    n = len(pairs)
    if n < FEWEST:
        return CaseMixCheck(n, None, None)
    reached, predicted = np.array(pairs, float).T
    if reached.std() == 0 or predicted.std() == 0:
        return CaseMixCheck(n, None, None)
    r = float(np.corrcoef(reached, predicted)[0, 1])
    t = abs(r) * math.sqrt((n - 2) / max(1e-12, 1 - r * r))
    return CaseMixCheck(n, round(r, 4), round(2 * float(special.stdtr(n - 2, -t)), 4))
