"""Offers that know the road: promised windows, who ranks before whom and why, holds and bookings inside the promise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

pytestmark = pytest.mark.embedded

MONDAY = "2027-01-18"
NINE = datetime(2027, 1, 18, 14, tzinfo=UTC)
NORTH = {"latitude": 42.4500, "longitude": -71.0589}
SOUTH = {"latitude": 42.2700, "longitude": -71.0589}


@pytest.fixture
def windowed(practice: Any) -> Any:
    """The practice, promising two hours on a grid of half hours; alma works on Monday."""
    settings = {"name": "Sample Practice", "time_zone": "America/New_York", "promise_minutes": 120, "slot_minutes": 30}
    practice.made("put", "/v1/practice", settings, 200, headers={"If-Match": '"1"'})
    practice.shift()
    return practice


def living(practice: Any, patient_id: str, place: dict[str, float]) -> str:
    """A patient who lives at a place."""
    home = {"line": "1 Way", "city": "Town", "state": "MA", "postal_code": "02100", "country": "US"}
    return str(practice.patient(patient_id, address={**home, "coordinates": place}))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_window_is_promised_and_the_planned_start_lies_in_it(windowed: Any) -> None:
    windowed.patient()
    offers = windowed.offers(limit=200)
    opens = [at(offer["promised_from"]) for offer in offers]
    assert opens
    assert all(moment.minute in (0, 30) for moment in opens)
    for offer in offers:
        assert at(offer["promised_until"]) - at(offer["promised_from"]) == timedelta(minutes=120)
        assert at(offer["promised_from"]) <= at(offer["starts_at"]) <= at(offer["promised_until"])
        assert at(offer["promised_until"]) + timedelta(minutes=60) <= NINE + timedelta(hours=8)
    for one in opens:
        assert all(other == one or abs(other - one) >= timedelta(hours=1) for other in opens), "no near twins"
    totals = [offer["parts"]["total"] for offer in offers]
    assert totals == sorted(totals)


@pytest.mark.parametrize("minutes", [30, 180])
def test_windows_open_as_far_apart_as_is_asked_for(windowed: Any, minutes: int) -> None:
    windowed.patient()
    opens = sorted(at(offer["promised_from"]) for offer in windowed.offers(limit=200, apart_minutes=minutes))
    assert min(b - a for a, b in pairwise(opens)) == timedelta(minutes=minutes)


def test_what_is_booked_moves_inside_its_promise_so_that_more_fits(windowed: Any) -> None:
    for patient_id in ("first", "second", "third"):
        windowed.patient(patient_id)
    morning = {"promised_from": "2027-01-18T14:30:00Z", "promised_until": "2027-01-18T16:30:00Z"}
    first = windowed.book("first", f"{MONDAY}T10:30", **morning)
    second = windowed.book("second", f"{MONDAY}T10:30", **morning)
    third = windowed.book("third", f"{MONDAY}T10:30", **morning)

    stops = windowed.desk.get(f"/v1/therapists/alma/days/{MONDAY}").json["stops"]
    starts = {stop["id"]: at(stop["starts_at"]) for stop in stops}
    assert len(starts) == 3
    for booked in (first, second, third):
        assert NINE + timedelta(minutes=30) <= starts[booked["id"]] <= NINE + timedelta(minutes=150)
    ordered = sorted(starts.values())
    assert all(b - a >= timedelta(minutes=60) for a, b in pairwise(ordered))
    assert windowed.appointment(first["id"])["version"] == 1, "the promise is kept, so nobody is told anything"

    windowed.patient("fourth")
    slot = windowed.slot("fourth", f"{MONDAY}T10:30", **morning)
    assert windowed.refusal("/v1/holds", slot) in ("therapist-busy", "therapist-cannot-get-there")


def test_an_exact_time_is_kept_to_the_minute_beside_windows(windowed: Any) -> None:
    windowed.patient("exact")
    windowed.patient("other")
    exact = windowed.book("exact", f"{MONDAY}T11:00")
    windowed.book(
        "other", f"{MONDAY}T11:00", promised_from="2027-01-18T15:00:00Z", promised_until="2027-01-18T17:00:00Z"
    )
    stops = windowed.desk.get(f"/v1/therapists/alma/days/{MONDAY}").json["stops"]
    starts = {stop["id"]: stop["starts_at"] for stop in stops}
    assert at(starts[exact["id"]]) == NINE + timedelta(hours=2)
    assert exact["promised_from"] == exact["promised_until"] == exact["starts_at"]


def test_the_patient_is_busy_for_as_long_as_the_promise_may_take(windowed: Any) -> None:
    windowed.patient()
    windowed.therapist("bela")
    windowed.shift("bela")
    windowed.book(at=f"{MONDAY}T11:00", promised_from="2027-01-18T15:00:00Z", promised_until="2027-01-18T17:00:00Z")
    slot = windowed.slot(at=f"{MONDAY}T12:30", therapist_id="bela")
    assert windowed.refusal("/v1/holds", slot) == "patient-busy"


def test_offers_say_why_they_rank_as_they_do(windowed: Any) -> None:
    windowed.therapist("bela", home=SOUTH)
    windowed.shift("bela")
    windowed.patient()
    windowed.made("put", "/v1/patients/patient-1/preferences", {"preferred": ["bela"], "refused": []}, 200)

    offers = windowed.offers(limit=200)

    by_therapist = {offer["therapist_id"]: offer["parts"] for offer in reversed(offers)}
    assert by_therapist["alma"]["preference"] == 20
    assert by_therapist["bela"]["preference"] == 0
    for offer in offers:
        parts = dict(offer["parts"])
        assert parts.pop("total") == pytest.approx(sum(parts.values()), abs=0.05)
        assert parts["driving"] == offer["added_drive_minutes"]


def test_who_treated_the_patient_before_comes_first(windowed: Any) -> None:
    windowed.therapist("bela")
    windowed.shift("bela")
    windowed.claim(windowed.patient())
    booked = windowed.book(claim_id="claim-1", therapist_id="bela")
    windowed.signed(booked)

    offers = windowed.offers(limit=200, claim_id="claim-1")

    continuity = {offer["therapist_id"]: offer["parts"]["continuity"] for offer in offers}
    assert continuity == {"alma": 10, "bela": 0}


def test_who_has_learnt_what_only_some_have_stays_free_for_those_who_need_it(windowed: Any) -> None:
    windowed.therapist("abel", skills=["lymphatic", "prenatal"])
    windowed.therapist("bela", skills=["prenatal"])
    for therapist_id in ("abel", "bela"):
        windowed.shift(therapist_id)
    windowed.patient()

    def scarcity(*skills: str) -> dict[str, int]:
        offers = windowed.offers(limit=200, skills=list(skills))
        return {offer["therapist_id"]: offer["parts"]["scarcity"] for offer in offers}

    assert scarcity() == {"abel": 8, "alma": 0, "bela": 8}
    assert scarcity("prenatal") == {"abel": 8, "bela": 0}
    assert scarcity("lymphatic") == {"abel": 0}
    assert windowed.offers()[0]["therapist_id"] == "alma", "they live in the same house, and alma has learnt neither"


def test_a_refused_therapist_is_neither_offered_nor_booked(windowed: Any) -> None:
    windowed.therapist("bela")
    windowed.shift("bela")
    windowed.patient()
    windowed.made("put", "/v1/patients/patient-1/preferences", {"preferred": [], "refused": ["alma"]}, 200)
    assert {offer["therapist_id"] for offer in windowed.offers(limit=200)} == {"bela"}
    assert windowed.refusal("/v1/holds", windowed.slot()) == "therapist-refused"
    assert windowed.refusal("/v1/offers", windowed.wish(therapist_id="alma")) == "therapist-refused"


def test_techniques_and_service_areas_choose_who_comes(windowed: Any) -> None:
    corners = [(42.2, -71.2), (42.2, -70.9), (42.3, -70.9), (42.3, -71.2)]
    area = [{"latitude": latitude, "longitude": longitude} for latitude, longitude in corners]
    windowed.therapist("bela", skills=["scar-work"])
    windowed.therapist("cleo", service_area=area)
    for therapist_id in ("bela", "cleo"):
        windowed.shift(therapist_id)
    living(windowed, "north", NORTH)
    assert {offer["therapist_id"] for offer in windowed.offers("north", limit=200)} == {"alma", "bela"}
    offers = windowed.offers("north", limit=200, skills=["scar-work"])
    assert {offer["therapist_id"] for offer in offers} == {"bela"}
    assert windowed.made("post", "/v1/holds", offers[0])["skills"] == ["scar-work"]
    slot = windowed.slot("north", skills=["scar-work"])
    assert windowed.refusal("/v1/holds", slot) == "skill-missing"
    assert windowed.refusal("/v1/holds", windowed.slot("north", therapist_id="cleo")) == "outside-service-area"


def test_a_lunch_break_and_a_days_driving_bound_what_is_offered(practice: Any) -> None:
    lunch = {"local_earliest": f"{MONDAY}T11:30", "local_latest": f"{MONDAY}T12:30", "minutes": 30}
    practice.shift(breaks=[lunch])
    for patient_id in ("first", "second", "third"):
        practice.patient(patient_id)
    practice.book("first", f"{MONDAY}T10:30")
    practice.book("second", f"{MONDAY}T13:00")
    assert practice.refusal("/v1/holds", practice.slot("third", f"{MONDAY}T11:45")) == "therapist-needs-a-break"
    starts = {offer["local_start"][-5:] for offer in practice.offers("third", limit=200)}
    assert "11:45" not in starts
    assert {"11:30", "12:00"} <= starts, "lunch after the visit, or before it"

    practice.therapist("bela", max_day_drive_minutes=30)
    practice.shift("bela")
    living(practice, "south", SOUTH)
    assert practice.refusal("/v1/holds", practice.slot("south", therapist_id="bela")) == "therapist-drives-enough"
    assert "bela" not in {offer["therapist_id"] for offer in practice.offers("south", limit=200)}


def test_whoever_is_asked_for_by_name_is_not_exchanged(windowed: Any) -> None:
    windowed.patient()
    assert not any(offer["asked_for"] for offer in windowed.offers())
    (offer, *_) = windowed.offers(therapist_id="alma")
    assert offer["asked_for"]
    assert windowed.made("post", "/v1/holds", offer)["asked_for"]


def test_offers_tell_what_their_drive_times_rest_on(windowed: Any) -> None:
    windowed.patient()
    answer = windowed.made("post", "/v1/offers", windowed.wish(), 200)
    assert answer["travel"] == {"source": "estimate", "estimated": 0, "because": []}
