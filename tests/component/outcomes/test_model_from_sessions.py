"""From signed sessions and patients' own answers to a frozen prediction model, through the real stores."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fascia.backbone.dispatch import Fate
from fascia.testing.harness import MONDAY, Harness
from outcomes_svc.performance import prediction
from outcomes_svc.service import SERVICE

pytestmark = pytest.mark.embedded
PATIENTS = 36
LOST = {"p-07", "p-20"}


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness], monkeypatch: pytest.MonkeyPatch) -> Harness:
    """Patients of two therapists who began on one Monday; all but two answer again 84 days later."""
    monkeypatch.setattr(prediction, "LEAST_FOLLOWED_UP", 34)  # a hundred would show the same and take a minute
    harness = harness_of(SERVICE)
    names = [f"p-{number:02d}" for number in range(PATIENTS)]
    records = [harness.event("session.completed", session(name, number)) for number, name in enumerate(names)]
    with ThreadPoolExecutor(4) as workers:
        assert set(workers.map(harness.redeliver, records)) == {Fate.HANDLED}
    for number, name in enumerate(names):
        answer(harness, name, 5 + number % 5)
    harness.clock.advance(timedelta(days=84))
    harness.run_job("ask-due")
    for number, name in enumerate(names):
        if name not in LOST:
            answer(harness, name, 3 + number % 3)
    harness.clock.advance(timedelta(days=30))
    harness.run_job("close-episodes")
    return harness


def session(patient_id: str, number: int) -> dict[str, Any]:
    return {
        "session_id": f"s-{patient_id}",
        "version": 1,
        "appointment_id": f"a-{patient_id}",
        "patient_id": patient_id,
        "therapist_id": f"t-{number % 2}",
        "setting": "clinic",
        "service_type": "massage-60",
        "condition_codes": ["M54.59"],
        "started_at": MONDAY - timedelta(hours=1),
        "ended_at": MONDAY,
        "signed_at": MONDAY,
        "treated_minutes": 53,
        "measures": [],
    }


def answer(harness: Harness, patient_id: str, pain: int) -> None:
    patient = harness.as_("patient", subject=patient_id)
    asked = [item for item in patient.get("/v1/assessments").json["items"] if item["state"] == "requested"]
    done = patient.post(f"/v1/assessments/{asked[-1]['assessment_id']}/answers", {"answers": {"pain": pain}})
    assert done.status_code == 201, done.json


def test_what_patients_answered_becomes_what_is_expected_of_the_next(outcomes: Harness) -> None:
    owner = outcomes.as_("owner")
    early = owner.post("/v1/prediction-models", {"year": 2027})
    assert (early.status_code, early.json["code"]) == (422, "year-not-settled")
    outcomes.clock.advance(datetime(2028, 7, 3, tzinfo=UTC) - outcomes.clock.now())
    made = owner.post("/v1/prediction-models", {"year": 2027})
    assert made.status_code == 201, made.json
    assert (made.json["episodes"], made.json["therapists"]) == (PATIENTS - len(LOST), 2)
    assert [measure["measure"] for measure in made.json["measures"]] == ["NPRS.v1"]
    curve = sorted((point["baseline"], point["change"]) for point in made.json["baseline_curve"])
    assert curve[0][1] < curve[-1][1], "who began with more pain had more to lose"
    assert "p-0" not in made.text, "a model names no patient"
    assert owner.post("/v1/prediction-models", {"year": 2027}).status_code == 409
