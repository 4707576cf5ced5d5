"""FHIR NDJSON taken in over HTTP: everything usable once, everything else named."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import fascia.devset

pytestmark = pytest.mark.embedded

ORDER = ("Organization", "Practitioner", "Patient", "Condition", "AllergyIntolerance", "MedicationRequest")
DEMO = Path(fascia.devset.__file__).parent / "demo_practice"
SYNTHEA = Path(
    os.environ.get("FASCIA_SYNTHEA_DIR") or Path(__file__).parents[3].parent / "shared" / "data" / "synthea-ma"
)


def patient(source_id: str = "p1", **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": source_id,
        "name": [{"family": "Sample-01", "given": ["Ada"]}],
        "telecom": [{"system": "phone", "value": "617-555-0101"}],
        "birthDate": "1980-05-17",
        **changes,
    }


def order(source_id: str, patient_id: str = "p1", code: str = "855332", display: str = "Warfarin") -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": source_id,
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {
            "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": code, "display": display}]
        },
        "subject": {"reference": f"Patient/{patient_id}"},
    }


def send(practice: Any, *lines: Any, first_line: int = 1) -> Any:
    body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    return practice.desk.request(
        "POST",
        f"/v1/imports/fhir?first_line={first_line}",
        data=body,
        content_type="application/fhir+ndjson",
    )


def test_a_line_that_is_cut_off_is_reported_and_the_rest_comes_in(practice: Any) -> None:
    answer = send(practice, patient("p1"), json.dumps(patient("p2")).encode()[:90], patient("p3"), first_line=101)
    assert answer.status_code == 200
    assert answer.json["counts"] == {"created": 2, "updated": 0, "unchanged": 0, "rejected": 1}
    bad = answer.json["lines"][1]
    assert (bad["line"], bad["outcome"]) == (102, "rejected")
    assert "cut off" in bad["reason"]
    assert bad["fix"]
    assert len(practice.desk.get("/v1/patients").json["items"]) == 2


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"resourceType": "Patient", "id": "x", "name": [{"family": "A", "given": ["B"]}]}, "birthDate"),
        (patient(birthDate="1980"), "birthDate"),
        (patient(birthDate="2999-01-01"), "birth_date"),
        (patient(name="nobody"), "name"),
        ({"resourceType": "Patient"}, "id"),
        ({"resourceType": "Observation", "id": "o1"}, "resourceType"),
        (order("m1", "nobody"), "subject"),
        ({**order("m1"), "status": "eaten"}, "status"),
        ({"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"}}, "code"),
        ([1, 2], ""),
        (b"\xff\xfe", ""),
        (b'{"resourceType":"Patient","id":"\\ud800"}', ""),
    ],
)
def test_what_cannot_be_used_is_named(practice: Any, line: Any, field: str) -> None:
    (result,) = send(practice, line).json["lines"]
    assert (result["outcome"], result["field"]) == ("rejected", field)
    assert result["reason"]
    assert practice.harness.published() == []


def test_an_unusable_part_is_left_out_and_remarked_on(practice: Any) -> None:
    odd = patient(telecom=[{"system": "phone", "value": "none"}], deceasedDateTime="2020-01-01")
    (result,) = send(practice, odd).json["lines"]
    assert result["outcome"] == "created"
    assert any(remark.startswith("phone left out") for remark in result["remarks"])
    (known,) = practice.desk.get("/v1/patients").json["items"]
    assert (known["phone"], known["deceased"], known["imported"]) == (None, True, True)
    assert known["contact_consent"] == {"sms": False, "email": False}


def test_a_changed_line_changes_what_the_source_knows_and_nothing_else(practice: Any) -> None:
    send(practice, patient())
    (known,) = practice.desk.get("/v1/patients").json["items"]
    changes = {"contact_consent": {"sms": True}, "door_notes": "Ring twice"}
    practice.desk.patch(f"/v1/patients/{known['id']}", changes, headers={"If-Match": '"1"'})
    assert send(practice, patient()).json["counts"]["unchanged"] == 1
    moved = patient(telecom=[{"system": "phone", "value": "617-555-0102"}])
    assert send(practice, moved).json["counts"]["updated"] == 1
    (now,) = practice.desk.get("/v1/patients").json["items"]
    assert (now["phone"], now["version"], now["door_notes"]) == ("+16175550102", 3, "Ring twice")
    assert now["contact_consent"]["sms"] is True
    assert practice.harness.published("patient.updated")[-1].sequence == 3


def test_one_id_in_two_lines_of_a_chunk_is_taken_once(practice: Any) -> None:
    answer = send(practice, patient(), patient(), patient(birthDate="1981-01-01"))
    assert [line["outcome"] for line in answer.json["lines"]] == ["created", "unchanged", "rejected"]


def test_another_practice_gets_records_of_its_own(practice: Any) -> None:
    here = send(practice, patient()).json["lines"][0]["id"]
    body = json.dumps(patient()).encode()
    other = practice.harness.as_("admin", practice_id="other")
    there = other.request("POST", "/v1/imports/fhir", data=body, content_type="application/fhir+ndjson")
    assert there.json["lines"][0]["outcome"] == "created"
    assert there.json["lines"][0]["id"] != here


def test_another_media_type_and_another_role_are_refused(practice: Any) -> None:
    wrong = practice.desk.request("POST", "/v1/imports/fhir", data=b"{}", content_type="text/csv")
    assert wrong.status_code == 415
    body = json.dumps(patient()).encode()
    forbidden = practice.therapist.request(
        "POST", "/v1/imports/fhir", data=body, content_type="application/fhir+ndjson"
    )
    assert forbidden.status_code == 403


def test_an_imported_anticoagulant_needs_clearance_first(practice: Any) -> None:
    patient_id = send(practice, patient(), order("m1")).json["lines"][0]["id"]
    practice.intake(patient_id)
    present = practice.therapist.get(f"/v1/patients/{patient_id}/red-flags").json
    assert [(flag["code"], flag["origin"]) for flag in present["items"]] == [("anticoagulants", "medication")]
    assert (present["intake_signed"], present["result"]) == (True, "needs_clearance")
    evaluation = practice.draft(patient_id).json
    refused = practice.sign(f"/v1/evaluations/{evaluation['id']}", 1)
    assert (refused.status_code, refused.json["code"]) == (422, "red-flag-contradicts-result")
    assert "medication" in refused.json["detail"]


def test_an_anticoagulant_that_comes_later_withdraws_the_clearance(practice: Any) -> None:
    patient_id = send(practice, patient(), order("m1", code="310965", display="Ibuprofen")).json["lines"][0]["id"]
    practice.intake(patient_id)
    evaluation = practice.draft(patient_id).json
    assert practice.sign(f"/v1/evaluations/{evaluation['id']}", 1).status_code == 200
    send(practice, order("m2"))
    event = practice.harness.published("clearance.changed")[-1]
    assert (event.data["verdict"], event.data["reasons"]) == ("needs_clearance", ["anticoagulants"])


def _import_folder(practice: Any, folder: Path) -> Counter[tuple[str, str]]:
    outcomes: Counter[tuple[str, str]] = Counter()
    for name in ORDER:
        lines = (folder / f"{name}.ndjson").read_bytes().splitlines()
        for start in range(0, len(lines), 500):
            answer = send(practice, *lines[start : start + 500], first_line=start + 1)
            assert answer.status_code == 200, answer.json
            outcomes.update((line["resource_type"], line["outcome"]) for line in answer.json["lines"])
    return outcomes


def _every(practice: Any, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = practice.desk.get(f"{path}?limit=200{cursor}").json
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = f"&cursor={page['next_cursor']}"


def test_the_demo_practice_comes_in_whole(practice: Any) -> None:
    outcomes = _import_folder(practice, DEMO)
    assert {outcome for _, outcome in outcomes} == {"created"}
    patients = _every(practice, "/v1/patients")
    assert len(patients) == 60
    for known in patients:
        assert known["address"]["state"] == "MA"
        assert known["address"]["coordinates"] is not None
        assert known["phone"].startswith("+1617555")
        assert known["email"].endswith("@example.org")
        assert known["time_zone"] == "America/New_York"


@pytest.mark.timeout(400)  # dropping a database of this size alone takes the embedded one many seconds
@pytest.mark.skipif(not SYNTHEA.is_dir(), reason=f"no Synthea export at {SYNTHEA}: set FASCIA_SYNTHEA_DIR")
def test_a_real_export_comes_in_whole_and_a_second_time_changes_nothing(practice: Any) -> None:
    outcomes = _import_folder(practice, SYNTHEA)
    assert {outcome for _, outcome in outcomes} == {"created"}
    assert outcomes["Patient", "created"] == 304
    patients = _every(practice, "/v1/patients")
    assert len(patients) == 304
    for known in patients:
        assert known["address"]["coordinates"] is not None
        assert known["address"]["state"] == "MA"
        assert known["phone"].startswith("+1555")
        assert known["deceased"] is False
    assert {known["language"] for known in patients} >= {"en-US", "es", "zh", "pt", "fr", "el", "de-DE", "it"}
    database = practice.harness.runtime.database
    assert database["conditions"].count_documents({}) == 2037
    assert database["medications"].count_documents({}) == 1827
    assert len(practice.harness.published("patient.registered")) == 304
    before = practice.harness.raw()
    again = _import_folder(practice, SYNTHEA)
    assert {outcome for _, outcome in again} == {"unchanged"}
    assert practice.harness.raw() == before
