"""From signed sessions and patients' own answers to the episodes that stand on a statement, each counted or named."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fascia.testing.harness import Harness
from outcomes_svc.service import SERVICE

pytestmark = pytest.mark.embedded
JUNE_2026 = datetime(2026, 6, 10, 15, tzinfo=UTC)


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness]) -> Harness:
    """Three patients of June 2026: one answers at both ends, one does not, for one the therapist took it down."""
    harness = harness_of(SERVICE)
    to(harness, JUNE_2026 - timedelta(days=40))
    rates = [{"setting": name, "amount": "11.50"} for name in ("clinic", "hospital", "private", "mobile")]
    plan = {
        "effective_from": "2026-05",
        "currency": "USD",
        "time_zone": "America/New_York",
        "rates": rates,
        "outcome": {"shadow_until": "2027-04"},
    }
    assert harness.as_("owner").post("/v1/pay/plans", plan).status_code == 201
    to(harness, JUNE_2026 + timedelta(hours=1))
    for patient, measures in (("both", []), ("none", []), ("staff", [{"instrument": "NPRS", "answers": {"pain": 8}}])):
        signed(harness, f"s-{patient}", patient, JUNE_2026, measures=measures)
    answer(harness, "both", 8)
    harness.clock.advance(timedelta(days=84))
    harness.run_job("ask-due")
    answer(harness, "both", 3)
    to(harness, datetime(2027, 5, 10, 16, tzinfo=UTC))
    harness.run_job("close-episodes")
    signed(harness, "s-may", "new", datetime(2027, 5, 10, 15, tzinfo=UTC))
    to(harness, datetime(2027, 6, 2, 14, tzinfo=UTC))
    return harness


def to(harness: Harness, at: datetime) -> None:
    harness.clock.advance(at - harness.clock.now())


def signed(harness: Harness, id_: str, patient: str, at: datetime, version: int = 1, **changes: Any) -> None:
    harness.deliver(
        "session.completed" if version == 1 else "session.amended",
        {
            "session_id": id_,
            "version": version,
            "appointment_id": f"a-{id_}",
            "patient_id": patient,
            "therapist_id": "t-1",
            "setting": "clinic",
            "service_type": "massage-60",
            "condition_codes": ["M54.59"],
            "started_at": at,
            "ended_at": at + timedelta(hours=1),
            "signed_at": at + timedelta(hours=1),
            "treated_minutes": 53,
            "measures": [],
            **changes,
        },
    )


def answer(harness: Harness, patient_id: str, pain: int) -> None:
    patient = harness.as_("patient", subject=patient_id)
    asked = [item for item in patient.get("/v1/assessments").json["items"] if item["state"] == "requested"]
    done = patient.post(f"/v1/assessments/{asked[-1]['assessment_id']}/answers", {"answers": {"pain": pain}})
    assert done.status_code == 201, done.json


def issued(harness: Harness, month: str) -> dict[str, Any]:
    done = harness.as_("owner").post("/v1/pay/statements", {"month": month})
    assert done.status_code == 201, done.json
    (found,) = harness.as_("owner").get(f"/v1/pay/statements?month={month}").json["items"]
    content: dict[str, Any] = json.loads(harness.as_("owner").get(f"/v1/pay/statements/{found['statement_id']}").data)[
        "content"
    ]
    return content


def by_session(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {episode["sessions"][0]: episode for episode in content["inputs"]["outcome"]["episodes"]}


def test_every_episode_stands_there_with_its_scores_or_the_reason_why_it_does_not_count(outcomes: Harness) -> None:
    content = issued(outcomes, "2027-05")
    assert (content["inputs"]["outcome"]["basis"], content["outcome"]["paid"]) == ("no_model", "0.00")
    found = by_session(content)
    both = found["s-both"]
    assert (both["baseline"], both["end"], both["change"]) == ("8.000000", "3.000000", "5.000000")
    scores = outcomes.as_("owner").get("/v1/scores?patient_id=both").json["items"]
    assert {both["baseline_score"], both["end_score"]} == {score["score_id"] for score in scores}
    assert found["s-none"]["excluded"] == ["no_baseline"]
    assert found["s-staff"]["excluded"] == ["baseline_not_by_patient"]
    assert "s-may" not in found, "an episode of the last half year is not settled"


def test_a_baseline_that_an_amendment_moves_out_of_its_window_is_a_line_on_the_next_statement(
    outcomes: Harness,
) -> None:
    before = by_session(issued(outcomes, "2027-05"))["s-both"]
    signed(outcomes, "s-both", "both", JUNE_2026 - timedelta(days=3), version=2)
    to(outcomes, datetime(2027, 7, 2, 14, tzinfo=UTC))
    june = issued(outcomes, "2027-06")
    (line,) = [line for line in june["inputs"]["corrections"] if line["key"] == f"episode:{before['episode_id']}"]
    assert (line["month"], line["cause"], line["difference"]) == ("2027-05", "episode_changed", "0.00")
    assert by_session(june)["s-both"]["excluded"] == ["baseline_outside_window"]
