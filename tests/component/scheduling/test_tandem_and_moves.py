"""Visits of two therapists at one time, and appointments that are moved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.embedded

MONDAY = "2027-01-18"
TUESDAY = "2027-01-19"


@pytest.fixture
def tandem(practice: Any) -> Any:
    """Two therapists who may come together for a service that needs a claim."""
    body = {"code": "lymph-60", "name": "Lymphatic drainage", "minutes": 60, "therapists": 2}
    practice.made("post", "/v1/service-types", {**body, "requires_prescription": True})
    practice.therapist("bela", service_types=["massage-60", "lymph-60"])
    alma = practice.desk.get("/v1/therapists/alma").json
    changed = {name: value for name, value in alma.items() if name not in ("version", "id")}
    practice.made(
        "put",
        "/v1/therapists/alma",
        {**changed, "service_types": ["massage-60", "lymph-60"]},
        200,
        headers={"If-Match": '"1"'},
    )
    practice.shift("alma")
    practice.shift("bela", begin="11:00")
    practice.claim(practice.patient(), visits=2)
    return practice


def stops(practice: Any, therapist_id: str, day: str = MONDAY) -> list[dict[str, Any]]:
    return list(practice.desk.get(f"/v1/therapists/{therapist_id}/days/{day}").json["stops"])


def lymph(practice: Any, **changes: Any) -> dict[str, Any]:
    body = {"service_type": "lymph-60", "claim_id": "claim-1", "second_therapist_id": "bela"}
    return dict(practice.slot(at=f"{MONDAY}T13:00", **{**body, **changes}))


def test_a_tandem_is_offered_held_and_booked_for_both(tandem: Any) -> None:
    offers = tandem.offers(service_type="lymph-60", claim_id="claim-1", limit=200)
    assert offers
    assert all({offer["therapist_id"], offer["second_therapist_id"]} == {"alma", "bela"} for offer in offers)
    assert all(offer["local_start"][-5:] > "11:00" for offer in offers), "bela begins at eleven"

    hold = tandem.made("post", "/v1/holds", offers[0])
    assert tandem.budget() == (2, 1, 0), "two therapists, one visit"
    first = tandem.made("post", "/v1/appointments", {"hold_id": hold["id"]})
    second = tandem.appointment(first["partner_id"])

    assert second["partner_id"] == first["id"]
    assert second["starts_at"] == first["starts_at"] == offers[0]["starts_at"]
    assert {first["therapist_id"], second["therapist_id"]} == {"alma", "bela"}
    assert second["claim_id"] is None
    assert [len(stops(tandem, id_)) for id_ in ("alma", "bela")] == [1, 1]
    assert len(tandem.published("appointment.booked")) == 2
    assert tandem.budget() == (2, 1, 0)


def test_a_tandem_takes_both_or_neither(tandem: Any) -> None:
    tandem.patient("other")
    tandem.book("other", f"{MONDAY}T13:00", therapist_id="bela")
    assert tandem.refusal("/v1/holds", lymph(tandem)) == "therapist-busy"
    assert stops(tandem, "alma") == []
    assert tandem.budget() == (2, 0, 0)
    assert tandem.refusal("/v1/appointments", {"slot": lymph(tandem)}) == "therapist-busy"
    assert stops(tandem, "alma") == []


def test_a_released_or_cancelled_tandem_frees_both(tandem: Any) -> None:
    hold = tandem.made("post", "/v1/holds", lymph(tandem))
    tandem.desk.delete(f"/v1/holds/{hold['id']}")
    assert [stops(tandem, id_) for id_ in ("alma", "bela")] == [[], []]
    assert tandem.budget() == (2, 0, 0)

    booked = tandem.made("post", "/v1/appointments", {"slot": lymph(tandem)})
    path = f"/v1/appointments/{booked['partner_id']}/cancellation"
    tandem.made("post", path, {"reason": "practice"}, 200)
    assert tandem.appointment(booked["id"])["status"] == "cancelled"
    assert [stops(tandem, id_) for id_ in ("alma", "bela")] == [[], []]
    assert tandem.budget() == (2, 0, 0)


def test_a_withdrawn_clearance_cancels_both_halves_once(tandem: Any) -> None:
    booked = tandem.made("post", "/v1/appointments", {"slot": lymph(tandem)})
    tandem.clearance("patient-1", 2, verdict="declined")
    states = {tandem.appointment(id_)["status"] for id_ in (booked["id"], booked["partner_id"])}
    assert states == {"cancelled"}
    assert len(tandem.published("appointment.cancelled")) == 2


def test_a_tandem_needs_two_and_a_visit_of_one_takes_no_second(tandem: Any) -> None:
    for changes, code in (
        ({"second_therapist_id": None}, "second-therapist-required"),
        ({"second_therapist_id": "alma"}, "tandem-of-one"),
        ({"service_type": "massage-60"}, "no-tandem"),
    ):
        assert tandem.refusal("/v1/holds", lymph(tandem, **changes), 422) == code
    no_claim = lymph(tandem, claim_id=None, partner_id="somebody")
    assert tandem.refusal("/v1/holds", no_claim, 422) == "prescription-required"


def test_an_appointment_is_moved_to_another_day_and_keeps_its_id(practice: Any) -> None:
    practice.shift()
    practice.shift(day=TUESDAY)
    practice.claim(practice.patient(), visits=1)
    booked = practice.book(claim_id="claim-1")
    (offer, *_) = practice.offers(day=TUESDAY, instead_of=booked["id"])

    moved = practice.made("post", f"/v1/appointments/{booked['id']}/move", offer, 200)

    assert (moved["id"], moved["version"], moved["calendar_sequence"]) == (booked["id"], 2, 1)
    assert moved["local_start"] == offer["local_start"]
    assert moved["date"] == TUESDAY
    assert moved["claim_id"] == "claim-1"
    assert (stops(practice, "alma"), len(stops(practice, "alma", TUESDAY))) == ([], 1)
    assert practice.budget() == (1, 1, 0)
    (event,) = practice.published("appointment.moved")
    assert (event.data["appointment_id"], event.data["tell_patient"]) == (booked["id"], True)
    practice.patient("other")
    practice.book("other")


def test_an_appointment_is_moved_by_less_than_its_own_length(practice: Any) -> None:
    practice.shift()
    practice.patient()
    booked = practice.book(at=f"{MONDAY}T11:00")
    practice.made("post", f"/v1/appointments/{booked['id']}/move", practice.slot(at=f"{MONDAY}T11:30"), 200)
    (stop,) = stops(practice, "alma")
    assert (stop["id"], stop["starts_at"]) == (booked["id"], "2027-01-18T16:30:00Z")


def test_a_move_that_is_refused_leaves_everything_as_it_was(practice: Any) -> None:
    practice.shift()
    practice.claim(practice.patient())
    practice.patient("other")
    booked = practice.book(at=f"{MONDAY}T10:00", claim_id="claim-1")
    practice.book("other", f"{MONDAY}T13:00")
    path = f"/v1/appointments/{booked['id']}/move"
    before = stops(practice, "alma")

    assert practice.refusal(path, practice.slot(at=f"{MONDAY}T13:30")) == "therapist-busy"
    assert practice.refusal(path, practice.slot(at=f"{MONDAY}T18:30")) == "therapist-not-on-shift"
    assert practice.refusal(path, practice.slot("other", f"{MONDAY}T15:00"), 422) == "another-visit"
    assert practice.refusal(path, practice.slot(at="2027-01-11T08:00"), 422) == "starts-in-the-past"
    stale = practice.desk.post(path, practice.slot(at=f"{MONDAY}T15:00"), headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    assert practice.desk.post("/v1/appointments/nobody/move", practice.slot()).status_code == 404

    assert stops(practice, "alma") == before
    assert practice.appointment(booked["id"])["version"] == 1
    assert practice.published("appointment.moved") == []


def test_a_visit_that_has_begun_is_not_moved(practice: Any) -> None:
    practice.shift()
    practice.patient()
    booked = practice.book()
    practice.harness.clock.advance(timedelta(days=7, minutes=30))
    practice.made("post", f"/v1/appointments/{booked['id']}/progress", {"status": "en_route"}, 200)
    path = f"/v1/appointments/{booked['id']}/move"
    assert practice.refusal(path, practice.slot(at=f"{MONDAY}T15:00")) == "visit-not-movable"


def test_a_tandem_is_not_moved_as_one(tandem: Any) -> None:
    booked = tandem.made("post", "/v1/appointments", {"slot": lymph(tandem)})
    path = f"/v1/appointments/{booked['id']}/move"
    assert tandem.refusal(path, lymph(tandem, local_start=f"{MONDAY}T15:00")) == "tandem-not-movable"


def test_a_published_day_tells_its_therapist_of_the_move(practice: Any) -> None:
    practice.shift()
    practice.shift(day=TUESDAY)
    practice.patient()
    booked = practice.book()
    practice.made("post", f"/v1/therapists/alma/days/{MONDAY}/publication")
    practice.made("post", f"/v1/appointments/{booked['id']}/move", practice.slot(at=f"{TUESDAY}T10:00"), 200)
    route = practice.desk.get(f"/v1/routes/alma/{MONDAY}").json
    assert (route["revision"], route["stops"], route["removed"]) == (2, [], [booked["id"]])
