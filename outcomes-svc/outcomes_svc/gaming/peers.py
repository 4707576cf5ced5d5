"""How unusual one therapist's figure is among the colleagues', by chance and by how much colleagues differ. Pure.

Each therapist is held against the others only, so that nobody moves the limits that they are judged by. Colleagues
honestly differ by more than chance, so both nulls have a spread between therapists that is learnt from the others
(overdispersion as an additive random effect: Spiegelhalter 2005, Qual Saf Health Care 14:347; empirical Bayes).
Tails are one-sided, upwards: all figures here are turned so that more is what is looked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, gammaln
from scipy.stats import t as student

from outcomes_svc.performance.case_table import Flags, Numbers
from outcomes_svc.results.suppression import SMALLEST

FEWEST_COLLEAGUES = 5
"""With fewer there is nobody to tell by what is usual. A choice of this project."""
_PRIOR_COLLEAGUES, _PRIOR_RHO, _PRIOR_TAU2 = 5.0, 0.03, 0.01
"""The spread between colleagues is averaged with a small one that weighs as much as five of them: among a dozen an
estimate of zero is common and would make the limits too narrow. A choice of this project; the benchmark measures the
false alarms that follow."""


@dataclass(frozen=True)
class Tail:
    """Shape (T,): what the colleagues lead to expect, and the chance of at least as much; NaN where not judged."""

    expected: Numbers
    p: Numbers


def share_tail(hits: Numbers, trials: Numbers, fewest: int = SMALLEST) -> Tail:
    """For counts: `hits` of `trials`, shape (T,). P(X >= hits) is the mid-p of a beta-binomial distribution.

    Its mean is the share of all others together, with half a hit of two sides added; its intra-class correlation rho
    comes from E[S] = p q ((k - 1) + rho (N - k + 1 - sum n^2 / N)), S = sum x^2 / n - (sum x)^2 / N (ANOVA estimator:
    Ridout, Demetrio and Firth 1999, Biometrics 55:137), plus 1 / N_eff for not knowing the mean exactly. Mid-p:
    Lancaster 1961. `expected` is a share.
    """
    some = trials > 0
    judged = (trials >= fewest) & (_others(some) >= FEWEST_COLLEAGUES)
    whole, squares = np.where(some, trials, 1.0), np.where(some, trials**2, 0.0)
    ratio = np.where(some, hits**2 / whole, 0.0)
    k, n, x = _others(some), _others(trials), _others(hits)
    n = np.maximum(n, 1.0)
    mean = (x + 0.5) / (n + 1.0)
    variance = mean * (1 - mean)
    left = _others(ratio) - x**2 / n - variance * (k - 1)
    room = variance * np.maximum(n - k + 1 - _others(squares) / n, 1.0)
    rho = _with_prior(np.clip(left / room, 0.0, 0.9), k, _PRIOR_RHO)
    weights = np.where(some[None, :] & ~np.eye(len(trials), dtype=bool), trials, 0.0)
    effective = (weights / (1 + np.maximum(weights - 1, 0) * rho[:, None])).sum(axis=1)
    rho = np.minimum(rho + 1.0 / np.maximum(effective, 1.0), 0.9)
    return Tail(_where(judged, mean), _where(judged, _mid_p(hits, trials, mean, rho)))


def mean_tail(means: Numbers, errors: Numbers, trials: Numbers, fewest: int = SMALLEST) -> Tail:
    """For means with standard errors, shape (T,). A prediction interval among the others (Higgins, Thompson and
    Spiegelhalter 2009, J R Stat Soc A 172:137): variance se^2 + tau2 + var(mu), t with k - 2
    degrees of freedom and as many more as the prior is worth; tau2 by DerSimonian and Laird 1986, floored at 0 and
    averaged with a small prior one."""
    some = (trials > 1) & (errors > 0)
    judged = some & (trials >= fewest) & (_others(some) >= FEWEST_COLLEAGUES)
    others = some[None, :] & ~np.eye(len(means), dtype=bool)
    value, noise = np.where(some, means, 0.0), np.where(some, errors**2, 1.0)
    k = others.sum(axis=1).astype(np.float64)
    fixed = others / noise
    total = np.maximum(fixed.sum(axis=1), 1e-12)
    centre = fixed @ value / total
    spread = (fixed * (value[None, :] - centre[:, None]) ** 2).sum(axis=1)
    room = np.maximum(total - (fixed**2).sum(axis=1) / total, 1e-12)
    tau2 = _with_prior(np.maximum((spread - (k - 1)) / room, 0.0), k, _PRIOR_TAU2)
    weights = others / (noise[None, :] + tau2[:, None])
    sums = np.maximum(weights.sum(axis=1), 1e-12)
    expected = weights @ value / sums
    z = (value - expected) / np.sqrt(noise + tau2 + 1.0 / sums)
    p = student.sf(z, np.maximum(k - 2, 1.0) + _PRIOR_COLLEAGUES)
    return Tail(_where(judged, expected), _where(judged, p))


def _others(values: Numbers | Flags) -> Numbers:
    """The sum over all others, shape kept."""
    numbers = values.astype(np.float64)
    sums: Numbers = numbers.sum() - numbers
    return sums


def _with_prior(found: Numbers, k: Numbers, prior: float) -> Numbers:
    blended: Numbers = (k * found + _PRIOR_COLLEAGUES * prior) / (k + _PRIOR_COLLEAGUES)
    return blended


def _mid_p(hits: Numbers, trials: Numbers, mean: Numbers, rho: Numbers) -> Numbers:
    """P(X > hits) + P(X = hits) / 2 under a beta-binomial distribution, by summing its probabilities."""
    a, b = mean * (1 - rho) / rho, (1 - mean) * (1 - rho) / rho
    counts = np.arange(int(trials.max(initial=0)) + 1.0)[None, :]
    n = trials[:, None]
    inside = counts <= n
    x = np.where(inside, counts, 0.0)
    choose = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    log = choose + betaln(x + a[:, None], n - x + b[:, None]) - betaln(a, b)[:, None]
    chance = np.where(inside, np.exp(log), 0.0)
    above = np.where(counts > hits[:, None], chance, 0.0).sum(axis=1)
    equal = np.where(counts == hits[:, None], chance, 0.0).sum(axis=1)
    p: Numbers = np.clip(above + equal / 2, 0.0, 1.0)
    return p


def _where(judged: Flags, values: Numbers) -> Numbers:
    found: Numbers = np.where(judged, values, np.nan)
    return found
