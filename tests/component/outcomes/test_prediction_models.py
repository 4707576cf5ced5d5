"""Prediction models are fitted once, frozen, and open to those whom they judge; a plan can be tried on the past."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fascia.cli import main
from fascia.devset.rest import RestError
from fascia.problem import NotFound
from fascia.testing.harness import Harness
from outcomes_svc.cli import pay_simulate
from outcomes_svc.performance import api as models_api
from outcomes_svc.performance import store as models
from outcomes_svc.performance.prediction import fit
from outcomes_svc.results.episode_result import EpisodeResult, Exclusion
from outcomes_svc.service import SERVICE
from outcomes_svc.simulation import store as simulations
from outcomes_svc.simulation.generated_practice import two_years
from outcomes_svc.simulation.practice_spec import PracticeSpec

pytestmark = pytest.mark.embedded
Rows = dict[int, list[EpisodeResult]]


@pytest.fixture
def history(made_up: Rows) -> Rows:
    """The same for each test, which may change it."""
    return dict(made_up)


@pytest.fixture(scope="module")
def made_up() -> Rows:
    """Two years of a small practice, by the year in which episodes opened."""
    spec = PracticeSpec(therapists=10, least_episodes=30, most_episodes=60, icc=0.2)
    before, after = two_years(spec, np.random.default_rng(31))
    return {before.year: before.rows, after.year: after.rows}


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness], monkeypatch: pytest.MonkeyPatch, history: Rows) -> Harness:
    """A service whose practice has that history; how rows come out of the stores is tested with results."""

    def episode_results(uow: Any, *, opened_from: date, opened_until: date) -> list[EpisodeResult]:
        everything = [row for rows in history.values() for row in rows] if uow.practice_id == "demo" else []
        return [row for row in everything if opened_from <= row.opened_at.date() < opened_until]

    monkeypatch.setattr(models_api, "episode_results", episode_results)
    monkeypatch.setattr(simulations, "episode_results", episode_results)
    return harness_of(SERVICE)


def freeze(outcomes: Harness, year: Any = 2025, role: str = "owner", practice_id: str = "demo") -> Any:
    return outcomes.as_(role, practice_id).post("/v1/prediction-models", {"year": year})


def past(outcomes: Harness, role: str = "owner", **changes: Any) -> Any:
    return outcomes.as_(role).post("/v1/pay/simulations", {"from": "2026-01-01", "until": "2027-01-01", **changes})


def test_a_frozen_model_is_the_one_that_was_fitted(outcomes: Harness, history: Rows) -> None:
    made = freeze(outcomes)
    assert made.status_code == 201, made.json
    fitted = fit(history[2025], 2025)
    assert made.json["version"] == fitted.version
    assert made.json["document"] == fitted.to_document()
    uow = outcomes.runtime.reading("demo")
    kept = models.model_of(uow, 2025)
    assert kept == fitted, "floats come back to the last bit"
    assert kept is not None
    assert [kept.predict(row) for row in history[2026][:30]] == [fitted.predict(row) for row in history[2026][:30]]
    assert models.model_of(uow, 2024) is None
    with pytest.raises(NotFound):
        models.get_model(uow, 2024)


def test_therapists_can_read_what_is_expected_of_their_patients(outcomes: Harness) -> None:
    freeze(outcomes)
    answer = outcomes.as_("therapist", subject="t-001").get("/v1/prediction-models/2025")
    assert answer.status_code == 200, answer.json
    words = {term["column"]: term["words"] for term in answer.json["terms"]}
    assert "improvement" in words["duration: over 12 weeks"]
    assert {point["measure"] for point in answer.json["baseline_curve"]} == {
        measure["measure"] for measure in answer.json["measures"]
    }
    (listed,) = outcomes.as_("therapist").get("/v1/prediction-models").json["items"]
    assert listed == answer.json


def test_a_model_is_frozen(outcomes: Harness) -> None:
    first = freeze(outcomes).json
    again = freeze(outcomes)
    assert (again.status_code, again.json["code"]) == (409, "prediction-model-frozen")
    put = outcomes.as_("owner").put("/v1/prediction-models/2025", {})
    assert (put.status_code, put.json["code"]) == (409, "prediction-model-frozen")
    assert outcomes.as_("owner").get("/v1/prediction-models/2025").json == first


def test_a_year_whose_last_ends_are_still_to_come_waits(outcomes: Harness) -> None:
    early = freeze(outcomes, 2026)
    assert (early.status_code, early.json["code"]) == (422, "year-not-settled")
    assert "2027-06-30" in early.json["errors"][0]["fix"]


def test_too_few_episodes_are_refused_by_name(outcomes: Harness) -> None:
    few = freeze(outcomes, 2024)
    assert (few.status_code, few.json["code"]) == (422, "not-enough-episodes")
    assert few.json["errors"][0]["field"] == "year"
    assert outcomes.as_("owner").get("/v1/prediction-models").json["items"] == []


@pytest.mark.parametrize("year", ["2025", 20.5, None, 1999, True])
def test_a_year_is_a_year(outcomes: Harness, year: Any) -> None:
    assert freeze(outcomes, year).status_code == 422


@pytest.mark.parametrize("role", ["therapist", "biller", "auditor", "dispatcher", "patient"])
def test_only_those_who_run_the_practice_freeze(outcomes: Harness, role: str) -> None:
    assert freeze(outcomes, role=role).status_code == 403


def test_practices_do_not_see_each_others_models(outcomes: Harness) -> None:
    freeze(outcomes)
    other = outcomes.as_("owner", "elsewhere")
    assert other.get("/v1/prediction-models").json["items"] == []
    assert other.get("/v1/prediction-models/2025").status_code == 404
    assert freeze(outcomes, practice_id="elsewhere").json["code"] == "not-enough-episodes"


def test_a_plan_is_tried_on_the_past_by_the_frozen_model(outcomes: Harness) -> None:
    model = freeze(outcomes).json
    answer = past(outcomes)
    assert answer.status_code == 200, answer.json
    found = answer.json
    assert (found["model_version"], found["model_source"]) == (model["version"], "frozen")
    assert [one["therapist_id"] for one in found["therapists"]] == [f"t-{n:03d}" for n in range(1, 11)]
    for one in found["therapists"]:
        own = one["effect"] if one["qualifies"] else 0.0
        fair = min(max(0.10 * (0.7 * found["practice_effect"] + 0.3 * own) / 0.2, 0.0), 0.10)
        assert float(one["rate"]) == pytest.approx(fair, abs=1e-6)
        assert one["qualifies"] is all(gate["passed"] for gate in one["gates"])
        assert (one["base"], one["amount"]) == (None, None), "there is no plan, so there are no rates"
    assert any(one["qualifies"] for one in found["therapists"])


def test_with_a_plan_shares_become_money(outcomes: Harness) -> None:
    rates = [{"setting": s, "per": "session", "amount": "100.00"} for s in ("clinic", "hospital", "private", "mobile")]
    plan = {"effective_from": "2026-01", "currency": "USD", "time_zone": "America/New_York", "rates": rates}
    assert outcomes.as_("owner").post("/v1/pay/plans", plan).status_code == 201
    at = datetime(2026, 5, 10, 15, tzinfo=UTC)
    common = {"patient_id": "p-1", "version": 1, "setting": "clinic", "service_type": "massage", "condition_codes": []}
    times = {"started_at": at, "ended_at": at, "signed_at": at, "treated_minutes": 53, "measures": []}
    for id_ in ("s-1", "s-2"):
        session = {"session_id": id_, "appointment_id": f"a-{id_}", "therapist_id": "t-003", **common, **times}
        outcomes.deliver("session.completed", session)
    found = past(outcomes).json
    assert found["currency"] == "USD"
    paid = {one["therapist_id"]: (one["base"], one["amount"], one["rate"]) for one in found["therapists"]}
    base, amount, rate = paid["t-003"]
    assert (base, amount) == ("200.00", f"{200 * float(rate):.2f}")
    assert paid["t-004"][:2] == ("0.00", "0.00")


def test_without_a_frozen_model_one_is_fitted_on_the_year_before(outcomes: Harness, history: Rows) -> None:
    found = past(outcomes).json
    assert (found["model_source"], found["model_version"]) == ("fitted_for_this", fit(history[2025], 2025).version)
    assert outcomes.as_("owner").get("/v1/prediction-models").json["items"] == [], "nothing of it is kept"


def test_other_terms_give_other_shares(outcomes: Harness) -> None:
    usual = past(outcomes).json
    twice = past(outcomes, outcome={"max_share": "0.20"}).json
    for one, other in zip(usual["therapists"], twice["therapists"], strict=True):
        assert float(other["rate"]) == pytest.approx(2 * float(one["rate"]), abs=2e-6)
    nobody = past(outcomes, outcome={"gates": {"n_eff": 10_000}}).json
    assert not any(one["qualifies"] for one in nobody["therapists"])
    assert {one["rate"] for one in nobody["therapists"]} == {one["practice_rate"] for one in nobody["therapists"]}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"until": "2026-01-01"}, "until"),
        ({"until": "2028-01-01"}, "until"),
        ({"from": "soon"}, "from"),
        ({"outcome": {"practice_weight": "0.9"}}, "outcome.practice_weight"),
        ({"outcome": {"max_share": "-0.1"}}, "outcome.max_share"),
        ({"outcome": {"full_effect": "0"}}, "outcome.full_effect"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_cannot_be_simulated_names_its_field(outcomes: Harness, changes: dict[str, Any], field: str) -> None:
    answer = past(outcomes, **changes)
    assert answer.status_code == 422, answer.json
    assert field in [error["field"] for error in answer.json["errors"]]


def test_a_span_without_patients_is_refused_by_name(outcomes: Harness, history: Rows) -> None:
    nothing = outcomes.as_("owner").post("/v1/pay/simulations", {"from": "2030-01-01", "until": "2030-02-01"})
    assert (nothing.status_code, nothing.json["code"]) == (422, "not-enough-episodes")
    assert nothing.json["errors"][0]["field"] == "from"
    clear = {**history, 2026: [replace(row, excluded=(Exclusion.STAND_IN_INSTRUMENT,)) for row in history[2026]]}
    history.update(clear)
    none = past(outcomes)
    assert (none.status_code, none.json["code"]) == (422, "no-episodes")


@pytest.mark.parametrize("role", ["therapist", "auditor", "patient"])
def test_others_pay_is_not_for_everybody(outcomes: Harness, role: str) -> None:
    assert past(outcomes, role=role).status_code == 403


def test_the_command_shows_who_would_have_got_what(
    outcomes: Harness, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def rest(base: str, token: str) -> Any:
        assert (base, token) == ("http://outcomes.example", "a-token")
        return SimpleNamespace(post=lambda path, body: _answer(outcomes.as_("admin").post(path, body)))

    monkeypatch.setattr(pay_simulate, "Rest", rest)
    words = ["pay", "simulate", "--outcomes-url", "http://outcomes.example/", "--token", "a-token"]
    assert main([*words, "--from", "2026-01-01", "--until", "2027-01-01"]) == 0
    shown = capsys.readouterr().out
    expected = past(outcomes).json
    for one in expected["therapists"]:
        (line,) = [line for line in shown.splitlines() if line.strip().startswith(one["therapist_id"])]
        assert f"{100 * float(one['rate']):.2f} %" in line
        assert ("not counted" not in line) is one["qualifies"]
    assert "There is no pay plan yet" in shown
    assert main([*words, "--from", "2020-01-01", "--until", "2021-01-01"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("fascia pay simulate: ")
    assert error.count("\n") == 1
    assert "a prediction model needs 100" in error
    assert "--practices" in error


def _answer(response: Any) -> Any:
    if response.status_code >= 400:
        raise RestError(response.json["detail"], response.status_code, response.json)
    return SimpleNamespace(body=response.json)
