"""Shrinkage: REML by hand and against statsmodels, effective sizes under weights, and what happens at the floor."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMResults

from outcomes_svc.performance.follow_up import effective_sizes
from outcomes_svc.performance.shrinkage import Shrunk, shrink

PRACTICES = 100
VARIANCE_TOLERANCE = 1e-5
EFFECT_TOLERANCE = 1e-5
"""In residual standard deviations. The oracle stops its own search at a gradient, not at the last digit."""


def plain(residual: list[float] | np.ndarray, therapists: list[int] | np.ndarray, number: int) -> Shrunk:
    values = np.asarray(residual, dtype=float)
    return shrink(values, np.ones(len(values)), np.asarray(therapists), number)


def test_a_balanced_practice_agrees_with_the_analysis_of_variance() -> None:
    """With equal n, REML is the ANOVA estimate: tau2 = (between mean square - within) / n where that is positive."""
    rng = np.random.default_rng(5)
    therapists = np.repeat(np.arange(12), 25)
    residual = rng.normal(0, 0.6, 12)[therapists] + rng.normal(0, 1, 300)
    means = residual.reshape(12, 25).mean(axis=1)
    within = ((residual.reshape(12, 25) - means[:, None]) ** 2).sum() / (300 - 12)
    between = 25 * ((means - means.mean()) ** 2).sum() / 11
    found = plain(residual, therapists, 12)
    assert found.sigma2 == pytest.approx(within, abs=1e-6)
    assert found.tau2 == pytest.approx((between - within) / 25, abs=1e-6)
    assert found.practice == pytest.approx(residual.mean())
    reliability = found.tau2 / (found.tau2 + found.sigma2 / 25)
    assert found.reliabilities == pytest.approx(np.full(12, reliability))
    assert found.effects == pytest.approx(reliability * (means - residual.mean()))


@pytest.mark.parametrize("icc", [0.007, 0.02, 0.05, 0.1, 0.3])
def test_statsmodels_comes_to_the_same_figures(icc: float) -> None:
    """20 random practices for each of five ICCs, 100 in all, unequal sizes, without weights."""
    boundary = 0
    for seed in range(PRACTICES // 5):
        rng = np.random.default_rng([seed, int(icc * 1000)])
        number = int(rng.integers(8, 30))
        therapists = np.repeat(np.arange(number), rng.integers(5, 90, number))
        residual = 0.1 + rng.normal(0, np.sqrt(icc / (1 - icc)), number)[therapists]
        residual = residual + rng.normal(0, 1, len(therapists))
        found = plain(residual, therapists, number)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of estimates at the boundary, which are wanted here
            oracle = MixedLM(residual, np.ones((len(residual), 1)), therapists)
            # Its searches by gradient run off to an infinite likelihood at tau2 = 0; this one does not.
            fitted = oracle.fit(reml=True, method=["powell"], xtol=1e-8, ftol=1e-11)
            tau2 = float(np.asarray(fitted.cov_re)[0, 0])
            effects = _effects(fitted, tau2, number)
        boundary += found.tau2 == 0
        assert found.tau2 == pytest.approx(tau2, abs=VARIANCE_TOLERANCE)
        assert found.sigma2 == pytest.approx(float(fitted.scale), abs=VARIANCE_TOLERANCE)
        assert found.practice == pytest.approx(float(np.asarray(fitted.fe_params)[0]), abs=EFFECT_TOLERANCE)
        assert found.effects == pytest.approx(effects, abs=EFFECT_TOLERANCE)
    assert icc > 0.05 or boundary < PRACTICES // 5, "practices at the floor alone would prove little"


def test_no_spread_beyond_luck_means_that_nobody_differs() -> None:
    found = plain([1.0, -1.0, 1.0, -1.0, 1.0, -1.0], [0, 0, 1, 1, 2, 2], 3)
    assert (found.tau2, found.practice) == (0.0, 0.0)
    assert list(found.effects) == [0.0, 0.0, 0.0]
    assert list(found.reliabilities) == [0.0, 0.0, 0.0]


def test_equal_weights_of_any_size_are_no_weights() -> None:
    rng = np.random.default_rng(3)
    therapists = rng.integers(0, 9, 400)
    residual = rng.normal(0, 0.4, 9)[therapists] + rng.normal(0, 1, 400)
    once, heavy = plain(residual, therapists, 9), shrink(residual, np.full(400, 2.5), therapists, 9)
    assert heavy.tau2 == pytest.approx(once.tau2)
    assert heavy.effects == pytest.approx(once.effects)


def test_the_order_of_episodes_does_not_matter() -> None:
    rng = np.random.default_rng(4)
    therapists, residual, weight = rng.integers(0, 9, 300), rng.normal(0, 1, 300), rng.uniform(1, 3, 300)
    order = rng.permutation(300)
    one = shrink(residual, weight, therapists, 9)
    other = shrink(residual[order], weight[order], therapists[order], 9)
    assert other.tau2 == pytest.approx(one.tau2, abs=1e-9)
    assert other.effects == pytest.approx(one.effects, abs=1e-9)


def test_weights_shrink_more_than_as_many_equal_episodes() -> None:
    rng = np.random.default_rng(6)
    therapists = np.repeat(np.arange(10), 40)
    residual = rng.normal(0, 0.5, 10)[therapists] + rng.normal(0, 1, 400)
    weight = np.where(therapists == 0, rng.choice([1.0, 6.0], 400), 1.0)
    found = shrink(residual, weight, therapists, 10)
    assert found.sizes[0] < 35
    assert found.sizes[1:] == pytest.approx(np.full(9, 40.0))
    assert found.reliabilities[0] < found.reliabilities[1]


def test_a_therapist_with_nobody_followed_up_stands_at_the_practice() -> None:
    found = plain([0.5, 1.5, -1.0, 0.2, 0.9, -0.4], [0, 0, 2, 2, 3, 3], 4)
    assert np.isnan(found.means[1])
    assert (found.sizes[1], found.reliabilities[1], found.effects[1]) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("residual", "therapists", "number"), [([], [], 0), ([], [], 2), ([0.4], [0], 1)])
def test_next_to_nothing_is_no_error(residual: list[float], therapists: list[int], number: int) -> None:
    found = shrink(np.array(residual), np.ones(len(residual)), np.array(therapists, dtype=np.int64), number)
    assert found.tau2 == 0.0
    assert list(found.effects) == [0.0] * number


def test_effective_size_by_hand() -> None:
    """Weights 1, 1, 2: (1 + 1 + 2)^2 / (1 + 1 + 4) = 16 / 6."""
    sizes = effective_sizes(np.array([1.0, 1.0, 2.0, 5.0]), np.array([0, 0, 0, 1]), 3)
    assert sizes == pytest.approx([16 / 6, 1.0, 0.0])


def _effects(fitted: MixedLMResults, tau2: float, number: int) -> np.ndarray:
    """The oracle's v; it gives none where its tau2 is nothing."""
    if tau2 < 1e-12:
        return np.zeros(number)
    return np.array([float(np.asarray(fitted.random_effects[n])[0]) for n in range(number)])
