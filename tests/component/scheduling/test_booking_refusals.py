"""What can't be booked, each with a code, and that nothing is left behind."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

pytestmark = pytest.mark.embedded

MONDAY = "2027-01-18"


def test_a_treatment_needs_a_signed_evaluation_first_but_the_evaluation_does_not(practice: Any) -> None:
    practice.shift()
    practice.patient(cleared=False)
    assert practice.refusal("/v1/offers", practice.wish()) == "evaluation-required"
    assert practice.refusal("/v1/holds", practice.slot()) == "evaluation-required"
    assert practice.refusal("/v1/appointments", {"slot": practice.slot()}) == "evaluation-required"
    practice.book(service_type="evaluation-60")
    practice.clearance("patient-1")
    practice.book("patient-1", f"{MONDAY}T14:00")


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        ({"verdict": "needs_clearance", "reasons": ["anticoagulants"]}, "not-cleared"),
        ({"verdict": "declined"}, "not-cleared"),
        ({"expires_on": date(2027, 1, 17)}, "clearance-expired"),
        ({"home_visits": False}, "home-visits-not-cleared"),
    ],
)
def test_a_booking_is_held_to_the_verdict(practice: Any, verdict: dict[str, Any], code: str) -> None:
    practice.shift()
    practice.patient(cleared=False)
    practice.clearance("patient-1", **verdict)
    assert practice.refusal("/v1/holds", practice.slot()) == code
    assert practice.desk.get("/v1/holds").json["items"] == []
    assert practice.desk.get(f"/v1/therapists/alma/days/{MONDAY}").json["stops"] == []


@pytest.mark.parametrize(
    ("allowed", "code"),
    [
        ({"expires_on": date(2027, 1, 17)}, "not-prescribed"),
        ({"starts_on": date(2027, 1, 19)}, "not-prescribed"),
        ({"home_visits": False}, "home-visits-not-prescribed"),
    ],
)
def test_a_booking_is_held_to_the_prescription(practice: Any, allowed: dict[str, Any], code: str) -> None:
    practice.shift()
    practice.claim(practice.patient(), **allowed)
    assert practice.refusal("/v1/offers", practice.wish(claim_id="claim-1")) == code
    assert practice.refusal("/v1/holds", practice.slot(claim_id="claim-1")) == code
    assert practice.budget()[1] == 0


def test_a_claim_counts_for_its_own_patient_only(practice: Any) -> None:
    practice.shift()
    practice.claim(practice.patient("somebody-else"))
    practice.patient()
    assert practice.refusal("/v1/holds", practice.slot(claim_id="claim-1"), 404) == "not-found"


def test_what_changed_between_hold_and_booking_is_checked_again(practice: Any) -> None:
    practice.shift()
    practice.claim(practice.patient())
    hold = practice.hold(claim_id="claim-1")
    alma = practice.desk.get("/v1/therapists/alma").json
    licence = {**alma["licences"][0], "valid_until": "2027-01-17"}
    body = {**{name: value for name, value in alma.items() if name != "version"}, "licences": [licence]}
    practice.made("put", "/v1/therapists/alma", body, 200, headers={"If-Match": '"1"'})
    assert practice.refusal("/v1/appointments", {"hold_id": hold["id"]}) == "licence-not-valid"
    assert practice.refusal("/v1/holds", practice.slot()) == "licence-not-valid"
    assert practice.offers(claim_id="claim-1") == []


def test_nobody_is_visited_twice_at_once(practice: Any) -> None:
    practice.therapist("bela")
    for therapist in ("alma", "bela"):
        practice.shift(therapist)
        practice.shift(therapist, "2027-01-19", location_id="clinic")
    practice.patient()
    practice.patient("patient-2")
    practice.book()

    assert practice.refusal("/v1/holds", practice.slot("patient-2")) == "therapist-busy"
    close_by = practice.slot("patient-2", f"{MONDAY}T11:00", service_type="massage-60")
    practice.made("post", "/v1/holds", close_by)
    assert practice.refusal("/v1/holds", practice.slot(therapist_id="bela")) == "patient-busy"

    site = {"setting": "clinic", "location_id": "clinic", "room_id": "room-1"}
    practice.book("patient-1", "2027-01-19T10:00", **site)
    taken = practice.slot("patient-2", "2027-01-19T10:30", therapist_id="bela", **site)
    assert practice.refusal("/v1/holds", taken) == "room-busy"
    offered = practice.offers("patient-2", "2027-01-19", setting="clinic", limit=200)
    assert {offer["local_start"][-5:] for offer in offered} & {"09:30", "10:00", "10:30"} == set()
    assert {"09:00", "11:00"} <= {offer["local_start"][-5:] for offer in offered}


def test_a_therapist_can_get_there_in_time(practice: Any) -> None:
    practice.shift()
    practice.patient()
    distant = {"line": "9 Far Road", "city": "Framingham", "state": "MA", "postal_code": "01702", "country": "US"}
    place = {"coordinates": {"latitude": 42.2793, "longitude": -71.4162}}
    practice.patient("far", address={**distant, **place})
    practice.patient("lost", address={**distant, "coordinates": None})
    practice.book()
    assert practice.refusal("/v1/holds", practice.slot("far", f"{MONDAY}T11:15")) == "therapist-cannot-get-there"
    assert practice.refusal("/v1/holds", practice.slot("far", f"{MONDAY}T13:00")) == "outside-service-area"
    assert practice.refusal("/v1/holds", practice.slot("far", f"{MONDAY}T18:00")) == "therapist-not-on-shift"
    assert practice.refusal("/v1/holds", practice.slot("lost")) == "address-not-placed"
    assert practice.refusal("/v1/offers", practice.wish("lost")) == "address-not-placed"


def test_another_practices_ids_do_not_exist(practice: Any, elsewhere: Any) -> None:
    practice.shift()
    practice.claim(practice.patient())
    hold = practice.hold(claim_id="claim-1")
    booked = practice.book("patient-1", f"{MONDAY}T13:00")
    practice.made("post", f"/v1/therapists/alma/days/{MONDAY}/publication")
    settings = {"name": "Other", "time_zone": "America/New_York"}
    assert elsewhere.put("/v1/practice", settings).status_code == 200
    elsewhere.post("/v1/service-types", {"code": "massage-60", "name": "Massage", "minutes": 60})

    for path in (
        f"/v1/holds/{hold['id']}",
        f"/v1/appointments/{booked['id']}",
        "/v1/therapists/alma",
        "/v1/locations/clinic",
        "/v1/claims/claim-1/budget",
        f"/v1/routes/alma/{MONDAY}",
        f"/v1/therapists/alma/days/{MONDAY}",
    ):
        assert elsewhere.get(path).status_code == 404, path
    for path, body in (
        ("/v1/holds", practice.slot()),
        ("/v1/offers", practice.wish()),
        ("/v1/therapists/alma/shifts", {"local_start": f"{MONDAY}T09:00", "local_end": f"{MONDAY}T10:00"}),
        ("/v1/appointments", {"hold_id": hold["id"]}),
        (f"/v1/appointments/{booked['id']}/cancellation", {"reason": "practice"}),
        (f"/v1/appointments/{booked['id']}/progress", {"status": "confirmed"}),
        (f"/v1/therapists/alma/days/{MONDAY}/publication", None),
        ("/v1/rooms", {"location_id": "clinic", "name": "Room"}),
    ):
        assert elsewhere.post(path, body).status_code == 404, path
    assert elsewhere.delete(f"/v1/holds/{hold['id']}").status_code == 404
    for path in ("/v1/appointments", "/v1/therapists", "/v1/budgets", "/v1/routes", "/v1/holds"):
        assert elsewhere.get(path).json["items"] == [], path


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_at": "2027-01-18T10:00:00"}, "starts_at"),
        ({"local_start": "2027-01-18T10:00:00-05:00"}, "local_start"),
        ({"local_start": "2027-03-14T02:30"}, "local_start"),
        ({"time_zone": "Boston"}, "time_zone"),
        ({"time_zone": None}, "time_zone"),
        ({"colour": "blue"}, "colour"),
        ({"patient_id": 7}, "patient_id"),
        ({"setting": "beach"}, "setting"),
        ({"starts_at": "2027-01-18T16:00:00Z"}, "local_start"),
        ({"local_start": "2027-01-11T08:00"}, "starts_at"),
        ({"service_type": "massage-45"}, "service_type"),
        ({"setting": "clinic"}, "location_id"),
    ],
)
def test_a_bad_slot_is_refused_with_the_field_and_the_fix(practice: Any, changes: dict[str, Any], field: str) -> None:
    practice.shift()
    practice.patient()
    answer = practice.desk.post("/v1/holds", practice.slot(**changes))
    assert answer.status_code == 422, answer.json
    assert field in [error["field"] for error in answer.json["errors"]]
    assert all(error["fix"] for error in answer.json["errors"])


def test_home_addresses_and_names_do_not_rest_in_the_clear(practice: Any) -> None:
    practice.shift()
    practice.patient()
    practice.book()
    practice.made("post", f"/v1/therapists/alma/days/{MONDAY}/publication")
    stored = practice.harness.raw()
    for secret in ("Sample-01", "1 Sample Street, Cambridge", "Therapist alma", "+1617", "alma@example.org"):
        assert secret not in stored
