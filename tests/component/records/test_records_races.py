"""Two people at the same moment: one wins, the other is told so, and nothing is there twice."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

pytestmark = pytest.mark.embedded


def at_once(*calls: Any) -> list[Any]:
    with ThreadPoolExecutor(len(calls)) as people:
        return [done.result() for done in [people.submit(call) for call in calls]]


def test_two_notes_of_one_visit_signed_at_once(practice: Any) -> None:
    patient = practice.cleared_patient()
    practice.claim(patient["id"], claim_id="L-1")
    practice.completed(practice.appointment(patient["id"], "L-1"))
    notes = [practice.note("appointment-1").json["id"] for _ in range(4)]
    answers = at_once(*[lambda note=note: practice.sign(f"/v1/notes/{note}", 1) for note in notes])
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len(practice.harness.published("session.completed")) == 1
    assert practice.desk.get("/v1/claims/L-1/ledger").json["consumed"] == 1


def test_two_first_evaluations_signed_at_once(practice: Any) -> None:
    patient = practice.patient()
    practice.intake(patient["id"])
    drafts = [practice.draft(patient["id"]).json["id"] for _ in range(3)]
    answers = at_once(*[lambda draft=draft: practice.sign(f"/v1/evaluations/{draft}", 1) for draft in drafts])
    assert {answer.status_code for answer in answers} <= {200, 409, 412}
    signed = [answer for answer in answers if answer.status_code == 200]
    items = practice.desk.get(f"/v1/patients/{patient['id']}/evaluations").json["items"]
    assert [item["state"] for item in items].count("signed") == 1
    sequences = [event.sequence for event in practice.harness.published("clearance.changed")]
    assert sorted(sequences) == list(range(1, len(signed) + 1))


def test_prescriptions_of_one_new_claim_at_once(practice: Any) -> None:
    patient = practice.patient()
    at_once(*[lambda: practice.claim(patient["id"], visits=2, claim_id="L-2") for _ in range(3)])
    assert practice.desk.get("/v1/claims/L-2/ledger").json["authorised"] == 6
    events = practice.harness.published("prescription.activated")
    assert sorted((event.sequence, event.data["visits_authorised"]) for event in events) == [(1, 2), (2, 4), (3, 6)]


def test_one_folder_imported_twice_at_once(practice: Any) -> None:
    lines = [
        {
            "resourceType": "Patient",
            "id": f"p{number}",
            "name": [{"family": f"Sample-{number:02d}", "given": ["Ada"]}],
            "birthDate": "1980-05-17",
        }
        for number in range(20)
    ]
    body = "\n".join(json.dumps(line) for line in lines).encode()

    def send() -> Any:
        return practice.desk.request("POST", "/v1/imports/fhir", data=body, content_type="application/fhir+ndjson")

    answers = at_once(send, send)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert sorted(answer.json["counts"]["created"] for answer in answers) == [0, 20]
    assert len(practice.harness.published("patient.registered")) == 20
