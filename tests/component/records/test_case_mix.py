"""What results are adjusted for is recorded where it is known, and travels with the event."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.embedded
MIX = {"symptom_weeks": 9.5, "surgery": False, "comorbidities": 2, "payer": "workers_compensation"}


def test_the_case_mix_of_a_signed_evaluation_travels_and_stays_readable(practice: Any) -> None:
    patient = practice.patient(sex="female")
    practice.intake(patient["id"])
    drafted = practice.draft(patient["id"], case_mix=MIX).json
    signed = practice.sign(f"/v1/evaluations/{drafted['id']}", 1).json
    assert signed["content"]["case_mix"] == MIX
    (event,) = practice.harness.published("evaluation.signed")
    assert event.data["case_mix"] == MIX


def test_what_is_not_known_is_null_and_no_zero(practice: Any) -> None:
    patient = practice.patient()
    practice.intake(patient["id"])
    assert practice.draft(patient["id"]).json["content"]["case_mix"] is None
    drafted = practice.draft(patient["id"], case_mix={"payer": "self_pay"}).json
    assert drafted["content"]["case_mix"] == {
        "symptom_weeks": None,
        "surgery": None,
        "comorbidities": None,
        "payer": "self_pay",
    }


@pytest.mark.parametrize(
    ("mix", "field"),
    [
        ({"symptom_weeks": -1}, "case_mix.symptom_weeks"),
        ({"comorbidities": 1.5}, "case_mix.comorbidities"),
        ({"comorbidities": 99}, "case_mix.comorbidities"),
        ({"payer": "a rich uncle"}, "case_mix.payer"),
        ({"surgery": "perhaps"}, "case_mix.surgery"),
        ({"weight": 80}, "case_mix.weight"),
    ],
)
def test_an_impossible_case_mix_is_refused_by_name(practice: Any, mix: dict[str, Any], field: str) -> None:
    answer = practice.draft(practice.patient()["id"], case_mix=mix)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)
    assert answer.json["errors"][0]["fix"]


def test_the_sex_of_a_patient_is_recorded_sealed_changed_and_told(practice: Any) -> None:
    patient = practice.patient(sex="male")
    assert patient["sex"] == "male"
    changed = practice.desk.patch(f"/v1/patients/{patient['id']}", {"sex": None}, headers={"If-Match": '"1"'})
    assert changed.json["sex"] is None
    told = [event.data["sex"] for event in practice.harness.published() if event.type.startswith("patient.")]
    assert told == ["male", None]
    wrong = practice.desk.patch(f"/v1/patients/{patient['id']}", {"sex": "m"}, headers={"If-Match": '"2"'})
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (422, "sex")
    assert '"male"' not in practice.harness.raw()


def test_a_patient_from_another_system_keeps_what_it_says_of_the_sex(practice: Any) -> None:
    def imported(**fields: Any) -> Any:
        line = {
            "resourceType": "Patient",
            "id": "0f9a1b52-6f7a-4b7e-9d0c-0a4a31b1a001",
            "name": [{"family": "Sample-77", "given": ["Ada"]}],
            "birthDate": "1980-05-17",
            **fields,
        }
        answer = practice.desk.request(
            "POST",
            "/v1/imports/fhir",
            data=json.dumps(line).encode(),
            headers={"Content-Type": "application/fhir+ndjson"},
        )
        assert answer.status_code in (200, 201), answer.json
        (patient,) = practice.desk.get("/v1/patients").json["items"]
        return patient["sex"]

    assert imported(gender="unknown") is None
    assert imported(gender="female") == "female"
    assert imported() == "female"
