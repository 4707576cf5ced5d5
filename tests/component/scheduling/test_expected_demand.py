"""A practice that looks ahead: last week's visits are expected again, order the offers, and give way to bookings."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from scheduling_svc.expecting import store
from scheduling_svc.expecting.expected import ExpectedDay
from scheduling_svc.store import read

pytestmark = pytest.mark.embedded

MONDAY, TUESDAY = "2027-01-18", "2027-01-19"
NORTH = {"latitude": 42.4000, "longitude": -71.0589}
SOUTH = {"latitude": 42.3200, "longitude": -71.0589}


def living(practice: Any, patient_id: str, place: dict[str, float]) -> str:
    home = {"line": "1 Way", "city": "Town", "state": "MA", "postal_code": "02100", "country": "US"}
    return str(practice.patient(patient_id, address={**home, "coordinates": place}))


def expected(practice: Any, day: str) -> ExpectedDay | None:
    runtime = practice.harness.runtime
    reading = runtime.reading(practice.practice_id)
    on = date.fromisoformat(day)
    return store.among(reading, read(reading, [store.key("main", on)]), "main", on)


@pytest.fixture
def looking_ahead(practice: Any) -> Any:
    """On the Monday of last week alma went north, on the Tuesday south; this week she works on both days."""
    for day in (MONDAY, TUESDAY):
        practice.shift(day=day)
    living(practice, "north", NORTH)
    living(practice, "south", SOUTH)
    practice.book("north", f"{MONDAY}T12:00")
    practice.book("south", f"{TUESDAY}T12:00")
    for days in (7, 8):
        practice.shift(day=(date.fromisoformat(MONDAY) + timedelta(days=days)).isoformat())
    practice.harness.clock.advance(timedelta(days=9))
    settings = {
        "name": "Sample Practice",
        "time_zone": "America/New_York",
        "promise_minutes": 120,
        "planning": {"foresight_weeks": 1, "fill_minutes": 0},
    }
    practice.made("put", "/v1/practice", settings, 200, headers={"If-Match": '"1"'})
    return practice


def test_last_weeks_visits_are_expected_until_somebody_books_nearby(looking_ahead: Any) -> None:
    practice = looking_ahead
    practice.harness.run_job("expected-demand")
    monday, tuesday = expected(practice, "2027-01-25"), expected(practice, "2027-01-26")
    assert monday is not None
    assert tuesday is not None
    homes = {visit.place.latitude for day in (monday, tuesday) for visit in day.visits}
    assert homes == {NORTH["latitude"], SOUTH["latitude"]}
    assert all(visit.therapist_id == "alma" for day in (monday, tuesday) for visit in day.visits)
    version = monday.version
    practice.harness.run_job("expected-demand")
    assert expected(practice, "2027-01-25").version == version, "reckoned once"

    span = {"from": "2027-01-25T00:00:00-05:00", "to": "2027-01-26T23:59:00-05:00"}
    living(practice, "neighbour", {"latitude": 42.4010, "longitude": -71.0589})
    offers = practice.offers("neighbour", limit=200, **span)
    (first, *_) = offers
    northern = [day.date for day in (monday, tuesday) if NORTH["latitude"] in {v.place.latitude for v in day.visits}]
    assert first["local_start"].startswith(northern[0].isoformat()), "where somebody near is expected anyhow"
    assert first["parts"]["foresight"] < 0
    assert first["parts"]["total"] == pytest.approx(
        sum(value for name, value in first["parts"].items() if name != "total"), abs=0.05
    )

    practice.made("post", "/v1/appointments", {"hold_id": practice.made("post", "/v1/holds", first)["id"]})
    practice.harness.run_job("replan")
    left = [visit for day in ("2027-01-25", "2027-01-26") for visit in expected(practice, day).visits]
    assert [visit.place.latitude for visit in left] == [SOUTH["latitude"]]


def test_nothing_is_expected_unless_the_practice_wants_it(practice: Any) -> None:
    practice.shift()
    practice.harness.run_job("expected-demand")
    assert expected(practice, MONDAY) is None
    practice.patient()
    assert all(offer["parts"]["foresight"] == 0 for offer in practice.offers())
