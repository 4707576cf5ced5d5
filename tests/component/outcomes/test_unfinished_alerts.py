"""A patient who says that they are in danger and does not finish the form is heard all the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fascia.links import QUESTIONNAIRE, sign_link
from fascia.testing.harness import MONDAY, Harness
from outcomes_svc.assessments.assessment import Assessment
from outcomes_svc.assessments.store import save_assessment
from outcomes_svc.service import SERVICE

pytestmark = pytest.mark.embedded
ITEMS = tuple(f"phq9_{number}" for number in range(1, 10))


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness]) -> Harness:
    harness = harness_of(SERVICE)
    asked = Assessment(
        id="as-1",
        version=1,
        patient_id="p-1",
        episode_id="e-1",
        session_id=None,
        therapist_id="t-1",
        instrument="PHQ-9",
        instrument_version="1",
        items=ITEMS,
        due_at=MONDAY,
        expires_at=MONDAY + timedelta(days=7),
    )
    harness.runtime.transaction("demo", lambda uow: save_assessment(uow, asked))
    return harness


def send(outcomes: Harness, answers: dict[str, int]) -> Any:
    return outcomes.as_("patient", subject="p-1").post("/v1/assessments/as-1/answers", {"answers": answers})


def levels(outcomes: Harness) -> list[str]:
    return [event.data["level"] for event in outcomes.published("outcome.alert")]


def test_an_incomplete_form_is_turned_away_and_alerts_once(outcomes: Harness) -> None:
    for _ in range(2):
        assert send(outcomes, {"phq9_1": 1, "phq9_9": 1}).status_code == 422
    assert levels(outcomes) == ["raised"]
    assert outcomes.published("outcome.scored") == []
    (alert,) = outcomes.as_("therapist", subject="t-1").get("/v1/alerts").json["items"]
    assert (alert["kind"], alert["state"]) == ("self_harm", "open")


def test_when_the_patient_finishes_it_is_the_same_alert(outcomes: Harness) -> None:
    send(outcomes, {"phq9_9": 2})
    assert send(outcomes, {**dict.fromkeys(ITEMS, 0), "phq9_9": 2}).status_code == 201
    assert levels(outcomes) == ["raised"]
    (alert,) = outcomes.as_("owner").get("/v1/alerts").json["items"]
    (score,) = outcomes.as_("owner").get("/v1/scores?patient_id=p-1").json["items"]
    assert alert["score_id"] == score["score_id"]


def test_what_was_said_first_is_not_unsaid_by_another_answer(outcomes: Harness) -> None:
    send(outcomes, {"phq9_9": 2})
    assert send(outcomes, dict.fromkeys(ITEMS, 0)).status_code == 201
    (alert,) = outcomes.as_("owner").get("/v1/alerts").json["items"]
    assert alert["state"] == "open"


def test_an_incomplete_form_without_danger_alerts_nobody(outcomes: Harness) -> None:
    assert send(outcomes, {"phq9_1": 3, "phq9_9": 0}).status_code == 422
    assert levels(outcomes) == []


def test_the_page_alerts_too(outcomes: Harness) -> None:
    wording = (Path(__file__).parent / "data" / "questionnaires" / "phq9_ordinals.json").read_bytes()
    brought_in = outcomes.as_("owner").request(
        "POST", "/v1/questionnaires", data=wording, content_type="application/fhir+json"
    )
    assert brought_in.status_code == 201, brought_in.json
    token = sign_link(outcomes.runtime.keyring, QUESTIONNAIRE, "as-1", "demo", MONDAY + timedelta(days=7))
    answer = outcomes.anonymous().post(f"/q/{token}", data={"phq9_9": "3"})
    assert answer.status_code == 422
    assert levels(outcomes) == ["raised"]
