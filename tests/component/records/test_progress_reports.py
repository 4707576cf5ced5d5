"""Progress reports of outcomes-svc stand beside the record: the newest state of each, for those who treat."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fascia.contracts import contract

pytestmark = pytest.mark.embedded
GOLDEN = Path(__file__).parents[2] / "contract" / "golden" / "progress.reported.v1.json"


def told(patient_id: str, **changes: Any) -> dict[str, Any]:
    """A report's data as it is published."""
    data = json.loads(GOLDEN.read_text())
    return {**contract("progress.reported").schema().load(data), "patient_id": patient_id, **changes}


def reports(practice: Any, patient_id: str) -> list[dict[str, Any]]:
    answer = practice.desk.get(f"/v1/patients/{patient_id}/progress-reports")
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def test_a_report_is_shown_with_its_figures_and_the_read_is_in_the_trail(practice: Any) -> None:
    patient = practice.patient()["id"]
    practice.harness.deliver("progress.reported", told(patient), sequence=6)
    (report,) = reports(practice, patient)
    assert (report["visits"], len(report["visited_at"]), report["action"]) == (6, 6, "continue")
    assert (report["primary"]["baseline"], report["primary"]["current"], report["primary"]["judgement"]) == (
        7,
        4,
        "improved",
    )
    assert [(row["instrument"], row["rci"]) for row in report["function"]] == [
        ("promis-physical-function-4a-v2.0", 2.42)
    ]
    assert (report["requested"], report["answered"]) == (3, 2)
    trail = practice.harness.as_("auditor").get(f"/v1/audit?patient_id={patient}").json["items"]
    assert (trail[0]["action"], trail[0]["resource"], trail[0]["subject"]) == ("read", "progress-report", "clerk-1")


def test_the_newest_state_counts_in_whatever_order_it_comes(practice: Any) -> None:
    patient = practice.patient()["id"]
    event = practice.harness.event("progress.reported", told(patient, action="discharge"), sequence=9)
    practice.harness.redeliver(event)
    practice.harness.deliver("progress.reported", told(patient), sequence=6)
    practice.harness.redeliver(event)
    (report,) = reports(practice, patient)
    assert report["action"] == "discharge"
    practice.harness.deliver("progress.reported", told(patient, state="withdrawn"), sequence=10)
    assert reports(practice, patient) == []


def test_a_report_without_a_score_says_so(practice: Any) -> None:
    patient = practice.patient()["id"]
    bare = {"primary": None, "function": [], "reason": "not_measured", "visits_per_week": None}
    practice.harness.deliver("progress.reported", told(patient, **bare), sequence=6)
    (report,) = reports(practice, patient)
    assert (report["primary"], report["function"], report["reason"]) == (None, [], "not_measured")


def test_who_may_read_reports(practice: Any) -> None:
    patient = practice.patient()["id"]
    practice.harness.deliver("progress.reported", told(patient), sequence=6)
    path = f"/v1/patients/{patient}/progress-reports"
    assert practice.therapist.get(path).status_code == 403
    practice.harness.deliver("appointment.booked", practice.appointment(patient, None), sequence=1)
    assert practice.therapist.get(path).status_code == 200
    for role in ("dispatcher", "biller", "patient", "service"):
        assert practice.harness.as_(role).get(path).status_code == 403
    assert practice.harness.as_("owner", "other").get(path).status_code == 404
    assert practice.desk.get("/v1/patients/no-such/progress-reports").status_code == 404
