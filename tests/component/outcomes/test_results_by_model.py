"""Results beyond prediction: by the frozen model of an earlier year, the same that pay looks at."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest

from fascia.testing.harness import Harness
from outcomes_svc.performance.performance import PracticePerformance, assess
from outcomes_svc.performance.prediction import PredictionModel, fit
from outcomes_svc.performance.publication import FrozenModel
from outcomes_svc.performance.store import save_model
from outcomes_svc.results import group_results
from outcomes_svc.results.episode_result import EpisodeResult
from outcomes_svc.service import SERVICE
from outcomes_svc.simulation.generated_practice import two_years
from outcomes_svc.simulation.practice_spec import PracticeSpec

pytestmark = pytest.mark.embedded
Years = tuple[list[EpisodeResult], list[EpisodeResult]]


@pytest.fixture(scope="module")
def years() -> Years:
    spec = PracticeSpec(therapists=12, least_episodes=30, most_episodes=60, icc=0.2)
    before, after = two_years(spec, np.random.default_rng(31))
    return before.rows, after.rows


@pytest.fixture(scope="module")
def model(years: Years) -> PredictionModel:
    return fit(years[0], years[0][0].opened_at.year)


@pytest.fixture(scope="module")
def judged(years: Years, model: PredictionModel) -> PracticePerformance:
    return assess(years[1], model)


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness], monkeypatch: pytest.MonkeyPatch, years: Years) -> Harness:
    """A practice with those episodes; how rows come out of the stores is tested with group results."""

    def episode_results(uow: Any, *, opened_from: date, opened_until: date) -> list[EpisodeResult]:
        everything = [*years[0], *years[1]] if uow.practice_id == "demo" else []
        return [row for row in everything if opened_from <= row.opened_at.date() < opened_until]

    monkeypatch.setattr(group_results, "episode_results", episode_results)
    return harness_of(SERVICE)


def publish(outcomes: Harness, model: PredictionModel) -> None:
    frozen = FrozenModel(model=model, frozen_at=datetime(2026, 7, 1, tzinfo=UTC), frozen_by="owner")
    outcomes.runtime.transaction("demo", lambda uow: save_model(uow, frozen))


def get(outcomes: Harness, years: Years, path: str, role: str = "owner", subject: str = "someone") -> Any:
    year = years[1][0].opened_at.year
    join = "&" if "?" in path else "?"
    found = outcomes.as_(role, subject=subject).get(f"/v1/results/{path}{join}from={year}-01-01&to={year}-12-31")
    assert found.status_code == 200, found.json
    return found


def test_without_a_model_the_reason_is_given(outcomes: Harness, years: Years) -> None:
    found = get(outcomes, years, "practice").json
    assert (found["whole"]["residual"]["value"], found["whole"]["residual"]["missing"]) == (None, "no_model")
    assert found["models"] == {}
    assert get(outcomes, years, "funnel").json["measure"] == "improved"


def test_residuals_are_those_that_pay_looks_at(
    outcomes: Harness, years: Years, model: PredictionModel, judged: PracticePerformance
) -> None:
    publish(outcomes, model)
    found = get(outcomes, years, "practice").json
    assert found["models"] == {str(years[1][0].opened_at.year): model.version}
    one = judged.therapists[0]
    own = get(outcomes, years, f"therapists/{one.therapist_id}").json["whole"]["residual"]
    assert own["value"] == pytest.approx(one.mean_residual, abs=1e-4)
    assert own["episodes"] == one.followed_up
    assert own["low"] < own["value"] < own["high"]


def test_a_model_does_not_judge_the_year_that_it_was_made_from(
    outcomes: Harness, years: Years, model: PredictionModel
) -> None:
    publish(outcomes, model)
    year = years[0][0].opened_at.year
    found = outcomes.as_("owner").get(f"/v1/results/practice?from={year}-01-01&to={year}-12-31").json
    assert (found["models"], found["whole"]["residual"]["missing"]) == ({}, "no_model")


def test_the_funnel_of_residuals_carries_its_checks(
    outcomes: Harness, years: Years, model: PredictionModel, judged: PracticePerformance
) -> None:
    publish(outcomes, model)
    found = get(outcomes, years, "funnel").json
    points = {point["group"]: point for point in found["funnel"]["points"]}
    for therapist in judged.therapists:
        if therapist.therapist_id in points:
            point = points[therapist.therapist_id]
            assert point["value"] == pytest.approx(therapist.mean_residual, abs=1e-4)
            assert point["episodes"] == pytest.approx(therapist.n_eff, abs=0.06)
    assert len(points) >= 10
    assert found["funnel"]["overdispersion"]["p_value"] is not None
    assert found["funnel"]["case_mix"]["episodes"] > 200


def test_a_therapist_sees_the_own_point_among_nameless_ones(
    outcomes: Harness, years: Years, model: PredictionModel, judged: PracticePerformance
) -> None:
    publish(outcomes, model)
    own, *others = [therapist.therapist_id for therapist in judged.therapists]
    found = get(outcomes, years, "funnel", "therapist", own)
    assert [point["group"] for point in found.json["funnel"]["points"] if point["group"]] == [own]
    seen = [found.text, get(outcomes, years, f"therapists/{own}?format=html", "therapist", own).text]
    seen += [get(outcomes, years, f"funnel?format={form}", "therapist", own).text for form in ("csv", "svg")]
    for text in seen:
        assert [id_ for id_ in others if json.dumps(id_) in text or f">{id_}<" in text or f",{id_}," in text] == []
