"""Funnel limits against hand-computed values and scipy's distributions."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from outcomes_svc.results.control_limits import (
    binomial_limits,
    binomial_tails,
    normal_limits,
    overdispersion,
)


def test_binomial_limits_are_interpolated_between_whole_counts() -> None:
    """n = 10, target 0.5: P(R<=8) = 0.98926, P(R<=7) = 0.94531, so the upper 95% limit is (8 - 0.3242) / 10."""
    limits = binomial_limits(10, 0.5)
    share = (0.9892578125 - 0.975) / (0.9892578125 - 0.9453125)
    assert limits.high == pytest.approx((8 - share) / 10, abs=1e-12)
    # A fair coin knows no side: P(R<=1) = 0.01074 and P(R<=2) = 0.05469.
    assert limits.low == pytest.approx((2 - (0.0546875 - 0.025) / (0.0546875 - 0.0107421875)) / 10, abs=1e-12)


@pytest.mark.parametrize("episodes", [1, 5, 30, 400])
@pytest.mark.parametrize("target", [0.03, 0.5, 0.62, 0.98])
def test_binomial_limits_lie_within_one_episode_of_scipys_quantiles(episodes: int, target: float) -> None:
    limits = binomial_limits(episodes, target)
    for probability, limit in (
        (0.001, limits.lowest),
        (0.025, limits.low),
        (0.975, limits.high),
        (0.999, limits.highest),
    ):
        quantile = stats.binom.ppf(probability, episodes, target)
        assert (quantile - 1) / episodes - 1e-9 <= limit <= quantile / episodes + 1e-9 or limit == 0
    assert 0 <= limits.lowest <= limits.low <= limits.high <= limits.highest <= 1


def test_tails_are_those_of_the_binomial_distribution() -> None:
    below, above = binomial_tails(12, 12, 18 / 29)
    assert above == pytest.approx((18 / 29) ** 12)
    assert below == pytest.approx(1.0)
    for count in range(8):
        below, above = binomial_tails(count, 7, 0.4)
        assert below == pytest.approx(stats.binom.cdf(count, 7, 0.4))
        assert above == pytest.approx(stats.binom.sf(count - 1, 7, 0.4))


def test_drawing_a_count_in_brings_it_nearer_to_the_target() -> None:
    """8 of 10 beside 0.5, drawn in by 1.5, is 7 of 10."""
    assert binomial_tails(8, 10, 0.5, 1.5) == pytest.approx(binomial_tails(7, 10, 0.5))


def test_limits_of_a_mean_are_normal() -> None:
    limits = normal_limits(25, 0.1, 2.0)
    assert limits.high == pytest.approx(0.1 + 1.959964 * 0.4, abs=1e-6)
    assert limits.lowest == pytest.approx(0.1 - 3.090232 * 0.4, abs=1e-6)
    assert normal_limits(25, 0.1, 2.0, 1.5).high == pytest.approx(0.1 + 1.5 * 1.959964 * 0.4, abs=1e-6)


def test_groups_that_differ_by_chance_keep_their_limits() -> None:
    quantiles = [float(stats.norm.ppf((place + 0.5) / 40)) for place in range(40)]
    tested = overdispersion(quantiles)
    # Winsorising takes the tails away, so phi is below 1 here: the test errs towards narrow limits.
    assert tested.phi == pytest.approx(0.65, abs=0.05)
    assert (tested.widened, tested.stretch) == (False, 1.0)


def test_groups_that_differ_by_more_than_chance_widen_them() -> None:
    tested = overdispersion([2.0 * float(stats.norm.ppf((place + 0.5) / 40)) for place in range(40)])
    assert tested.phi is not None
    assert tested.widened
    assert tested.stretch == pytest.approx(math.sqrt(tested.phi))
    assert tested.p_value == pytest.approx(stats.chi2.sf(40 * tested.phi, 39))


def test_one_outlier_does_not_widen_the_limits_behind_which_it_would_hide() -> None:
    calm = [(-1) ** place * 0.8 for place in range(19)]
    assert overdispersion([*calm, 9.0]).phi == overdispersion([*calm, 0.8]).phi


def test_few_groups_are_not_tested() -> None:
    tested = overdispersion([3.0, -3.0] * 4)
    assert (tested.phi, tested.p_value, tested.widened) == (None, None, False)
