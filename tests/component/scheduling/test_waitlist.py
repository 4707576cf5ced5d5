"""Wishes that wait, and plans that find a place for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from fascia.testing.harness import Harness
from scheduling_svc.service import SERVICE

pytestmark = pytest.mark.embedded

MONDAY, TUESDAY = "2027-01-18", "2027-01-19"


@pytest.fixture(scope="module")
def harness(mongodb_uri: str) -> Iterator[Harness]:
    made = Harness(SERVICE, mongodb_uri, {"FASCIA_PLAN_PROCESSES": "0", "FASCIA_NIGHT_ROUNDS": "100"})
    yield made
    made.close()


def wish(practice: Any, **changes: Any) -> Any:
    """A wish for Monday or Tuesday afternoon."""
    body = {
        "patient_id": "patient-1",
        "service_type": "massage-60",
        "from_day": MONDAY,
        "to_day": TUESDAY,
        "hours": [{"begin": "13:00", "end": "15:00"}],
        **changes,
    }
    return practice.made("post", "/v1/waitlist", body)


def planned(practice: Any, *dates: str) -> Any:
    """What came of a plan of these dates that was carried out at once."""
    body = {"dates": list(dates), "rounds": 50, "approve": True}
    asked = practice.made("post", "/v1/plans", body, 202)
    practice.harness.run_job("plans")
    return practice.desk.get(f"/v1/plans/{asked['id']}").json


def entry(practice: Any, known: Any) -> Any:
    """A wish as it is now."""
    return practice.desk.get(f"/v1/waitlist/{known['id']}").json


def test_a_plan_offers_a_place_which_the_desk_books(practice: Any) -> None:
    practice.patient()
    practice.shift(day=TUESDAY)
    asked = wish(practice)
    assert asked["state"] == "waiting"
    plan = planned(practice, MONDAY, TUESDAY)
    assert plan["state"] == "approved", plan
    (run,) = plan["parts"][0]["solution"]["runs"]
    assert [(visit["id"], visit["waitlisted"]) for visit in run["visits"]] == [(asked["id"], True)]
    assert plan["outcome"]["placed"] == [asked["id"]]
    offered = entry(practice, asked)
    assert offered["state"] == "offered"
    hold = practice.desk.get(f"/v1/holds/{offered['hold_id']}").json
    assert hold["state"] == "active"
    assert f"{TUESDAY}T13:00" <= hold["local_start"] <= f"{TUESDAY}T15:00"
    practice.made("post", "/v1/appointments", {"hold_id": hold["id"]})
    assert entry(practice, asked)["state"] == "booked"
    assert practice.desk.delete(f"/v1/waitlist/{asked['id']}").json["code"] == "not-waiting"


def test_an_offer_that_runs_out_goes_back_to_waiting(practice: Any) -> None:
    practice.patient()
    practice.shift(day=TUESDAY)
    asked = wish(practice)
    planned(practice, TUESDAY)
    practice.harness.clock.advance(timedelta(hours=5))
    assert entry(practice, asked)["state"] == "waiting"
    plan = planned(practice, TUESDAY)
    assert plan["outcome"]["placed"] == [asked["id"]]
    practice.harness.clock.advance(timedelta(days=10))
    assert entry(practice, asked)["state"] == "expired"


def test_a_wish_may_be_booked_at_once_with_a_window_inside_its_hours(practice: Any) -> None:
    known = dict(practice.desk.get("/v1/practice").json)
    version = known.pop("version")
    headers = {"If-Match": f'"{version}"'}
    practice.made("put", "/v1/practice", {**known, "promise_minutes": 90}, 200, headers=headers)
    practice.patient()
    practice.shift()
    asked = wish(practice, book=True)
    plan = planned(practice, MONDAY)
    assert plan["outcome"]["placed"] == [asked["id"]]
    booked = entry(practice, asked)
    assert booked["state"] == "booked"
    appointment = practice.appointment(booked["hold_id"])
    assert (appointment["promised_from"], appointment["promised_until"]) == (
        "2027-01-18T18:00:00Z",
        "2027-01-18T19:30:00Z",
    )
    assert plan["outcome"]["published"] == [f"alma:{MONDAY}"]
    route = practice.desk.get(f"/v1/routes/alma/{MONDAY}").json
    assert [stop["appointment_id"] for stop in route["stops"]] == [appointment["id"]]


def test_a_wish_that_is_not_worth_the_drive_goes_on_waiting(practice: Any) -> None:
    practice.patient()
    practice.shift()
    asked = wish(practice, prize_minutes=1)
    plan = planned(practice, MONDAY)
    (left,) = plan["parts"][0]["solution"]["left_out"]
    assert (left["id"], left["promised"]) == (asked["id"], False)
    assert entry(practice, asked)["state"] == "waiting"


def test_a_rule_that_forbids_the_visit_keeps_it_waiting_and_says_so(practice: Any) -> None:
    practice.patient()
    practice.shift()
    asked = wish(practice)
    practice.clearance("patient-1", 2, verdict="declined")
    plan = planned(practice, MONDAY)
    assert plan["state"] == "approved"
    assert plan["outcome"]["placed"] == []
    assert plan["outcome"]["not_placed"] == {asked["id"]: "not-cleared"}
    assert entry(practice, asked)["state"] == "waiting"


def test_the_night_run_looks_at_days_that_are_open(practice: Any) -> None:
    practice.patient()
    practice.shift(day=TUESDAY)
    asked = wish(practice)
    practice.harness.clock.advance(timedelta(days=6, hours=11))  # Sunday, 20:00 in Boston
    practice.harness.run_job("night-run")
    practice.harness.run_job("plans")
    (plan,) = practice.desk.get("/v1/plans").json["items"]
    assert plan["dates"] == [MONDAY, TUESDAY, "2027-01-20"]
    shown = practice.desk.get(f"/v1/plans/{plan['id']}").json
    (run,) = shown["parts"][0]["solution"]["runs"]
    assert [visit["id"] for visit in run["visits"]] == [asked["id"]]


def test_wishes_that_nobody_could_meet_are_refused(practice: Any) -> None:
    practice.patient()
    practice.patient("homeless", address=None)
    practice.made("post", "/v1/service-types", {"code": "duo-60", "name": "Duo", "minutes": 60, "therapists": 2})
    body = {"patient_id": "patient-1", "service_type": "massage-60", "from_day": MONDAY, "to_day": TUESDAY}
    post = practice.refusal
    assert post("/v1/waitlist", {**body, "to_day": "2027-01-17"}, 422) == "span-is-empty"
    assert post("/v1/waitlist", {**body, "from_day": "2020-01-01", "to_day": "2020-01-02"}, 422) == "span-is-over"
    backwards = [{"begin": "15:00", "end": "13:00"}]
    assert post("/v1/waitlist", {**body, "hours": backwards}, 422) == "hours-are-empty"
    assert post("/v1/waitlist", {**body, "service_type": "duo-60"}, 422) == "not-for-the-waitlist"
    assert post("/v1/waitlist", {**body, "patient_id": "homeless"}, 409) == "address-not-placed"
    assert post("/v1/waitlist", {**body, "patient_id": "nobody"}, 404) == "not-found"
    gone = wish(practice)
    assert practice.desk.delete(f"/v1/waitlist/{gone['id']}").status_code == 204
    assert entry(practice, gone)["state"] == "withdrawn"
    assert [one["id"] for one in practice.desk.get("/v1/waitlist?patient_id=patient-1").json["items"]] == [gone["id"]]
