"""From a wish to a visit that took place, over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.embedded

MONDAY = "2027-01-18"


def test_an_offer_is_held_and_booked_unchanged(practice: Any) -> None:
    practice.shift()
    practice.claim(practice.patient())

    offers = practice.offers(claim_id="claim-1")
    first = offers[0]
    assert first["therapist_id"] == "alma"
    assert first["time_zone"] == "America/New_York"
    assert first["local_start"].startswith(MONDAY)
    assert first["added_drive_minutes"] > 0

    hold = practice.made("post", "/v1/holds", first)
    assert hold["state"] == "active"
    assert practice.budget() == (6, 1, 0)

    answer = practice.desk.post("/v1/appointments", {"hold_id": hold["id"]})
    assert answer.status_code == 201
    assert answer.headers["Fascia-Event"].startswith("appointment.booked/")
    assert answer.json["status"] == "booked"
    assert answer.json["local_start"] == first["local_start"]
    assert practice.desk.get(f"/v1/holds/{hold['id']}").json["state"] == "converted"
    assert practice.budget() == (6, 1, 0)

    (event,) = practice.published("appointment.booked")
    assert event.key == answer.json["id"]
    assert event.data["local_start"] == first["local_start"]
    assert event.data["claim_id"] == "claim-1"


def test_offers_come_in_order_of_added_driving_and_reckon_with_the_drive(practice: Any) -> None:
    practice.shift()
    far = {"line": "9 Far Road", "city": "Framingham", "state": "MA", "postal_code": "01702", "country": "US"}
    practice.patient("near")
    practice.patient("far", address={**far, "coordinates": {"latitude": 42.2793, "longitude": -71.4162}})
    practice.desk.put("/v1/therapists/alma", _alma(practice, max_drive_minutes=200), headers={"If-Match": '"1"'})
    practice.book("near", f"{MONDAY}T12:00")

    offers = practice.offers("far", limit=200)

    driving = [offer["added_drive_minutes"] for offer in offers]
    assert driving == sorted(driving)
    starts = {offer["local_start"][-5:] for offer in offers}
    assert "11:00" not in starts, "an hour of driving does not fit between 12:00 and a visit that ends then"
    assert "13:15" not in starts
    practice.made("post", "/v1/holds", offers[0])


def test_a_visit_goes_from_booked_to_completed(practice: Any) -> None:
    practice.shift()
    practice.claim(practice.patient())
    booked = practice.book(claim_id="claim-1")
    path = f"/v1/appointments/{booked['id']}/progress"
    practice.harness.clock.advance(timedelta(days=7, minutes=40))
    therapist = practice.as_("therapist", "alma")
    stranger = practice.as_("therapist", "bela")

    assert stranger.post(path, {"status": "confirmed"}).status_code == 403
    assert practice.refusal(path, {"status": "completed"}) == "not-the-next-step"
    assert practice.refusal(path, {"status": "arrived"}) == "not-en-route"
    for status in ("confirmed", "en_route", "arrived", "in_progress"):
        answer = therapist.post(path, {"status": status})
        assert (answer.status_code, answer.json["status"]) == (200, status)
    practice.harness.clock.advance(timedelta(hours=1))
    done = therapist.post(path, {"status": "completed"})

    assert done.headers["Fascia-Event"].startswith("appointment.completed/")
    (event,) = practice.published("appointment.completed")
    assert event.data["ended_at"] - event.data["started_at"] == timedelta(hours=1)
    assert [change["status"] for change in done.json["history"]][-1] == "completed"
    assert practice.budget() == (6, 1, 0)

    practice.signed(done.json)
    practice.signed(done.json)
    assert practice.budget() == (6, 0, 1)
    assert practice.appointment(booked["id"])["session_id"] == "session-1"


def test_a_visit_may_not_begin_long_before_its_time_unless_the_practice_allows_it(practice: Any) -> None:
    practice.shift()
    practice.patient()
    path = f"/v1/appointments/{practice.book()['id']}/progress"
    for status in ("en_route", "arrived"):
        practice.made("post", path, {"status": status}, 200)
    assert practice.refusal(path, {"status": "in_progress"}) == "too-early"

    settings = {"name": "Sample Practice", "time_zone": "America/New_York", "early_start_minutes": None}
    assert practice.desk.put("/v1/practice", settings).status_code == 428
    practice.made("put", "/v1/practice", settings, 200, headers={"If-Match": '"1"'})
    practice.made("post", path, {"status": "in_progress"}, 200)


def test_a_cancelled_visit_gives_everything_back(practice: Any) -> None:
    practice.shift()
    practice.claim(practice.patient(), visits=1)
    booked = practice.book(claim_id="claim-1")
    slot = practice.slot(claim_id="claim-1")
    assert practice.refusal("/v1/holds", slot) == "visits-exhausted"

    cancelled = practice.made("post", f"/v1/appointments/{booked['id']}/cancellation", {"reason": "patient"}, 200)

    assert (cancelled["status"], cancelled["late"], cancelled["calendar_sequence"]) == ("cancelled", False, 1)
    assert practice.budget() == (1, 0, 0)
    practice.made("post", "/v1/appointments", {"slot": slot})
    (event,) = practice.published("appointment.cancelled")
    assert (event.data["reason"], event.data["late"]) == ("patient", False)


def test_after_the_cut_off_a_patient_cancels_late(practice: Any) -> None:
    practice.shift()
    practice.patient()
    booked = practice.book()
    practice.harness.clock.advance(timedelta(days=6, hours=2))
    path = f"/v1/appointments/{booked['id']}/cancellation"
    assert practice.refusal(path, {"reason": "no_show"}) == "too-early"
    assert practice.made("post", path, {"reason": "patient"}, 200)["status"] == "late_cancelled"
    assert practice.refusal(path, {"reason": "patient"}) == "not-the-next-step"


def test_a_change_may_say_which_version_it_is_based_on(practice: Any) -> None:
    practice.shift()
    practice.patient()
    path = f"/v1/appointments/{practice.book()['id']}"
    assert practice.desk.get(path).headers["ETag"] == '"1"'
    practice.made("post", f"{path}/progress", {"status": "confirmed"}, 200, headers={"If-Match": '"1"'})
    stale = practice.desk.post(f"{path}/cancellation", {"reason": "patient"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json["code"]) == (412, "stale-version")


def test_a_patients_reply_confirms_the_visit_once(practice: Any) -> None:
    practice.shift()
    practice.patient()
    booked = practice.book()
    reply = {"patient_id": "patient-1", "appointment_id": booked["id"], "request": "confirm"}
    stranger = {**reply, "patient_id": "somebody-else", "at": practice.harness.clock.now()}
    practice.deliver("reply.received", stranger)
    assert practice.appointment(booked["id"])["status"] == "booked"
    for _ in range(2):
        practice.deliver("reply.received", {**reply, "at": practice.harness.clock.now()})
    assert practice.appointment(booked["id"])["status"] == "confirmed"
    assert len(practice.published("appointment.progressed")) == 1


def test_the_same_idempotency_key_books_once(practice: Any) -> None:
    practice.shift()
    practice.patient()
    headers = {"Idempotency-Key": "one-booking"}
    slot = {"slot": practice.slot()}
    first = practice.desk.post("/v1/appointments", slot, headers=headers)
    again = practice.desk.post("/v1/appointments", slot, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json["id"] == again.json["id"]
    assert len(practice.published("appointment.booked")) == 1


def _alma(practice: Any, **changes: Any) -> dict[str, Any]:
    shown = practice.desk.get("/v1/therapists/alma").json
    return {**{name: value for name, value in shown.items() if name != "version"}, **changes}
