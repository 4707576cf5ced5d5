"""What change is expected of whom: the design, the fit, and what must not move it."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from outcomes_svc.performance.case_table import countable, table_of
from outcomes_svc.performance.design import NOT_KNOWN, OTHER, Design, design_of
from outcomes_svc.performance.prediction import NotEnoughEpisodes, PredictionModel, fit, measure_of
from outcomes_svc.performance.spline import knots_of, nonlinear_terms
from outcomes_svc.performance.words import baseline_curve, terms
from outcomes_svc.results.episode_result import CaseMix, EpisodeResult, Exclusion
from outcomes_svc.simulation.generated_practice import generate
from outcomes_svc.simulation.practice_spec import PracticeSpec

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
KNOWN = CaseMix(age=50, sex="female", symptom_weeks=20, surgery=False, comorbidities=1, baseline_pain=6, payer="self")


def episode(number: int, **changes: Any) -> EpisodeResult:
    fields: dict[str, Any] = {
        "episode_id": f"e-{number:05d}",
        "patient_id": f"p-{number:05d}",
        "therapist_id": f"t-{number % 5}",
        "location_id": "l-1",
        "setting": "clinic",
        "condition": "M54",
        "instrument": "NPRS",
        "instrument_version": "1",
        "better": -1,
        "opened_at": START,
        "closed_at": START,
        "sessions": 6,
        "session_ids": (),
        "case_mix": KNOWN,
        "baseline": 6.0,
        "end": 4.0,
    }
    return EpisodeResult(**{**fields, **changes})


def year(number: int = 400, seed: int = 1, slope: float = 0.5, noise: float = 1.0) -> list[EpisodeResult]:
    """Episodes whose end is a linear function of the baseline: change = slope * (baseline - 4) + noise."""
    rng = random.Random(seed)
    rows = []
    for place in range(number):
        baseline = float(rng.randint(2, 10))
        end = baseline - slope * (baseline - 4) + rng.gauss(0, noise)
        rows.append(episode(place, baseline=baseline, end=end))
    return rows


@pytest.fixture(scope="module")
def generated() -> list[EpisodeResult]:
    return generate(PracticeSpec(therapists=15, icc=0.05), np.random.default_rng(11)).rows


@pytest.fixture(scope="module")
def model(generated: list[EpisodeResult]) -> PredictionModel:
    return fit(generated, 2026)


def test_a_known_relation_comes_back_in_points() -> None:
    found = fit(year(2000), 2026)
    for baseline in (4.0, 6.0, 9.0):
        assert found.predict(episode(1, baseline=baseline)) == pytest.approx(0.5 * (baseline - 4), abs=0.15)
    assert found.sigma("NPRS.v1") == pytest.approx(1.0, abs=0.05)


def test_the_direction_of_the_scale_does_not_matter() -> None:
    """The same patients on a scale that is turned round are expected to gain the same."""
    low = year(600)
    high = [replace(row, better=1, baseline=10 - (row.baseline or 0), end=10 - (row.end or 0)) for row in low]
    one, other = fit(low, 2026), fit(high, 2026)
    assert other.predict(high[3]) == pytest.approx(one.predict(low[3]))


def test_another_unit_changes_points_and_nothing_else() -> None:
    """Tenths of a point, counted from another zero: predictions are ten times as large, residuals the same."""
    rows = year(600)
    tenths = [replace(row, baseline=100 + 10 * (row.baseline or 0), end=100 + 10 * (row.end or 0)) for row in rows]
    one, other = fit(rows, 2026), fit(tenths, 2026)
    assert other.predict(tenths[7]) == pytest.approx(10 * one.predict(rows[7]))
    assert other.sigma("NPRS.v1") == pytest.approx(10 * one.sigma("NPRS.v1"))


def test_the_order_of_rows_does_not_matter(generated: list[EpisodeResult], model: PredictionModel) -> None:
    mixed = random.Random(2).sample(generated, len(generated))
    assert fit(mixed, 2026).version == model.version


def test_a_frozen_model_is_moved_by_no_new_data(generated: list[EpisodeResult], model: PredictionModel) -> None:
    before = [model.predict(row) for row in generated[:20]]
    kept = json.dumps(model.to_document())
    fit([replace(row, end=0.0) for row in generated], 2027)
    again = PredictionModel.from_document(json.loads(kept))
    assert [again.predict(row) for row in generated[:20]] == before
    assert (again, again.version) == (model, model.version)


def test_the_version_names_the_content(model: PredictionModel) -> None:
    assert replace(model, intercept=model.intercept + 1e-15).version != model.version
    assert replace(model, year=2027).version != model.version


def test_what_happens_after_the_baseline_changes_no_prediction(
    generated: list[EpisodeResult], model: PredictionModel
) -> None:
    row = generated[5]
    later = replace(row, sessions=40, end=None, mid_course=0.0, closed_at=None, therapist_id="t-999", location_id=None)
    assert model.predict(later) == model.predict(row)


def test_skill_is_not_booked_as_an_easy_case_mix() -> None:
    """One therapist sees nothing but hard cases and achieves 1.5 points more with each: the adjustment for hard cases
    must be what it is among the patients of one and the same therapist."""
    rng = random.Random(4)
    rows = []
    for place in range(1500):
        best = place % 5 == 0
        hard = rng.random() < (0.9 if best else 0.3)
        change = 2.0 - 1.0 * hard + 1.5 * best + rng.gauss(0, 1)
        mix = replace(KNOWN, symptom_weeks=30.0 if hard else 3.0)
        rows.append(episode(place, baseline=6.0 + rng.choice([-1.0, 0.0, 1.0]), case_mix=mix))
        rows[-1] = replace(rows[-1], end=(rows[-1].baseline or 0) - change)
    found = fit(rows, 2026)
    hard_case, easy_case = (episode(1, case_mix=replace(KNOWN, symptom_weeks=weeks)) for weeks in (30.0, 3.0))
    gap = found.predict(easy_case) - found.predict(hard_case)
    assert gap == pytest.approx(1.0, abs=0.15)
    mean = {
        hard: np.mean([row.change for row in rows if (row.case_mix.symptom_weeks == 30.0) is hard])
        for hard in (True, False)
    }
    assert mean[False] - mean[True] < 0.6, "taken over all therapists, skill hides what hard cases cost"


def test_a_missing_covariate_is_no_zero(generated: list[EpisodeResult], model: PredictionModel) -> None:
    """It has a coefficient of its own, and the prediction is that of nobody with a zero."""
    matrix = dict(zip(model.design.columns, _row(model.design, replace_mix(generated[0])), strict=True))
    assert matrix["pain"] == matrix["age"] == matrix["comorbidities"] == 0.0  # the mean, by centring
    marks = [name for name in matrix if name.endswith(NOT_KNOWN)]
    raised = {name.partition(":")[0] for name in marks if matrix[name] == 1.0}
    assert raised == {"pain", "age", "comorbidities", "sex", "duration", "surgery", "payer"}
    zero = replace(generated[0], case_mix=replace(generated[0].case_mix, comorbidities=0, baseline_pain=0.0))
    assert _row(model.design, zero)[list(matrix).index("pain")] != 0.0


def replace_mix(row: EpisodeResult) -> EpisodeResult:
    return replace(row, case_mix=CaseMix(prior_episode=False))


def _row(design: Design, row: EpisodeResult) -> list[float]:
    return [float(value) for value in design.matrix(table_of([row]))[0]]


def test_rare_and_new_levels_are_pooled() -> None:
    rows = year(400)
    rows[3] = replace(rows[3], condition="Q99")
    design = design_of(table_of(rows), ("NPRS.v1",))
    for condition in ("Q99", "never seen"):
        values = dict(zip(design.columns, _row(design, replace(rows[0], condition=condition)), strict=True))
        assert (values[f"condition: {OTHER}"], values["condition: M54"]) == (1.0, 0.0)
    assert "condition: Q99" not in design.columns


@pytest.mark.parametrize(
    ("weeks", "band"),
    [
        (0.0, "under 6 weeks"),
        (5.99, "under 6 weeks"),
        (6.0, "6 to 12 weeks"),
        (12.0, "6 to 12 weeks"),
        (12.01, "over 12 weeks"),
    ],
)
def test_bands_of_duration(weeks: float, band: str) -> None:
    rows = [episode(n, case_mix=replace(KNOWN, symptom_weeks=float(n % 30))) for n in range(300)]
    design = design_of(table_of(rows), ("NPRS.v1",))
    row = _row(design, episode(1, case_mix=replace(KNOWN, symptom_weeks=weeks)))
    values = dict(zip(design.columns, row, strict=True))
    assert [name for name, value in values.items() if name.startswith("duration") and value] == [f"duration: {band}"]


def test_a_design_without_its_instrument_says_so(model: PredictionModel) -> None:
    stranger = episode(1, instrument="generated-pain-0-10", instrument_version="2")
    assert not model.knows(stranger)
    assert measure_of(stranger) == "generated-pain-0-10.v2"
    with pytest.raises(KeyError):
        model.predict(stranger)


def test_two_versions_of_an_instrument_are_two_measures() -> None:
    rows = year(300)
    rows += [replace(row, episode_id=f"x-{n}", instrument_version="2") for n, row in enumerate(year(200, seed=5))]
    assert [scale.measure for scale in fit(rows, 2026).scales] == ["NPRS.v1", "NPRS.v2"]


def test_too_few_episodes_are_refused_by_name() -> None:
    with pytest.raises(NotEnoughEpisodes) as refused:
        fit(year(99), 2026)
    assert (refused.value.status, refused.value.code) == (422, "not-enough-episodes")
    assert "99 episodes" in refused.value.detail
    assert refused.value.errors[0].field == "year"
    fit(year(100), 2026)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda row: replace(row, end=None),
        lambda row: replace(row, excluded=(Exclusion.SEVERAL_THERAPISTS,)),
        lambda row: replace(row, baseline=None),
        lambda row: replace(row, end=row.baseline),  # an instrument that never moves predicts nothing
    ],
)
def test_what_says_nothing_does_not_count_towards_enough(spoil: Any) -> None:
    with pytest.raises(NotEnoughEpisodes):
        fit([spoil(row) for row in year(300)], 2026)


def test_excluded_rows_change_nothing() -> None:
    rows = year(200)
    void = [
        replace(row, episode_id=f"x-{n}", end=-90.0, excluded=(Exclusion.STILL_OPEN,)) for n, row in enumerate(rows)
    ]
    assert fit(rows + void, 2026).version == fit(rows, 2026).version
    assert len(countable(rows + void)) == 200


def test_the_spline_is_straight_beyond_its_knots_and_smooth_at_them() -> None:
    knots = (-1.0, 0.0, 0.5, 2.0)
    outside = nonlinear_terms(np.array([2.0, 3.0, 4.0, 5.0]), knots)
    assert np.diff(outside, 2, axis=0) == pytest.approx(np.zeros((2, 2)), abs=1e-12)
    assert nonlinear_terms(np.array([-3.0, -1.0]), knots) == pytest.approx(np.zeros((2, 2)))
    at = np.array([0.5 - 1e-4, 0.5, 0.5 + 1e-4])
    assert np.diff(nonlinear_terms(at, knots), 2, axis=0) == pytest.approx(np.zeros((1, 2)), abs=1e-7)


def test_knots_that_coincide_count_once() -> None:
    assert knots_of(np.array([3.0] * 50 + [4.0])) == (3.0,)
    assert nonlinear_terms(np.array([1.0, 2.0]), (3.0,)).shape == (2, 0)


def test_a_model_can_be_read_in_words(model: PredictionModel) -> None:
    words = {term.column: term.words for term in terms(model)}
    assert words["duration: over 12 weeks"].startswith("Duration: over 12 weeks goes with 0.")
    assert words["duration: over 12 weeks"].endswith("standard deviations less improvement.")
    assert words["payer: other"] == "Payer: other makes no difference that can be told."
    pain = [point for point in baseline_curve(model) if point.measure == "generated-pain-0-10.v1"]
    assert len(pain) == 5
    worst, best = max(pain, key=lambda at: at.baseline), min(pain, key=lambda at: at.baseline)
    assert worst.change > best.change, "who starts worse has more to gain"
