"""How unusual a figure is among colleagues: the tails, and that nobody moves their own limits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import betabinom

from outcomes_svc.gaming.peers import mean_tail, share_tail


def test_a_share_like_everybodys_is_usual_and_a_high_one_is_not() -> None:
    trials = np.full(20, 50.0)
    hits = np.full(20, 5.0)
    hits[0] = 25
    tail = share_tail(hits, trials)
    assert tail.expected[0] == pytest.approx(95.5 / 951)
    assert tail.p[0] < 1e-4
    assert 0.4 < tail.p[1] < 0.6


def test_nobody_moves_the_limits_they_are_judged_by() -> None:
    trials, hits = np.full(12, 40.0), np.array([3.0, 5, 4, 2, 6, 4, 3, 5, 4, 4, 2, 4])
    more = hits.copy()
    more[0] = 30
    one, other = share_tail(hits, trials), share_tail(more, trials)
    assert one.expected[0] == other.expected[0]
    assert one.expected[1] < other.expected[1]


def test_the_tail_is_the_mid_p_of_a_beta_binomial() -> None:
    """Colleagues exactly alike: rho is the prior's part, 5 of 14 parts of 0.03, and one effective sample."""
    trials, hits = np.full(10, 30.0), np.full(10, 6.0)
    hits[0] = 13
    k = 9
    mean = (k * 6 + 0.5) / (k * 30 + 1)
    rho = 5 * 0.03 / (k + 5)
    rho += 1 / (k * 30 / (1 + 29 * rho))
    a, b = mean * (1 - rho) / rho, (1 - mean) * (1 - rho) / rho
    expected = betabinom.sf(13, 30, a, b) + betabinom.pmf(13, 30, a, b) / 2
    assert share_tail(hits, trials).p[0] == pytest.approx(expected, rel=1e-9)


def test_colleagues_who_differ_widen_the_limits() -> None:
    trials = np.full(20, 60.0)
    alike, apart = np.full(20, 12.0), np.tile([4.0, 20.0], 10)
    alike[0] = apart[0] = 26
    assert share_tail(apart, trials).p[0] > 10 * share_tail(alike, trials).p[0]


def test_by_chance_alone_tails_are_as_rare_as_they_say() -> None:
    rng = np.random.default_rng(1)
    found = []
    for _ in range(300):
        trials = rng.integers(10, 120, 15).astype(float)
        hits = rng.binomial(trials.astype(int), np.clip(rng.beta(4, 36, 15), 0, 1)).astype(float)
        found.append(share_tail(hits, trials).p)
    assert 0.01 < float(np.mean(np.concatenate(found) < 0.02)) < 0.03


def test_small_groups_and_few_colleagues_are_not_judged() -> None:
    trials = np.array([9.0, 10, 40, 40, 40, 40, 40])
    tail = share_tail(trials / 10, trials)
    assert np.isnan(tail.p[0])
    assert not np.isnan(tail.p[1])
    assert np.isnan(share_tail(trials[:5], trials[:5]).p).all()
    assert np.isnan(mean_tail(np.zeros(5), np.ones(5), np.full(5, 50.0)).p).all()


def test_a_mean_is_judged_by_the_spread_of_the_others() -> None:
    rng = np.random.default_rng(2)
    found = []
    for _ in range(300):
        cases = rng.integers(10, 150, 15).astype(float)
        errors = 1 / np.sqrt(cases)
        found.append(mean_tail(rng.normal(0, 0.1, 15) + rng.normal(0, errors), errors, cases).p)
    assert 0.01 < float(np.mean(np.concatenate(found) < 0.02)) < 0.03
    errors, cases = np.full(15, 0.1), np.full(15, 100.0)
    means = np.zeros(15)
    means[3] = 0.6
    tail = mean_tail(means, errors, cases)
    assert tail.p[3] < 0.001
    assert tail.expected[3] == pytest.approx(0.0)
    assert tail.p[4] > 0.4
