"""Made-up practices: what the generator promises, and which way of paying comes closest to the truth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fascia.cli import main
from outcomes_svc.performance.case_table import countable, table_of
from outcomes_svc.performance.gates import GatePolicy
from outcomes_svc.performance.prediction import fit_table
from outcomes_svc.simulation.generated_practice import generate, two_years
from outcomes_svc.simulation.generated_scale import SCALES
from outcomes_svc.simulation.practice_spec import PracticeSpec, hire
from outcomes_svc.simulation.simulate import PLAN, RAW, RESPONDERS, Tally, empty, simulate
from outcomes_svc.simulation.ways_of_paying import PayRule, pay_plan

RULE, POLICY = PayRule(), GatePolicy()
SMALL = PracticeSpec(therapists=25)


def simulated(icc: float, number: int = 30) -> dict[str, Tally]:
    return simulate(PracticeSpec(therapists=40, icc=icc), range(number), RULE, POLICY)


@pytest.fixture(scope="module")
def tallies() -> dict[str, Tally]:
    return simulated(0.02)


def test_the_same_seed_makes_the_same_practice() -> None:
    one, other = (generate(SMALL, np.random.default_rng(3)) for _ in range(2))
    assert one.rows == other.rows
    assert generate(SMALL, np.random.default_rng(4)).rows != one.rows


def test_rows_and_columns_say_the_same() -> None:
    practice = generate(SMALL, np.random.default_rng(3))
    rows = practice.rows
    assert countable(rows) == rows
    from_rows = fit_table(table_of(rows), 2026)
    from_columns = fit_table(practice.table, 2026)
    assert from_rows.coefficients == pytest.approx(from_columns.coefficients, abs=1e-9)
    assert table_of(rows).change == pytest.approx(practice.table.change, nan_ok=True)


def test_generated_practices_are_as_the_spec_says() -> None:
    spec = PracticeSpec(therapists=2000, icc=0.05, least_episodes=12, most_episodes=20)
    staff = hire(spec, np.random.default_rng(5))
    assert staff.effects.mean() == pytest.approx(0.0, abs=1e-12)
    variance = staff.effects.var()
    assert variance / (1 + variance) == pytest.approx(0.05, abs=0.005)
    practice = generate(spec, np.random.default_rng(5), staff=staff)
    counts = np.bincount(practice.table.therapist.codes)
    assert (counts.min(), counts.max()) == (12, 20)
    assert 0.15 < 1 - practice.table.followed_up.mean() < 0.35
    assert set(practice.table.measure.levels) == {f"{scale.name}.v1" for scale in SCALES}


def test_who_did_badly_is_lost_more_often() -> None:
    practice = generate(PracticeSpec(therapists=200), np.random.default_rng(6))
    followed = practice.table.followed_up
    assert practice.truth.change[followed].mean() > practice.truth.change[~followed].mean() + 0.2


def test_patients_get_better_without_any_treatment_effect() -> None:
    """Regression to the mean: the worse the baseline, the larger the gain."""
    practice = generate(PracticeSpec(therapists=200), np.random.default_rng(7))
    table = practice.table
    pain = table.measure.codes == [scale.name for scale in SCALES].index("generated-pain-0-10")
    worst, best = pain & (table.baseline >= 8), pain & (table.baseline <= 4)
    assert np.nanmean(table.change[worst]) > np.nanmean(table.change[best]) + 1.0


def test_the_plan_errs_less_than_both_simple_ways(tallies: dict[str, Tally]) -> None:
    assert tallies[PLAN].error < 0.7 * tallies[RAW].error
    assert tallies[PLAN].error < 0.7 * tallies[RESPONDERS].error


def test_few_bonuses_go_to_the_wrong_people(tallies: dict[str, Tally]) -> None:
    assert tallies[PLAN].bonuses_wrong < 0.15
    assert tallies[RAW].bonuses_wrong > 0.20
    assert 0 < tallies[PLAN].bonuses < tallies[RAW].bonuses


def test_pay_does_not_follow_how_hard_the_cases_are(tallies: dict[str, Tally]) -> None:
    assert abs(tallies[PLAN].overall.correlation) < 0.06  # 30 practices cannot tell it more closely
    assert tallies[RAW].overall.correlation < -0.25
    assert tallies[RESPONDERS].overall.correlation < -0.25


def test_where_nobody_differs_nearly_nobody_gets_a_bonus_of_their_own() -> None:
    found = simulated(0.0, 15)
    assert found[PLAN].bonuses / found[PLAN].therapists < 0.02
    assert found[RAW].bonuses / found[RAW].therapists > 0.25


def test_tallies_of_two_runs_add_up() -> None:
    whole = simulate(SMALL, range(4), RULE, POLICY)
    parts = empty()
    for seeds in (range(2), range(2, 4)):
        for way, tally in simulate(SMALL, seeds, RULE, POLICY).items():
            parts[way].merge(tally)
    for way, tally in whole.items():
        assert parts[way].error == pytest.approx(tally.error)
        assert parts[way].within.correlation == pytest.approx(tally.within.correlation)
        assert parts[way].bonuses == tally.bonuses


def test_nobody_is_ever_paid_below_base() -> None:
    before, after = two_years(PracticeSpec(therapists=30, icc=0.3, practice_spread=0.5), np.random.default_rng(9))
    paid = pay_plan(fit_table(before.table, 2025), after.table, RULE, POLICY)
    assert paid.shares.min() >= 0.0
    assert paid.shares.max() <= RULE.max_share


@pytest.mark.parametrize(
    ("practice", "therapist", "share"),
    [
        (0.2, 0.2, 0.10),
        (0.1, 0.0, 0.035),
        (0.0, 0.2, 0.03),
        (-0.2, 0.0, 0.0),
        (1.0, 1.0, 0.10),
        (0.1, -0.1, 0.02),
    ],
)
def test_the_formula_by_hand(practice: float, therapist: float, share: float) -> None:
    """0.10 * (0.7 * u + 0.3 * v) / 0.2, between nothing and 0.10."""
    assert RULE.shares(practice, np.array([therapist]))[0] == pytest.approx(share)


def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def call(*words: str) -> tuple[int, str, str]:
        code = main(["pay", "simulate", *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


fascia = pytest.fixture(run, name="fascia")


def test_the_command_shows_the_ways_side_by_side(fascia: Callable[..., tuple[int, str, str]]) -> None:
    code, shown, _ = fascia("--practices", "3", "--icc", "0.1", "--therapists", "12", "--seed", "5")
    assert code == 0
    for words in ("plan", "raw change", "responders", "The plan's pay error", "t-001", "t-012", "OWN RESULTS"):
        assert words in shown


def test_the_command_repeats_itself(fascia: Callable[..., tuple[int, str, str]]) -> None:
    words = ("--practices", "2", "--therapists", "12")
    assert fascia(*words) == fascia(*words)
    assert fascia(*words, "--seed", "2") != fascia(*words)


def test_practices_too_small_for_a_model_are_said_to_be(fascia: Callable[..., tuple[int, str, str]]) -> None:
    code, _, error = fascia("--practices", "1", "--therapists", "1")
    assert code == 1
    assert error.count("\n") == 1
    assert "a prediction model needs 100" in error


def test_without_a_suite_the_command_says_what_to_do(
    fascia: Callable[..., tuple[int, str, str]], tmp_path: object
) -> None:
    code, _, error = fascia("--run-dir", str(tmp_path))
    assert code == 2
    assert error.startswith("fascia pay simulate: no suite runs in")


@pytest.mark.parametrize("words", [("--practices", "0"), ("--icc", "1.5"), ("--full-effect", "0")])
def test_nonsense_is_refused(words: tuple[str, str], fascia: Callable[..., tuple[int, str, str]]) -> None:
    with pytest.raises(SystemExit) as stopped:
        fascia("--practices", "1", *words)
    assert stopped.value.code == 2
