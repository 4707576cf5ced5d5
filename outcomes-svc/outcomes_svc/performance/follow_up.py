"""How likely a patient was to be heard of again, and how much each who was has to stand for. Pure.

Inverse probability weights: those who were followed up stand for those like them who were not (Gozalo, Resnik and
Silver 2016, Health Serv Res 51:768, do so for rehabilitation). They mend loss that x explains and no other; what they
cannot mend is what the gate `sign` is for.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from outcomes_svc.performance.case_table import Codes, Flags, Numbers

PENALTY = 4.0
"""A prior standard deviation of 0.5 for each coefficient on the scale of log odds; the intercept is free."""
CLIP_PERCENTILES = (1.0, 99.0)
_MOST_STEPS = 25
_CLOSE = 1e-10


def probabilities(matrix: Numbers, followed: Flags) -> Numbers:
    """P(followed up | x) by ridge logistic regression; `matrix` (n, k) without a column of ones, result (n,).

    Newton's method (iteratively reweighted least squares: McCullagh and Nelder 1989, section 2.5), from zero, at most
    25 steps. With nobody lost, or nobody found, there is nothing to learn and each has the observed share.
    """
    share = float(np.mean(followed)) if len(followed) else 1.0
    if share in (0.0, 1.0):
        return np.full(len(followed), share)
    # A column of zeros has a coefficient of zero: a fifth of a design are levels that nobody has.
    x = np.column_stack([np.ones(len(followed)), matrix[:, matrix.any(axis=0)]])
    penalty = np.full(x.shape[1], PENALTY)
    penalty[0] = 0.0
    slopes = np.zeros(x.shape[1])
    slopes[0] = np.log(share / (1 - share))
    for _ in range(_MOST_STEPS):
        fitted = expit(x @ slopes)
        gradient = x.T @ (followed - fitted) - penalty * slopes
        curvature = (x * (fitted * (1 - fitted))[:, None]).T @ x + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        slopes = slopes + step
        if np.max(np.abs(step)) < _CLOSE:
            break
    return np.asarray(expit(x @ slopes), dtype=np.float64)


def weights(probability: Numbers) -> Numbers:
    """1 / P for those who were followed up, clipped to the 1st and 99th percentile of themselves; shape kept."""
    if not len(probability):
        return probability
    raw = 1.0 / probability
    lowest, highest = np.percentile(raw, CLIP_PERCENTILES)
    clipped: Numbers = np.clip(raw, lowest, highest)
    return clipped


def effective_sizes(weight: Numbers, groups: Codes, number: int) -> Numbers:
    """(sum w)^2 / sum w^2 per group (Kish 1965, Survey Sampling, section 11.7); 0 for a group with nobody."""
    total = np.bincount(groups, weight, minlength=number)
    squares = np.bincount(groups, weight * weight, minlength=number)
    sizes: Numbers = np.divide(total * total, squares, out=np.zeros(number), where=squares > 0)
    return sizes
