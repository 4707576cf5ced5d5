"""From registration to a completed session, as the clerk, the therapist and the other services see it."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.embedded


def test_a_registered_patient_is_published_whole_and_rests_sealed(practice: Any) -> None:
    patient = practice.patient()
    assert patient["phone"] == "+16175550101"
    (event,) = practice.harness.published("patient.registered")
    assert (event.key, event.sequence) == (patient["id"], 1)
    assert event.data["given_name"] == "Ada"
    assert event.data["address"]["coordinates"] == {"latitude": 42.3736, "longitude": -71.1097}
    raw = practice.harness.raw()
    for secret in ("Ada", "Sample-01", "5550101", "example.org", "Sample Street", "Ring twice", "1980-05-17"):
        assert secret not in raw


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phone", "12345"),
        ("email", "not a mail"),
        ("time_zone", "Boston"),
        ("birth_date", "2999-01-01"),
        ("language", "!!"),
        ("family_name", " "),
    ],
)
def test_what_is_wrong_with_a_patient_is_named_with_its_fix(practice: Any, field: str, value: str) -> None:
    body = {"given_name": "Ada", "family_name": "Sample", "birth_date": "1980-05-17", "time_zone": "America/New_York"}
    answer = practice.desk.post("/v1/patients", {**body, field: value})
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    (error,) = answer.json["errors"]
    assert error["field"] == field
    assert error["fix"]
    assert practice.harness.published() == []


def test_a_change_needs_the_version_that_it_is_based_on(practice: Any) -> None:
    patient = practice.patient()
    path = f"/v1/patients/{patient['id']}"
    assert practice.desk.patch(path, {"door_notes": "Side door"}).status_code == 428
    changed = practice.desk.patch(path, {"door_notes": "Side door"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json["version"], changed.headers["ETag"]) == (200, 2, '"2"')
    assert practice.desk.patch(path, {"phone": None}, headers={"If-Match": '"1"'}).status_code == 412
    (event,) = practice.harness.published("patient.updated")
    assert (event.sequence, event.data["door_notes"], event.data["given_name"]) == (2, "Side door", "Ada")


def test_a_change_that_changes_nothing_is_not_published(practice: Any) -> None:
    patient = practice.patient()
    answer = practice.desk.patch(f"/v1/patients/{patient['id']}", {"given_name": "Ada"}, headers={"If-Match": '"1"'})
    assert answer.json["version"] == 1
    assert practice.harness.published("patient.updated") == []


def test_no_care_is_planned_for_who_died(practice: Any) -> None:
    patient = practice.patient()
    practice.desk.patch(f"/v1/patients/{patient['id']}", {"deceased": True}, headers={"If-Match": '"1"'})
    assert practice.harness.published("patient.updated")[0].data["deceased"] is True
    for answer in (practice.intake(patient["id"]), practice.draft(patient["id"])):
        assert (answer.status_code, answer.json["code"]) == (409, "patient-deceased")


def test_patients_of_another_practice_do_not_exist(practice: Any) -> None:
    patient = practice.patient()
    stranger = practice.harness.as_("admin", practice_id="other")
    for path in ("", "/intakes", "/evaluations", "/prescriptions", "/notes", "/conditions", "/clearance"):
        assert stranger.get(f"/v1/patients/{patient['id']}{path}").status_code == 404
    assert stranger.get("/v1/patients").json["items"] == []


def test_a_patient_is_found_by_phone_in_any_spelling(practice: Any) -> None:
    patient = practice.patient()
    practice.patient(phone="617-555-0102")
    found = practice.desk.get("/v1/patients?phone=(617) 555-0101").json["items"]
    assert [item["id"] for item in found] == [patient["id"]]


def test_an_unanswered_red_flag_is_not_a_no(practice: Any) -> None:
    patient = practice.patient()
    answer = practice.intake(patient["id"], answers={"fever": False})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"].startswith("answers.")


def test_a_minor_needs_a_guardians_written_permission(practice: Any) -> None:
    child = practice.patient(birth_date="2015-03-01")
    refused = practice.intake(child["id"])
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "guardian")
    guardian = {"name": "Grace Sample", "relationship": "mother", "permission": True}
    assert practice.intake(child["id"], guardian=guardian).status_code == 201
    assert "Grace" not in practice.harness.raw()


def test_signing_needs_an_intake_and_a_result_that_it_allows(practice: Any) -> None:
    patient = practice.patient()
    evaluation = practice.draft(patient["id"]).json
    path = f"/v1/evaluations/{evaluation['id']}"
    missing = practice.sign(path, 1)
    assert (missing.status_code, missing.json["code"]) == (422, "intake-missing")
    intake = practice.intake(patient["id"], "anticoagulants")
    assert [(flag["code"], flag["action"]) for flag in intake.json["red_flags"]] == [
        ("anticoagulants", "clearance_first")
    ]
    assert intake.json["result"] == "needs_clearance"
    refused = practice.sign(path, 1)
    assert (refused.status_code, refused.json["code"]) == (422, "red-flag-contradicts-result")
    body = {
        "condition_codes": ["M54.2"],
        "result": "cleared",
        "physician_clearances": [
            {"red_flag": "anticoagulants", "cleared_by": "Dr. Sample", "cleared_on": "2027-01-10"}
        ],
    }
    assert practice.therapist.put(path, body, headers={"If-Match": '"1"'}).json["version"] == 2
    assert practice.sign(path, 2).json["state"] == "signed"
    (event,) = practice.harness.published("clearance.changed")
    assert (event.data["verdict"], event.data["reasons"], event.sequence) == ("cleared", ["anticoagulants"], 1)
    (signed,) = practice.harness.published("evaluation.signed")
    assert signed.data["condition_codes"] == ["M54.2"]


def test_only_leaf_diagnoses_are_taken(practice: Any) -> None:
    patient = practice.patient()
    answer = practice.draft(patient["id"], condition_codes=["M54.2", "M54.5"])
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "condition_codes.1"
    assert "M54.50" in answer.json["errors"][0]["fix"]


def test_another_therapist_cannot_sign(practice: Any) -> None:
    patient = practice.patient()
    practice.intake(patient["id"])
    evaluation = practice.draft(patient["id"]).json
    other = practice.harness.as_("therapist", subject="therapist-2")
    assert practice.sign(f"/v1/evaluations/{evaluation['id']}", 1, other).status_code == 403


def test_a_new_evaluation_supersedes_the_one_before(practice: Any) -> None:
    patient = practice.cleared_patient()
    second = practice.draft(
        patient["id"], result="restricted", restrictions={"avoid_areas": ["neck"]}, expires_on="2027-04-30"
    ).json
    practice.sign(f"/v1/evaluations/{second['id']}", 1)
    states = [item["state"] for item in practice.desk.get(f"/v1/patients/{patient['id']}/evaluations").json["items"]]
    assert states == ["signed", "superseded"]
    clearance = practice.desk.get(f"/v1/patients/{patient['id']}/clearance").json
    assert (clearance["verdict"], clearance["version"], clearance["avoid_areas"]) == ("restricted", 2, ["neck"])
    assert clearance["expires_on"] == "2027-04-30"


def test_a_new_red_flag_withdraws_the_clearance(practice: Any) -> None:
    patient = practice.cleared_patient()
    practice.intake(patient["id"], "suspected_clot")
    event = practice.harness.published("clearance.changed")[-1]
    assert (event.data["verdict"], event.data["reasons"], event.sequence) == ("declined", ["suspected_clot"], 2)


def test_an_amended_evaluation_says_what_it_said_before(practice: Any) -> None:
    patient = practice.cleared_patient()
    signed = practice.desk.get(f"/v1/patients/{patient['id']}/evaluations").json["items"][0]
    body = {"condition_codes": ["M54.2"], "result": "needs_clearance", "reason": "New lab result"}
    path = f"/v1/evaluations/{signed['id']}/amendments"
    amended = practice.therapist.post(path, body, headers={"If-Match": '"2"'}).json
    assert (amended["state"], amended["amendments"][0]["before"]["result"]) == ("amended", "cleared")
    assert practice.harness.published("clearance.changed")[-1].data["verdict"] == "needs_clearance"


def test_a_wrong_npi_is_refused(practice: Any) -> None:
    patient = practice.patient()
    body = {
        "prescriber": {"name": "Dr. Sample", "npi": "1234567890"},
        "visits": 6,
        "starts_on": "2027-01-01",
        "expires_on": "2027-06-30",
        "condition_codes": ["M54.2"],
    }
    answer = practice.desk.post(f"/v1/patients/{patient['id']}/prescriptions", body)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "prescriber.npi")


def test_visits_are_counted_per_claim_and_a_new_referral_does_not_reset_them(practice: Any) -> None:
    patient = practice.cleared_patient()
    first = practice.claim(patient["id"], visits=1, claim_id="L-1")
    assert first["state"] == "active"
    appointment = practice.appointment(patient["id"], "L-1")
    practice.completed(appointment)
    note = practice.note("appointment-1").json
    practice.sign(f"/v1/notes/{note['id']}", 1)
    assert practice.desk.get(f"/v1/prescriptions/{first['id']}").json["state"] == "exhausted"
    practice.claim(patient["id"], visits=4, claim_id="L-1")
    ledger = practice.desk.get("/v1/claims/L-1/ledger").json
    assert (ledger["authorised"], ledger["reserved"], ledger["consumed"], ledger["remaining"]) == (5, 0, 1, 4)
    assert practice.desk.get(f"/v1/prescriptions/{first['id']}").json["state"] == "active"
    versions = [
        (event.sequence, event.data["visits_authorised"])
        for event in practice.harness.published("prescription.activated")
    ]
    assert versions == [(1, 1), (2, 5)]


def test_a_revoked_prescription_leaves_what_the_others_allow(practice: Any) -> None:
    patient = practice.patient()
    first = practice.claim(patient["id"], visits=6, claim_id="L-2")
    practice.claim(patient["id"], visits=3, claim_id="L-2")
    path = f"/v1/prescriptions/{first['id']}/revocation"
    revoked = practice.desk.post(path, {"reason": "Withdrawn"}, headers={"If-Match": '"2"'})
    assert revoked.json["state"] == "revoked"
    events = [(event.type, event.sequence) for event in practice.harness.published() if event.key == "L-2"]
    assert events[-2:] == [("prescription.revoked", 3), ("prescription.activated", 4)]
    assert practice.desk.get("/v1/claims/L-2/ledger").json["authorised"] == 3


def test_a_claim_belongs_to_one_patient(practice: Any) -> None:
    practice.claim(practice.patient()["id"], claim_id="L-3")
    other = practice.patient()
    body = {
        "claim_id": "L-3",
        "prescriber": {"name": "Dr. Sample", "npi": "1234567893"},
        "visits": 6,
        "starts_on": "2027-01-01",
        "expires_on": "2027-06-30",
        "condition_codes": ["M54.2"],
    }
    assert practice.desk.post(f"/v1/patients/{other['id']}/prescriptions", body).status_code == 409


def test_the_ledger_follows_bookings_and_cancellations(practice: Any) -> None:
    patient = practice.cleared_patient()
    practice.claim(patient["id"], claim_id="L-4")
    first = practice.appointment(patient["id"], "L-4", "a-1")
    second = practice.appointment(patient["id"], "L-4", "a-2")
    practice.harness.deliver("appointment.booked", first, sequence=1)
    practice.harness.deliver("appointment.booked", second, sequence=1)
    cancelled = {**second, "version": 2, "late": False, "reason": "patient"}
    practice.harness.deliver("appointment.cancelled", cancelled, sequence=2)
    practice.harness.deliver("appointment.booked", second, sequence=1)
    ledger = practice.desk.get("/v1/claims/L-4/ledger").json
    assert (ledger["reserved"], ledger["remaining"], ledger["differences"]) == (1, 5, [])
    assert sorted((entry["appointment_id"], entry["use"]) for entry in ledger["entries"]) == [
        ("a-1", "reserved"),
        ("a-2", "released"),
    ]


def test_a_signed_note_completes_the_session_without_its_text(practice: Any) -> None:
    patient = practice.cleared_patient()
    practice.claim(patient["id"], claim_id="L-5")
    appointment = practice.appointment(patient["id"], "L-5")
    practice.harness.deliver("appointment.booked", appointment, sequence=1)
    note = practice.note("appointment-1")
    assert note.status_code == 201
    path = f"/v1/notes/{note.json['id']}"
    early = practice.sign(path, 1)
    assert (early.status_code, early.json["code"]) == (409, "visit-not-completed")
    times = {"started_at": appointment["starts_at"], "ended_at": appointment["ends_at"]}
    practice.harness.deliver("appointment.completed", {**appointment, "version": 2, **times}, sequence=2)
    signed = practice.sign(path, 1)
    assert (signed.status_code, signed.json["state"]) == (200, "signed")
    assert signed.headers["Fascia-Event"].startswith("session.completed/")
    (event,) = practice.harness.published("session.completed")
    assert (event.key, event.data["claim_id"], event.data["treated_minutes"]) == (note.json["id"], "L-5", 45)
    assert event.data["measures"] == [{"instrument": "NPRS", "answers": {"pain": 6.0}}]
    assert event.data["condition_codes"] == ["M54.2"]
    assert "secret-word" not in str(event.data)
    assert "secret-word" not in practice.harness.raw()
    assert practice.desk.get("/v1/claims/L-5/ledger").json["consumed"] == 1


def test_a_visit_has_one_signed_note(practice: Any) -> None:
    patient = practice.cleared_patient()
    practice.completed(practice.appointment(patient["id"], None))
    first, second = practice.note("appointment-1").json, practice.note("appointment-1").json
    assert practice.sign(f"/v1/notes/{first['id']}", 1).status_code == 200
    again = practice.sign(f"/v1/notes/{second['id']}", 1)
    assert (again.status_code, again.json["code"]) == (409, "visit-already-signed")
    wrong = practice.therapist.post(
        f"/v1/notes/{first['id']}/entered-in-error", {"reason": "Wrong patient"}, headers={"If-Match": '"2"'}
    )
    assert wrong.json["state"] == "entered_in_error"
    assert practice.sign(f"/v1/notes/{second['id']}", 1).status_code == 200
    states = [item["state"] for item in practice.therapist.get(f"/v1/patients/{patient['id']}/notes").json["items"]]
    assert sorted(states) == ["entered_in_error", "signed"]


def test_only_the_therapist_of_the_visit_writes_its_note(practice: Any) -> None:
    patient = practice.cleared_patient()
    practice.completed(practice.appointment(patient["id"], None))
    note = practice.note("appointment-1").json
    other = practice.harness.as_("therapist", subject="therapist-2")
    assert practice.sign(f"/v1/notes/{note['id']}", 1, other).status_code == 403
    body = {"appointment_id": "appointment-1", "soap": {}, "treated_minutes": 30}
    assert other.post("/v1/notes", body).status_code == 403


def test_an_incomplete_or_too_long_note_is_not_signed(practice: Any) -> None:
    patient = practice.cleared_patient()
    practice.completed(practice.appointment(patient["id"], None))
    note = practice.note("appointment-1", soap={"subjective": "Pain"}).json
    answer = practice.sign(f"/v1/notes/{note['id']}", 1)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "soap.objective")
    assert practice.note("appointment-1", treated_minutes=90).status_code == 422


def test_an_amended_note_is_published_again_with_its_version(practice: Any) -> None:
    patient = practice.cleared_patient()
    practice.completed(practice.appointment(patient["id"], None))
    note = practice.note("appointment-1").json
    practice.sign(f"/v1/notes/{note['id']}", 1)
    body = {
        "reason": "Pain was entered wrongly",
        "soap": note["treatment"]["soap"],
        "techniques": ["myofascial_release"],
        "areas": ["neck"],
        "treated_minutes": 45,
        "measures": [{"instrument": "NPRS", "answers": {"pain": 4}}],
    }
    path = f"/v1/notes/{note['id']}/amendments"
    amended = practice.therapist.post(path, body, headers={"If-Match": '"2"'}).json
    assert (amended["state"], amended["version"]) == ("amended", 3)
    assert amended["amendments"][0]["before"]["measures"][0]["answers"] == {"pain": 6.0}
    (event,) = practice.harness.published("session.amended")
    assert (event.sequence, event.data["measures"][0]["answers"]) == (3, {"pain": 4.0})


def test_a_discarded_draft_stays_visible_and_is_never_signed(practice: Any) -> None:
    patient = practice.cleared_patient()
    practice.completed(practice.appointment(patient["id"], None))
    note = practice.note("appointment-1").json
    path = f"/v1/notes/{note['id']}"
    assert practice.therapist.delete(path, headers={"If-Match": '"1"'}).json["state"] == "discarded"
    assert practice.sign(path, 2).status_code == 409


def test_a_note_of_an_unknown_appointment_is_not_written(practice: Any) -> None:
    assert practice.note("nowhere").status_code == 404


def test_an_overtaken_event_changes_nothing(practice: Any) -> None:
    patient = practice.cleared_patient()
    appointment = practice.appointment(patient["id"], None)
    practice.completed(appointment)
    practice.harness.deliver("appointment.progressed", {**appointment, "status": "arrived"}, sequence=1)
    note = practice.note("appointment-1").json
    assert practice.sign(f"/v1/notes/{note['id']}", 1).status_code == 200
