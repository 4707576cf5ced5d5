"""From episodes and a frozen model to what therapists and their practice achieved."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from outcomes_svc.performance.gates import GatePolicy
from outcomes_svc.performance.performance import PracticePerformance, TherapistPerformance, assess
from outcomes_svc.performance.prediction import PredictionModel, fit
from outcomes_svc.results.episode_result import EpisodeResult, Exclusion
from outcomes_svc.simulation.generated_practice import GeneratedPractice, two_years
from outcomes_svc.simulation.practice_spec import PracticeSpec

SPEC = PracticeSpec(therapists=20, least_episodes=40, icc=0.10, practice_spread=0.0)


@pytest.fixture(scope="module")
def years() -> tuple[GeneratedPractice, GeneratedPractice]:
    return two_years(SPEC, np.random.default_rng(21))


@pytest.fixture(scope="module")
def model(years: tuple[GeneratedPractice, GeneratedPractice]) -> PredictionModel:
    return fit(years[0].rows, 2025)


@pytest.fixture(scope="module")
def rows(years: tuple[GeneratedPractice, GeneratedPractice]) -> list[EpisodeResult]:
    return years[1].rows


@pytest.fixture(scope="module")
def found(rows: list[EpisodeResult], model: PredictionModel) -> PracticePerformance:
    return assess(rows, model)


def of(performance: PracticePerformance, therapist_id: str) -> TherapistPerformance:
    return next(one for one in performance.therapists if one.therapist_id == therapist_id)


def test_every_row_that_counts_is_told(found: PracticePerformance, rows: list[EpisodeResult]) -> None:
    assert [residual.episode_id for residual in found.residuals] == sorted(row.episode_id for row in rows)
    assert [one.therapist_id for one in found.therapists] == sorted({row.therapist_id for row in rows})
    assert sum(one.episodes for one in found.therapists) == len(rows)
    assert sum(one.followed_up for one in found.therapists) == sum(row.end is not None for row in rows)


def test_a_residual_can_be_computed_by_hand(
    found: PracticePerformance, rows: list[EpisodeResult], model: PredictionModel
) -> None:
    by_id = {row.episode_id: row for row in rows}
    counted = [residual for residual in found.residuals if residual.outcome == "counted"]
    for residual in counted[:50]:
        row = by_id[residual.episode_id]
        assert row.change is not None
        assert residual.residual is not None
        assert residual.predicted == pytest.approx(model.predict(row), abs=1e-8)
        raw = (row.change - model.predict(row)) / model.sigma(f"{row.instrument}.v1")
        assert residual.residual == pytest.approx(min(max(raw, -3), 3), abs=1e-8)
        assert residual.weight is not None
        assert residual.weight >= 1
    assert all(abs(residual.residual or 0) <= 3 for residual in counted)


def test_a_therapists_line_follows_from_their_residuals(found: PracticePerformance) -> None:
    one = found.therapists[3]
    own = [r for r in found.residuals if r.therapist_id == one.therapist_id and r.residual is not None]
    weight = np.array([r.weight for r in own], dtype=float)
    residual = np.array([r.residual for r in own], dtype=float)
    mean = np.average(residual, weights=weight)
    n_eff = weight.sum() ** 2 / (weight**2).sum()
    reliability = found.tau2 / (found.tau2 + found.sigma2 / n_eff)
    assert one.mean_residual == pytest.approx(mean, abs=1e-7)
    assert one.n_eff == pytest.approx(n_eff, abs=1e-6)
    assert one.reliability == pytest.approx(reliability, abs=1e-6)
    assert one.effect == pytest.approx(reliability * (mean - found.effect), abs=1e-6)


def test_the_order_of_rows_does_not_matter(
    found: PracticePerformance, rows: list[EpisodeResult], model: PredictionModel
) -> None:
    assert assess(random.Random(8).sample(rows, len(rows)), model) == found


def test_skill_is_found(found: PracticePerformance, years: tuple[GeneratedPractice, GeneratedPractice]) -> None:
    effects = [one.effect for one in found.therapists]
    truth = years[1].truth
    assert np.corrcoef(effects, truth.therapist_effects)[0, 1] > 0.8
    assert abs(found.effect) < 4 * found.standard_error
    assert found.tau2 == pytest.approx(0.11, abs=0.08)


def test_better_results_of_one_therapist_move_that_therapist(
    found: PracticePerformance, rows: list[EpisodeResult], model: PredictionModel
) -> None:
    helped = [
        replace(row, end=row.end + 0.5 * row.better) if row.therapist_id == "t-004" and row.end is not None else row
        for row in rows
    ]
    again = assess(helped, model)
    assert of(again, "t-004").effect > of(found, "t-004").effect + 0.02
    assert again.effect > found.effect


def test_a_model_stands_at_zero_in_its_own_year(
    years: tuple[GeneratedPractice, GeneratedPractice], model: PredictionModel
) -> None:
    assert assess(years[0].rows, model).effect == pytest.approx(0.0, abs=0.03)


def test_a_practice_that_does_better_with_everybody_has_a_practice_effect(
    found: PracticePerformance, rows: list[EpisodeResult], model: PredictionModel
) -> None:
    """A third of a residual standard deviation more for each patient: the practice moves, nobody inside it does."""

    def helped(row: EpisodeResult) -> EpisodeResult:
        points = model.sigma(f"{row.instrument}.v1") / 3
        return replace(row, end=None if row.end is None else row.end + row.better * points)

    again = assess([helped(row) for row in rows], model)
    assert again.effect - found.effect == pytest.approx(1 / 3, abs=0.02)
    before, after = ([one.effect for one in each.therapists] for each in (found, again))
    assert after == pytest.approx(before, abs=0.03)


def test_lost_patients_are_counted_and_not_judged(found: PracticePerformance) -> None:
    lost = [residual for residual in found.residuals if residual.outcome == "lost_to_follow_up"]
    assert lost
    assert {(r.change, r.residual, r.weight) for r in lost} == {(None, None, None)}
    assert all(r.predicted is not None for r in lost)


def test_an_instrument_that_the_model_never_saw_judges_nobody(
    rows: list[EpisodeResult], model: PredictionModel, found: PracticePerformance
) -> None:
    stranger = replace(rows[0], episode_id="z-1", instrument="NEW", end=0.0)
    again = assess([*rows, stranger], model)
    (last,) = [residual for residual in again.residuals if residual.episode_id == "z-1"]
    assert (last.outcome, last.predicted, last.residual) == ("instrument_not_in_model", None, None)
    assert again.therapists == found.therapists


def test_excluded_episodes_are_left_out(
    rows: list[EpisodeResult], model: PredictionModel, found: PracticePerformance
) -> None:
    void = replace(rows[0], episode_id="z-2", end=0.0, excluded=(Exclusion.BASELINE_NOT_BY_PATIENT,))
    assert assess([*rows, void], model) == found


def test_bad_follow_up_costs_a_therapist_their_own_part_and_not_the_practices(
    rows: list[EpisodeResult], model: PredictionModel
) -> None:
    seen = 0
    dropped = []
    for row in rows:
        seen += row.therapist_id == "t-004"
        gone = row.therapist_id == "t-004" and seen % 2 == 0
        dropped.append(replace(row, end=None, end_at=None, end_score_id=None) if gone else row)
    one = of(assess(dropped, model), "t-004")
    assert not one.qualifies
    assert "follow_up" in [gate.name for gate in one.gates if not gate.passed]


def test_gates_are_the_plans(rows: list[EpisodeResult], model: PredictionModel, found: PracticePerformance) -> None:
    assert any(one.qualifies for one in found.therapists)
    strict = assess(rows, model, GatePolicy(n_eff=1000))
    assert not any(one.qualifies for one in strict.therapists)
    assert [one.effect for one in strict.therapists] == [one.effect for one in found.therapists]


def test_nobody_to_judge_is_no_error(model: PredictionModel, rows: list[EpisodeResult]) -> None:
    empty = assess([], model)
    assert (empty.effect, empty.therapists, empty.residuals) == (0.0, (), ())
    lost = [replace(row, end=None) for row in rows[:5]]
    (one,) = assess(lost, model).therapists
    assert (one.followed_up, one.mean_residual, one.effect, one.qualifies) == (0, None, 0.0, False)
