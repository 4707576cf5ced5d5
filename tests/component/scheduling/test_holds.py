"""Holds run out, are given back, and never keep more than they should."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.embedded


def test_a_hold_that_ran_out_is_in_nobodys_way(practice: Any) -> None:
    practice.shift()
    practice.claim(practice.patient(), visits=1)
    practice.patient("patient-2")
    hold = practice.hold(claim_id="claim-1")
    assert practice.refusal("/v1/holds", practice.slot("patient-2")) == "therapist-busy"

    practice.harness.clock.advance(timedelta(minutes=10))

    assert practice.desk.get(f"/v1/holds/{hold['id']}").json["state"] == "expired"
    assert practice.budget() == (1, 0, 0)
    assert practice.refusal("/v1/appointments", {"hold_id": hold["id"]}) == "hold-expired"
    practice.book("patient-2")


def test_the_job_tidies_up_and_leaves_what_was_booked(practice: Any) -> None:
    practice.shift()
    practice.claim(practice.patient())
    practice.hold(claim_id="claim-1")
    booked = practice.book("patient-1", "2027-01-18T14:00", claim_id="claim-1")
    practice.harness.clock.advance(timedelta(minutes=11))
    for _ in range(2):
        practice.harness.run_job("hold-expiry")
    states = [hold["state"] for hold in practice.desk.get("/v1/holds").json["items"]]
    assert states == ["expired", "converted"]
    shown = practice.desk.get("/v1/claims/claim-1/budget").json
    assert shown["reserved_visits"] == [booked["id"]]
    stops = practice.desk.get("/v1/therapists/alma/days/2027-01-18").json["stops"]
    assert [stop["id"] for stop in stops] == [booked["id"]]


def test_the_job_of_a_late_worker_takes_nothing_from_the_next_holder(practice: Any) -> None:
    practice.shift()
    practice.patient()
    practice.patient("patient-2")
    practice.hold()
    practice.harness.clock.advance(timedelta(minutes=11))
    booked = practice.book("patient-2")
    practice.harness.run_job("hold-expiry")
    practice.refusal("/v1/holds", practice.slot())
    assert practice.appointment(booked["id"])["status"] == "booked"


def test_a_hold_is_given_back_once(practice: Any) -> None:
    practice.shift()
    practice.claim(practice.patient())
    path = f"/v1/holds/{practice.hold(claim_id='claim-1')['id']}"
    assert practice.desk.delete(path).status_code == 204
    assert practice.desk.get(path).json["state"] == "released"
    assert practice.budget() == (6, 0, 0)
    assert practice.desk.delete(path).json["code"] == "hold-released"
    practice.hold(claim_id="claim-1")


def test_a_hold_is_booked_once(practice: Any) -> None:
    practice.shift()
    practice.patient()
    hold = practice.hold()
    practice.made("post", "/v1/appointments", {"hold_id": hold["id"]})
    assert practice.refusal("/v1/appointments", {"hold_id": hold["id"]}) == "hold-converted"
    assert practice.desk.delete(f"/v1/holds/{hold['id']}").status_code == 409
