"""Shifts in wall time, days that are published, and what changes after that."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

pytestmark = pytest.mark.embedded

MONDAY = "2027-01-18"
SPRING, AUTUMN = "2027-03-14", "2027-11-07"


def test_a_published_day_is_told_with_names_addresses_and_drives(practice: Any) -> None:
    practice.shift()
    practice.patient()
    booked = practice.book()
    practice.hold("patient-1", f"{MONDAY}T14:00")

    answer = practice.desk.post(f"/v1/therapists/alma/days/{MONDAY}/publication")

    assert answer.status_code == 201
    assert answer.headers["Fascia-Event"].startswith("route.published/")
    (event,) = practice.published("route.published")
    assert event.key == f"alma:{MONDAY}"
    assert event.data["revision"] == 1
    assert event.data["therapist"]["email"] == "alma@example.org"
    (stop,) = event.data["stops"]
    assert stop["appointment_id"] == booked["id"]
    assert stop["patient_name"] == "Ada Sample-01"
    assert stop["address"]["line"] == "1 Sample Street"
    assert stop["drive_minutes"] > 0
    route = practice.desk.get(f"/v1/routes/alma/{MONDAY}").json
    assert route["added"] == [booked["id"]]
    assert practice.desk.get(f"/v1/therapists/alma/days/{MONDAY}").json["status"] == "published"


def test_each_change_after_publication_is_a_revision_with_its_difference(practice: Any) -> None:
    practice.shift()
    practice.patient()
    first = practice.book()
    practice.made("post", f"/v1/therapists/alma/days/{MONDAY}/publication")

    hold = practice.hold("patient-1", f"{MONDAY}T14:00")
    assert len(practice.published("route.published")) == 1, "a hold is the desk's business"
    second = practice.made("post", "/v1/appointments", {"hold_id": hold["id"]})
    practice.made("post", f"/v1/appointments/{first['id']}/cancellation", {"reason": "patient"}, 200)

    pages = []
    cursor: dict[str, str] = {}
    while True:
        page = practice.desk.get("/v1/routes", query_string={"therapist_id": "alma", "limit": 1, **cursor}).json
        pages += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert [(route["revision"], route["added"], route["removed"]) for route in pages] == [
        (1, [first["id"]], []),
        (2, [second["id"]], []),
        (3, [], [first["id"]]),
    ]
    assert [event.data["revision"] for event in practice.published("route.published")] == [1, 2, 3]
    old = practice.desk.get(f"/v1/routes/alma/{MONDAY}?revision=1").json
    assert [stop["appointment_id"] for stop in old["stops"]] == [first["id"]]


def test_a_therapist_sees_their_own_work_only(practice: Any) -> None:
    practice.therapist("bela")
    practice.shift()
    practice.patient()
    booked = practice.book()
    practice.made("post", f"/v1/therapists/alma/days/{MONDAY}/publication")
    alma = practice.as_("therapist", "alma")
    bela = practice.as_("therapist", "bela")
    for path in (f"/v1/routes/alma/{MONDAY}", f"/v1/appointments/{booked['id']}", f"/v1/therapists/alma/days/{MONDAY}"):
        assert alma.get(path).status_code == 200
        assert bela.get(path).status_code == 403
    assert alma.get("/v1/therapists/alma").json["home"] is not None
    assert bela.get("/v1/therapists/alma").json["home"] is None
    assert {one["phone"] is None for one in bela.get("/v1/therapists").json["items"]} == {True, False}
    assert len(alma.get("/v1/appointments").json["items"]) == 1
    assert bela.get("/v1/appointments").json["items"] == []
    assert bela.get("/v1/appointments?therapist_id=alma").status_code == 403
    assert bela.get("/v1/routes").json["items"] == []


def test_a_day_without_shifts_has_nothing_to_publish(practice: Any) -> None:
    assert practice.refusal(f"/v1/therapists/alma/days/{MONDAY}/publication", None) == "nothing-to-publish"
    assert practice.desk.get(f"/v1/routes/alma/{MONDAY}").status_code == 404
    assert practice.refusal("/v1/therapists/alma/days/tomorrow/publication", None, 422) == "not-a-date"


def test_the_first_visit_sets_a_published_day_running(practice: Any) -> None:
    practice.shift()
    practice.patient()
    booked = practice.book()
    practice.made("post", f"/v1/therapists/alma/days/{MONDAY}/publication")
    practice.made("post", f"/v1/appointments/{booked['id']}/progress", {"status": "en_route"}, 200)
    assert practice.desk.get(f"/v1/therapists/alma/days/{MONDAY}").json["status"] == "running"


def test_shifts_do_not_overlap_and_stay_inside_a_day(practice: Any) -> None:
    practice.shift()
    path = "/v1/therapists/alma/shifts"
    within = {"local_start": f"{MONDAY}T16:00", "local_end": f"{MONDAY}T18:00"}
    assert practice.refusal(path, within) == "shift-overlaps"
    over_midnight = {"local_start": f"{MONDAY}T20:00", "local_end": "2027-01-19T04:00"}
    assert practice.refusal(path, over_midnight, 422) == "shift-over-midnight"
    backwards = {"local_start": f"{MONDAY}T20:00", "local_end": f"{MONDAY}T19:00"}
    assert practice.refusal(path, backwards, 422) == "shift-ends-early"
    practice.made("post", path, {"local_start": f"{MONDAY}T20:00", "local_end": "2027-01-19T00:00"})


@pytest.mark.parametrize(("begin", "zone"), [("02:30", "America/New_York"), ("02:00", None)])
def test_a_wall_time_that_the_clocks_skip_is_refused(practice: Any, begin: str, zone: str | None) -> None:
    body: dict[str, Any] = {"local_start": f"{SPRING}T{begin}", "local_end": f"{SPRING}T12:00"}
    if zone:
        body["time_zone"] = zone
    answer = practice.desk.post("/v1/therapists/alma/shifts", body)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "local_start"
    assert practice.desk.get("/v1/therapists/alma/shifts").json == []


@pytest.mark.parametrize(
    ("day", "opens", "hours"), [(SPRING, "2027-03-14T05:00:00Z", 7), (AUTUMN, "2027-11-07T04:00:00Z", 9)]
)
def test_a_shift_over_a_change_of_clocks_has_its_true_length_and_its_slots_stay_on_the_grid(
    practice: Any, day: str, opens: str, hours: int
) -> None:
    practice.patient()
    shift = practice.shift(day=day, begin="00:00", end="08:00")
    assert shift["starts_at"] == opens
    span = {"from": f"{day}T00:00:00-05:00", "to": f"{day}T23:00:00-05:00"}
    if day == AUTUMN:
        span["from"] = f"{day}T00:00:00-04:00"
    offers = practice.offers(day=day, limit=200, **span)
    assert {offer["local_start"][-2:] for offer in offers} <= {"00", "15", "30", "45"}
    starts = sorted(offer["starts_at"] for offer in offers)
    drive = offers[0]["added_drive_minutes"] // 2
    assert len(starts) >= (hours - 1) * 4 - 2 * (drive // 15 + 1)
    assert not any(offer["local_start"].startswith(f"{SPRING}T02") for offer in offers)


def test_a_visit_in_the_repeated_hour_is_told_apart_by_its_moment(practice: Any) -> None:
    practice.patient()
    practice.patient("patient-2")
    practice.claim("patient-1", expires_on=_end_of_year())
    practice.shift(day=AUTUMN, begin="00:00", end="08:00")
    first = practice.book(local_start=None, time_zone=None, starts_at="2027-11-07T05:15:00Z")
    second = practice.book("patient-2", local_start=None, time_zone=None, starts_at="2027-11-07T06:15:00Z")
    assert first["local_start"] == second["local_start"] == f"{AUTUMN}T01:15"
    both = practice.slot("patient-2", f"{AUTUMN}T01:15")
    assert practice.refusal("/v1/holds", both) == "therapist-busy"


def _end_of_year() -> Any:
    return date(2027, 12, 31)
