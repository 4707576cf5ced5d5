"""Who is sent to a patient: skills, service areas, whom the patient wants, and the pauses of a shift."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.embedded

MONDAY = "2027-01-18"
FAR_AWAY = [
    {"latitude": 10.0, "longitude": 10.0},
    {"latitude": 11.0, "longitude": 10.0},
    {"latitude": 11.0, "longitude": 11.0},
]


def therapists(offers: list[dict[str, Any]]) -> set[str]:
    return {offer["therapist_id"] for offer in offers}


def test_a_service_that_needs_a_skill_is_given_by_those_who_have_it(practice: Any) -> None:
    lymph = {"code": "lymph-60", "name": "Lymphatic drainage", "minutes": 60, "skills": ["lymphatic"]}
    assert practice.made("post", "/v1/service-types", lymph)["skills"] == ["lymphatic"]
    practice.therapist("berta", skills=["lymphatic", "scar-tissue"], service_types=["massage-60", "lymph-60"])
    practice.therapist("carla", service_types=["massage-60", "lymph-60"])
    practice.shift("berta")
    practice.shift("carla")
    practice.patient()
    assert therapists(practice.offers(service_type="lymph-60")) == {"berta"}
    refused = practice.refusal("/v1/holds", practice.slot(therapist_id="carla", service_type="lymph-60"))
    assert refused == "skill-missing"
    slot = practice.slot(therapist_id="carla", skills=["scar-tissue"])
    assert practice.refusal("/v1/holds", slot) == "skill-missing"
    assert practice.hold(therapist_id="berta", skills=["scar-tissue"])["skills"] == ["scar-tissue"]


def test_a_home_outside_the_service_area_is_not_visited(practice: Any) -> None:
    practice.therapist("berta", service_area=FAR_AWAY)
    practice.shift("berta")
    practice.patient()
    assert practice.offers() == []
    assert practice.refusal("/v1/holds", practice.slot(therapist_id="berta")) == "outside-service-area"
    answer = practice.desk.post("/v1/therapists", {"id": "dora", "service_area": FAR_AWAY[:2]})
    assert "service_area" in {error["field"] for error in answer.json["errors"]}


def test_a_refused_therapist_is_neither_offered_nor_booked(practice: Any) -> None:
    practice.therapist("berta")
    practice.shift("alma")
    practice.shift("berta")
    patient = practice.patient()
    path = f"/v1/patients/{patient}/preferences"
    assert practice.desk.get(path).json["refused"] == []
    body = {"preferred": ["berta"], "refused": ["alma"]}
    assert practice.made("put", path, body, 200)["version"] == 1
    assert practice.desk.put(path, body).status_code == 428
    assert practice.desk.put(path, body, headers={"If-Match": '"7"'}).status_code == 412
    assert therapists(practice.offers()) == {"berta"}
    assert practice.refusal("/v1/holds", practice.slot()) == "therapist-refused"
    unknown = practice.desk.put(path, {"preferred": ["nobody"]}, headers={"If-Match": '"1"'})
    assert unknown.status_code == 404
    assert practice.desk.get("/v1/patients/nobody/preferences").status_code == 404


def test_who_treated_a_patient_is_remembered_once_per_session(practice: Any) -> None:
    practice.shift()
    patient = practice.patient()
    booked = practice.book()
    practice.signed(booked)
    practice.signed(booked)
    assert practice.desk.get(f"/v1/patients/{patient}/preferences").json["visits"] == {"alma": 1}


def test_a_window_is_for_visits_at_home(practice: Any) -> None:
    practice.shift()
    practice.patient()
    window = {"promised_from": "2027-01-18T10:00:00-05:00", "promised_until": "2027-01-18T12:00:00-05:00"}
    held = practice.hold(at=f"{MONDAY}T11:00", **window)
    assert (held["promised_from"], held["promised_until"]) == ("2027-01-18T15:00:00Z", "2027-01-18T17:00:00Z")
    # The patient may be visited until an hour after the window: nothing else fits in there for them.
    later = practice.slot(at=f"{MONDAY}T12:45", service_type="evaluation-60")
    assert practice.refusal("/v1/holds", later) == "patient-busy"
    clinic = practice.slot(setting="clinic", location_id="clinic", room_id="room-1", at=f"{MONDAY}T15:00", **window)
    assert practice.desk.post("/v1/holds", clinic).status_code == 422


def test_pauses_are_kept_with_the_shift(practice: Any) -> None:
    pause = {"local_earliest": f"{MONDAY}T11:30", "local_latest": f"{MONDAY}T13:00", "minutes": 30}
    shift = practice.shift(breaks=[pause])
    assert shift["breaks"] == [{"earliest": "2027-01-18T16:30:00Z", "latest": "2027-01-18T18:00:00Z", "minutes": 30}]
    assert practice.desk.get("/v1/therapists/alma/shifts").json[0]["breaks"] == shift["breaks"]
    late = {**pause, "local_latest": f"{MONDAY}T16:45"}
    answer = practice.desk.post(
        "/v1/therapists/alma/shifts",
        {"local_start": "2027-01-19T09:00", "local_end": "2027-01-19T17:00", "breaks": [late]},
    )
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "breaks.0.local_earliest"


def test_a_mobile_shift_may_begin_and_end_at_a_location(practice: Any) -> None:
    # The patient lives where the clinic stands, and berta far away.
    practice.patient()
    practice.therapist("berta", home={"latitude": 42.30, "longitude": -71.25})
    practice.shift("berta", MONDAY)
    practice.shift("berta", "2027-01-19", depot_id="clinic")
    from_home = practice.offers(therapist_id="berta")[0]
    from_clinic = practice.offers(therapist_id="berta", day="2027-01-19")[0]
    assert from_home["added_drive_minutes"] > 30
    assert from_clinic["added_drive_minutes"] == 0
    body = {"local_start": "2027-01-20T09:00", "local_end": "2027-01-20T17:00", "depot_id": "clinic"}
    assert practice.made("post", "/v1/therapists/berta/shifts", body)["depot_id"] == "clinic"
    both = {**body, "local_start": "2027-01-21T09:00", "local_end": "2027-01-21T17:00", "location_id": "clinic"}
    assert practice.refusal("/v1/therapists/berta/shifts", both, 422) == "depot-needs-mobile"
    assert practice.desk.post("/v1/therapists/berta/shifts", {**body, "depot_id": "nowhere"}).status_code == 404
