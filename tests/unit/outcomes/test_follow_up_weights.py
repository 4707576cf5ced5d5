"""Who was heard of again, and whom they have to stand for."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from outcomes_svc.performance.follow_up import probabilities, weights


def test_nobody_lost_means_that_everybody_stands_for_themselves() -> None:
    chance = probabilities(np.random.default_rng(1).normal(size=(50, 3)), np.ones(50, dtype=bool))
    assert list(chance) == [1.0] * 50
    assert list(weights(chance)) == [1.0] * 50


def test_nobody_found_is_no_error() -> None:
    chance = probabilities(np.zeros((4, 2)), np.zeros(4, dtype=bool))
    assert list(chance) == [0.0] * 4
    assert len(weights(chance[:0])) == 0


def test_without_anything_to_go_by_the_share_is_the_probability() -> None:
    followed = np.array([True, True, True, False])
    assert probabilities(np.zeros((4, 1)), followed) == pytest.approx([0.75] * 4)


def test_the_probabilities_come_back() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(20_000, 2))
    true = expit(0.8 + 0.7 * x[:, 0])
    found = probabilities(x, rng.random(20_000) < true)
    assert np.abs(found - true).max() < 0.05


def test_the_penalty_holds_back_what_a_handful_seems_to_show() -> None:
    """All three with the mark were lost: without a penalty they would have no chance at all and endless weights."""
    mark = np.array([[1.0]] * 3 + [[0.0]] * 27)
    followed = np.array([False] * 3 + [True] * 27)
    chance = probabilities(mark, followed)
    assert chance[0] == pytest.approx(0.75, abs=0.15)
    assert chance[-1] > 0.9


def test_weights_are_the_inverse_clipped_to_their_own_percentiles() -> None:
    chance = np.concatenate([np.full(98, 0.8), [0.01, 0.99]])
    found = weights(chance)
    raw = 1 / chance
    lowest, highest = np.percentile(raw, [1, 99])
    assert found[0] == pytest.approx(1.25)
    assert (found.min(), found.max()) == pytest.approx((lowest, highest))
    assert highest < 100


def test_weighting_mends_loss_that_the_covariates_explain() -> None:
    """Hard cases are lost twice as often: the mean of who is left is too good, the weighted one is not."""
    rng = np.random.default_rng(3)
    hard = rng.random(20_000) < 0.4
    outcome = np.where(hard, -1.0, 0.5) + rng.normal(0, 1, 20_000)
    followed = rng.random(20_000) < np.where(hard, 0.4, 0.8)
    weight = weights(probabilities(hard[:, None].astype(float), followed)[followed])
    assert outcome[followed].mean() - outcome.mean() > 0.15
    assert np.average(outcome[followed], weights=weight) == pytest.approx(outcome.mean(), abs=0.03)
