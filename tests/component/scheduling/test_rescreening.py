"""When a verdict or a prescription changes, what is booked is held to it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.embedded

TUESDAY = "2027-01-19"


def _set_out(practice: Any) -> None:
    for day in ("2027-01-18", TUESDAY, "2027-01-20"):
        practice.shift(day=day)
    practice.claim(practice.patient())


def test_a_withdrawn_clearance_cancels_what_it_no_longer_allows(practice: Any) -> None:
    _set_out(practice)
    booked = practice.book(claim_id="claim-1")
    held = practice.hold("patient-1", f"{TUESDAY}T10:00", claim_id="claim-1")
    evaluation = practice.book("patient-1", "2027-01-20T10:00", service_type="evaluation-60")

    practice.clearance("patient-1", 2, verdict="needs_clearance", reasons=["anticoagulants"])

    after = practice.appointment(booked["id"])
    assert (after["status"], after["cancelled_because"], after["late"]) == ("cancelled", "clearance_withdrawn", False)
    assert practice.desk.get(f"/v1/holds/{held['id']}").json["state"] == "released"
    assert practice.appointment(evaluation["id"])["status"] == "booked"
    assert practice.budget() == (6, 0, 0)
    (event,) = practice.published("appointment.cancelled")
    assert event.data["reason"] == "clearance_withdrawn"


def test_an_older_verdict_that_arrives_late_changes_nothing(practice: Any) -> None:
    _set_out(practice)
    practice.clearance("patient-1", 3)
    booked = practice.book(claim_id="claim-1")
    practice.clearance("patient-1", 2, verdict="declined")
    assert practice.appointment(booked["id"])["status"] == "booked"


def test_a_narrower_verdict_cancels_only_what_lies_outside(practice: Any) -> None:
    _set_out(practice)
    early = practice.book(claim_id="claim-1")
    late = practice.book("patient-1", "2027-01-20T10:00", claim_id="claim-1")
    practice.clearance("patient-1", 2, expires_on=date(2027, 1, 19))
    assert practice.appointment(early["id"])["status"] == "booked"
    assert practice.appointment(late["id"])["status"] == "cancelled"


def test_a_visit_that_is_under_way_stays(practice: Any) -> None:
    _set_out(practice)
    booked = practice.book(claim_id="claim-1")
    practice.made("post", f"/v1/appointments/{booked['id']}/progress", {"status": "en_route"}, 200)
    practice.clearance("patient-1", 2, verdict="declined")
    assert practice.appointment(booked["id"])["status"] == "en_route"


def test_a_revoked_prescription_cancels_its_visits(practice: Any) -> None:
    _set_out(practice)
    booked = practice.book(claim_id="claim-1")
    own_cost = practice.book("patient-1", f"{TUESDAY}T10:00")
    revoked = {"claim_id": "claim-1", "version": 2, "prescription_id": "prescription-1", "patient_id": "patient-1"}
    practice.deliver("prescription.revoked", revoked, sequence=2)
    assert practice.appointment(booked["id"])["cancelled_because"] == "prescription_revoked"
    assert practice.appointment(own_cost["id"])["status"] == "booked"
    assert practice.budget() == (0, 0, 0)
    assert practice.refusal("/v1/holds", practice.slot(claim_id="claim-1")) == "not-prescribed"


def test_fewer_visits_cancel_the_latest_ones(practice: Any) -> None:
    _set_out(practice)
    first, second, third = (
        practice.book("patient-1", f"{day}T10:00", claim_id="claim-1") for day in ("2027-01-18", TUESDAY, "2027-01-20")
    )
    practice.claim("patient-1", visits=2, version=2)
    statuses = [practice.appointment(one["id"])["status"] for one in (first, second, third)]
    assert statuses == ["booked", "booked", "cancelled"]
    assert practice.budget() == (2, 2, 0)


def test_a_second_prescription_extends_and_its_revocation_takes_back(practice: Any) -> None:
    _set_out(practice)
    practice.claim("patient-1", visits=10, version=2, prescription_id="prescription-2")
    assert practice.budget() == (10, 0, 0)
    revoked = {"claim_id": "claim-1", "version": 3, "prescription_id": "prescription-2", "patient_id": "patient-1"}
    practice.deliver("prescription.revoked", revoked, sequence=3)
    assert practice.budget() == (6, 0, 0)


def test_who_has_died_is_visited_no_more(practice: Any) -> None:
    _set_out(practice)
    booked = practice.book()
    practice.patient(version=2, cleared=False, deceased=True)
    assert practice.appointment(booked["id"])["cancelled_because"] == "practice"
    assert practice.refusal("/v1/holds", practice.slot()) == "patient-deceased"


def test_a_verdict_may_arrive_before_the_patient(practice: Any) -> None:
    practice.shift()
    practice.clearance("patient-1")
    assert practice.refusal("/v1/holds", practice.slot(), 404) == "not-found"
    practice.patient(cleared=False)
    practice.book()


def test_a_replay_of_old_verdicts_cancels_nothing(practice: Any) -> None:
    _set_out(practice)
    booked = practice.book()
    practice.harness.runtime.database["aggregates"].delete_one({"_id": f"{practice.practice_id}:patient:patient-1"})
    data = {"patient_id": "patient-1", "version": 1, "verdict": "declined", "reasons": [], "home_visits": True}
    at = practice.harness.clock.now() - timedelta(days=1)
    practice.deliver("clearance.changed", {**data, "effective_at": at}, backfill=True)
    assert practice.appointment(booked["id"])["status"] == "booked"
