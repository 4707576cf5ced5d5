"""How much of a therapist's distance from the practice is skill, and how much is luck. Pure.

r = u + v_therapist + e: random intercepts, estimated by restricted maximum likelihood (REML: Patterson and Thompson
1971, Biometrika 58:545). With sums of squares inside therapists S on N - T degrees of freedom and therapists' means
y_t of n_t episodes, twice the negative restricted log-likelihood is, but for constants,

    (N - T) log sigma2 + S / sigma2 + sum log q_t + sum (y_t - u)^2 / q_t + log sum 1 / q_t,   q_t = tau2 + sigma2 / n_t

which is that of the mixed model for single episodes; with k = tau2 / sigma2 the best sigma2 has a closed form, so the
search is over k alone. Episodes weigh differently (see follow_up.py): then y_t is the weighted mean, n_t the effective
size (sum w)^2 / sum w^2, and S adds up (n_t - 1) times the unbiased weighted variance inside each therapist. With equal
weights this is the plain mixed model again. v is the best linear unbiased prediction, L_t (y_t - u) with
L_t = tau2 / (tau2 + sigma2 / n_t), Robinson 1991, Stat Sci 6:15; L is the reliability of Adams 2009, RAND TR-653.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from outcomes_svc.performance.case_table import Codes, Numbers
from outcomes_svc.performance.follow_up import effective_sizes

_RATIOS = np.geomspace(1e-5, 1e2, 29)
"""Where the search for tau2 / sigma2 starts: an ICC of 0.00001 to 0.99."""


@dataclass(frozen=True, kw_only=True)
class Shrunk:
    """What came out, for T therapists: arrays have shape (T,).

    `practice` is u and `standard_error` its own; `means` are NaN and `reliabilities` 0 for a therapist with nobody
    followed up. All in residual standard deviations.
    """

    practice: float
    standard_error: float
    tau2: float
    sigma2: float
    means: Numbers
    sizes: Numbers
    reliabilities: Numbers
    effects: Numbers


@dataclass(frozen=True, kw_only=True)
class _Sums:
    """Enough of the data for the likelihood: means and sizes of therapists with anybody, squares inside them."""

    means: Numbers
    sizes: Numbers
    inside: float

    @property
    def df(self) -> float:
        """N - 1."""
        return float(self.sizes.sum()) - 1.0


def shrink(residual: Numbers, weight: Numbers, therapists: Codes, number: int) -> Shrunk:
    """Estimate u, tau2, sigma2 and every v from n residuals with weights and the codes of `number` therapists."""
    means, sizes, inside = _summarise(residual, weight, therapists, number)
    present = sizes > 0
    sums = _Sums(means=means[present], sizes=sizes[present], inside=inside)
    ratio = _best_ratio(sums)
    practice, sigma2, precision = _profile(sums, ratio)
    reliabilities = np.zeros(number)
    reliabilities[present] = ratio / (ratio + 1.0 / sums.sizes) if ratio > 0 else 0.0
    effects = np.where(present, reliabilities * (np.nan_to_num(means) - practice), 0.0)
    return Shrunk(
        practice=practice,
        standard_error=float(np.sqrt(sigma2 / precision)) if precision > 0 else 0.0,
        tau2=ratio * sigma2,
        sigma2=sigma2,
        means=means,
        sizes=sizes,
        reliabilities=reliabilities,
        effects=effects,
    )


def _summarise(residual: Numbers, weight: Numbers, therapists: Codes, number: int) -> tuple[Numbers, Numbers, float]:
    total = np.bincount(therapists, weight, minlength=number)
    sizes = effective_sizes(weight, therapists, number)
    means = np.divide(
        np.bincount(therapists, weight * residual, minlength=number),
        total,
        out=np.full(number, np.nan),
        where=total > 0,
    )
    off = residual - means[therapists]
    squares = np.bincount(therapists, weight * off * off, minlength=number)
    # The weighted squares expect sigma2 * (sum w) * (1 - 1 / size); (size - 1) degrees of freedom are in them.
    inside = np.divide(squares * sizes, total, out=np.zeros(number), where=total > 0)
    return means, sizes, float(inside.sum())


def _best_ratio(sums: _Sums) -> float:
    """The tau2 / sigma2 of the highest restricted likelihood; 0 where none is better than no difference at all."""
    if len(sums.sizes) < 2 or sums.df <= 0 or _spread(sums) <= 0:
        return 0.0
    best = int(np.argmin(_criteria(sums, _RATIOS)))
    lower = float(_RATIOS[best - 1]) if best else 0.0
    upper = float(_RATIOS[min(best + 1, len(_RATIOS) - 1)])
    if not _slope(sums, lower) < 0 < _slope(sums, upper):
        return 0.0 if best == 0 else float(_RATIOS[best])
    # The root of the slope is sharp to the last digits; the minimum itself is flat and would be known to half of them.
    ratio = float(brentq(lambda ratio: _slope(sums, ratio), lower, upper, xtol=1e-14, rtol=1e-14))
    return ratio if _criterion(sums, ratio) < _criterion(sums, 0.0) else 0.0


def _spread(sums: _Sums) -> float:
    return sums.inside + float(np.ptp(sums.means))


def _profile(sums: _Sums, ratio: float) -> tuple[float, float, float]:
    """For a ratio: u, the best sigma2, and the sum of 1 / (ratio + 1/n), which is sigma2 times the precision of u."""
    if not len(sums.sizes):
        return 0.0, 0.0, 0.0
    precision = 1.0 / (ratio + 1.0 / sums.sizes)
    total = float(precision.sum())
    practice = float(precision @ sums.means) / total
    off = sums.means - practice
    sigma2 = (sums.inside + float(precision @ (off * off))) / sums.df if sums.df > 0 else 0.0
    return practice, sigma2, total


def _criterion(sums: _Sums, ratio: float) -> float:
    """Twice the negative restricted log-likelihood at the best sigma2, but for constants."""
    return float(_criteria(sums, np.array([ratio]))[0])


def _criteria(sums: _Sums, ratios: Numbers) -> Numbers:
    """The same for many ratios, shape (R,), at once."""
    precision = 1.0 / (ratios[:, None] + 1.0 / sums.sizes)
    total = precision.sum(axis=1)
    off = sums.means - (precision * sums.means).sum(axis=1, keepdims=True) / total[:, None]
    sigma2 = (sums.inside + (precision * off * off).sum(axis=1)) / sums.df
    found: Numbers = sums.df * np.log(sigma2) - np.log(precision).sum(axis=1) + np.log(total)
    return found


def _slope(sums: _Sums, ratio: float) -> float:
    """The derivative of the criterion by the ratio."""
    precision = 1.0 / (ratio + 1.0 / sums.sizes)
    total = float(precision.sum())
    off = sums.means - float(precision @ sums.means) / total
    squares = sums.inside + float(precision @ (off * off))
    falls = sums.df * float((precision * precision) @ (off * off)) / squares
    return total - float(precision @ precision) / total - falls
