"""The therapist's page of a day: who gets in, what it shows, what a tap does, and that one counts once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar

from fascia.links import PAY_STATEMENT, sign_link

pytestmark = pytest.mark.embedded

MONDAY = "2027-01-18"
NINE = datetime(2027, 1, 18, 14, tzinfo=UTC)


class Phone:
    """The link of a published day, opened without an account."""

    def __init__(self, practice: Any) -> None:
        self._practice = practice
        self._client = practice.harness.anonymous()
        self.event = practice.published("route.published")[-1]
        self.path = urlsplit(self.event.data["page_url"]).path

    def page(self) -> Any:
        return self._client.get(self.path)

    def tap(self, appointment: dict[str, Any], action: str, **options: Any) -> Any:
        """A tap as the page's script sends it."""
        headers = {"Accept": "application/json", **options.pop("headers", {})}
        fields = {"action": action, **options}
        return self._client.post(f"{self.path}/visits/{appointment['id']}", data=fields, headers=headers)

    def form(self, appointment: dict[str, Any], action: str) -> Any:
        """A tap without scripts."""
        return self._client.post(f"{self.path}/visits/{appointment['id']}", data={"action": action})

    def get(self, path: str) -> Any:
        return self._client.get(path)


def clock_at(practice: Any, at: datetime) -> None:
    clock = practice.harness.clock
    clock.advance(at - clock.now())


@pytest.fixture
def day(practice: Any) -> tuple[Phone, list[dict[str, Any]]]:
    """A published day with visits at 10:00 and 14:00, at 09:00 of that day."""
    practice.shift()
    practice.patient()
    practice.patient("patient-2", given_name="Berta", family_name="Sample-02", door_notes="Code 4711, second floor")
    booked = [practice.book(), practice.book("patient-2", f"{MONDAY}T14:00")]
    practice.made("post", f"/v1/therapists/alma/days/{MONDAY}/publication")
    clock_at(practice, NINE)
    return Phone(practice), booked


def state(practice: Any, appointment: dict[str, Any]) -> str:
    return str(practice.appointment(appointment["id"])["status"])


def test_the_link_opens_the_day_without_an_account(practice: Any, day: Any) -> None:
    phone, booked = day
    answer = phone.page()
    assert answer.status_code == 200
    page = answer.text
    for shown in (
        "Monday, January 18",
        "Ada Sample-01",
        "Ring twice",
        "Code 4711, second floor",
        "10:00 AM",
        "Massage",
    ):
        assert shown in page
    assert "geo:42.373600,-71.109700" in page
    assert page.index("Ada Sample-01") < page.index("Berta Sample-02")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.findall(r"""(?:src|srcset)=["']""", page), "nothing is loaded from anywhere"
    for id_ in (booked[0]["patient_id"], "Ada", "Cambridge"):
        assert id_ not in phone.path


def test_the_event_says_when_the_link_ends_and_keeps_door_notes_here(practice: Any, day: Any) -> None:
    phone, _ = day
    data = phone.event.data
    assert data["page_expires_at"] == datetime(2027, 1, 19, 9, tzinfo=UTC)
    assert data["stops"][0]["promised_from"] == data["stops"][0]["starts_at"]
    assert "4711" not in str(data)
    assert "4711" not in practice.harness.raw()
    route = practice.desk.get(f"/v1/routes/alma/{MONDAY}").json
    assert [stop["door_notes"] for stop in route["stops"]] == ["Ring twice", "Code 4711, second floor"]
    assert route["stops"][0]["promised_until"] == route["stops"][0]["starts_at"]


def test_a_door_code_is_for_the_desk_and_whoever_stands_at_the_door(practice: Any, day: Any) -> None:
    for role, subject, sees in (
        ("dispatcher", "d", True),
        ("therapist", "alma", True),
        ("biller", "b", False),
        ("auditor", "a", False),
    ):
        reader = practice.as_(role, subject)
        (one,) = reader.get("/v1/routes").json["items"]
        assert ("4711" in str(one)) is sees
        assert ("4711" in reader.get(f"/v1/routes/alma/{MONDAY}").text) is sees


def test_an_ended_a_forged_and_another_kind_of_link_open_nothing(practice: Any, day: Any) -> None:
    phone, booked = day
    other = sign_link(
        practice.harness.runtime.keyring,
        PAY_STATEMENT,
        f"alma:{MONDAY}",
        practice.practice_id,
        NINE + timedelta(days=9),
    )
    for path in (phone.path[:-1] + ("A" if phone.path[-1] != "A" else "B"), f"/r/{other}", "/r/x"):
        answer = phone.get(path)
        assert answer.status_code == 403
        assert "not valid" in answer.text
        assert "Ada" not in answer.text
    clock_at(practice, datetime(2027, 1, 19, 9, tzinfo=UTC))
    for path in (phone.path, f"{phone.path}.ics"):
        answer = phone.get(path)
        assert answer.status_code == 410
        assert "This link has ended" in answer.text
    refused = phone.tap(booked[0], "on_my_way")
    assert (refused.status_code, refused.json["code"]) == (410, "link-expired")
    assert state(practice, booked[0]) == "booked"


def test_the_practice_says_how_long_a_link_lives(practice: Any, day: Any) -> None:
    version = practice.desk.get("/v1/practice").headers["ETag"]
    body = {"name": "Sample Practice", "time_zone": "America/New_York", "route_link_hours": 0}
    practice.made("put", "/v1/practice", body, 200, headers={"If-Match": version})
    made = practice.made("post", f"/v1/routes/alma/{MONDAY}/links")
    assert made["expires_at"] == "2027-01-19T05:00:00Z"
    assert day[0].get(urlsplit(made["url"]).path).status_code == 200


def test_a_link_is_made_anew_by_the_desk_and_the_therapist_alone(practice: Any, day: Any) -> None:
    practice.therapist("bela")
    path = f"/v1/routes/alma/{MONDAY}/links"
    assert practice.as_("therapist", "alma").post(path).status_code == 201
    assert practice.as_("therapist", "bela").post(path).status_code == 403
    assert practice.desk.post("/v1/routes/alma/2027-01-19/links").status_code == 404


def test_the_links_of_a_lost_phone_are_ended_at_once(practice: Any, day: Any) -> None:
    phone, booked = day
    path = f"/v1/routes/alma/{MONDAY}/links"
    practice.therapist("bela")
    assert practice.as_("therapist", "bela").delete(path).status_code == 403
    for _ in range(2):
        assert practice.desk.delete(path).status_code == 204
        assert phone.page().status_code == 410
        assert phone.get(f"{phone.path}.ics").status_code == 410
        assert phone.tap(booked[0], "on_my_way").json["code"] == "link-ended"
        phone.path = urlsplit(practice.made("post", path)["url"]).path
        assert phone.page().status_code == 200
    practice.made("post", f"/v1/appointments/{booked[1]['id']}/cancellation", {"reason": "practice"}, 200)
    assert Phone(practice).page().status_code == 200, "what is published later carries a link that works"


def test_taps_lead_a_visit_to_its_end(practice: Any, day: Any) -> None:
    phone, (first, _) = day
    for minutes, action, status in (
        (30, "on_my_way", "en_route"),
        (58, "arrived", "arrived"),
        (118, "done", "completed"),
    ):
        clock_at(practice, NINE + timedelta(minutes=minutes))
        answer = phone.tap(first, action)
        assert answer.status_code == 200, answer.json
        assert answer.json == {"appointment_id": first["id"], "status": status, "changed": True, "revision": 1}
    events = [event.data["status"] for event in practice.published("appointment.progressed")]
    assert events == ["en_route", "arrived", "in_progress"]
    (done,) = practice.published("appointment.completed")
    assert done.data["started_at"] == NINE + timedelta(minutes=58), "treatment is taken to begin on arrival"
    assert done.data["ended_at"] == NINE + timedelta(minutes=118)
    assert practice.desk.get(f"/v1/therapists/alma/days/{MONDAY}").json["status"] == "running"
    assert "1 of 2 to go" in phone.page().text


def test_a_tap_that_waited_for_a_connection_counts_when_it_was_made_and_once(practice: Any, day: Any) -> None:
    phone, (first, _) = day
    wrong_clock = "2020-05-01T08:00:00Z"
    sent = {"tapped_at": wrong_clock, "headers": {"Idempotency-Key": "k1", "Fascia-Sent-At": "2020-05-01T08:40:00Z"}}
    clock_at(practice, NINE + timedelta(minutes=60))
    answers = [phone.tap(first, "on_my_way", **{**sent, "headers": dict(sent["headers"])}) for _ in range(2)]
    # The second time it waited longer; the service has its answer ready.
    later = {**sent["headers"], "Fascia-Sent-At": "2020-05-01T08:55:00Z"}
    answers.append(phone.tap(first, "on_my_way", tapped_at=wrong_clock, headers=later))
    assert [answer.status_code for answer in answers] == [200] * 3
    assert len({answer.text for answer in answers}) == 1
    assert [answer.headers.get("Idempotent-Replayed") for answer in answers] == [None, "true", "true"]
    (event,) = practice.published("appointment.progressed")
    history = practice.appointment(first["id"])["history"]
    assert history[-1] == {"status": "en_route", "at": "2027-01-18T14:20:00Z"}
    assert event.data["status"] == "en_route"


def test_the_same_tap_under_another_key_changes_nothing(practice: Any, day: Any) -> None:
    phone, (first, _) = day
    assert phone.tap(first, "on_my_way", headers={"Idempotency-Key": "k1"}).json["changed"] is True
    again = phone.tap(first, "on_my_way", headers={"Idempotency-Key": "k2"})
    assert (again.status_code, again.json["changed"]) == (200, False)
    assert len(practice.published("appointment.progressed")) == 1


def test_a_tap_out_of_order_is_refused_with_what_is_possible(practice: Any, day: Any) -> None:
    phone, (first, _) = day
    refused = phone.tap(first, "done")
    assert (refused.status_code, refused.json["code"]) == (409, "not-the-next-step")
    assert phone.tap(first, "arrived").json["code"] == "not-en-route"
    assert phone.tap(first, "nobody_there").json["code"] == "too-early"
    strange = phone.tap(first, "fly")
    assert (strange.status_code, strange.json["code"]) == (422, "invalid-tap")
    assert state(practice, first) == "booked"
    page = phone.form(first, "done")
    assert page.status_code == 409
    assert "Back to the route" in page.text


def test_yesterday_nobody_is_on_their_way(practice: Any, day: Any) -> None:
    phone, (first, _) = day
    clock_at(practice, NINE - timedelta(days=1))
    assert phone.tap(first, "on_my_way").json["code"] == "too-early"


def test_without_scripts_a_tap_leads_back_to_the_page(practice: Any, day: Any) -> None:
    phone, (first, _) = day
    answer = phone.form(first, "on_my_way")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{phone.path}#v-{first['id']}"
    assert "On my way since 9:00 AM" in phone.page().text


def test_following_the_link_changes_nothing(practice: Any, day: Any) -> None:
    phone, booked = day
    before = len(practice.harness.published())
    for path in (phone.path, f"{phone.path}.ics", "/r/worker.js"):
        assert phone.get(path).status_code == 200
    assert phone.get(f"{phone.path}/visits/{booked[0]['id']}").status_code == 405
    assert len(practice.harness.published()) == before


def test_a_visit_that_went_to_somebody_else_cannot_be_tapped(practice: Any, day: Any) -> None:
    phone, (first, second) = day
    practice.made("post", f"/v1/appointments/{second['id']}/cancellation", {"reason": "practice"}, 200)
    page = phone.page().text
    assert 'data-revision="2"' in page
    assert "No longer on your route" in page
    assert "Berta Sample-02</s>: cancelled" in page
    assert phone.tap(second, "on_my_way").json["code"] == "not-the-next-step"
    practice.therapist("bela")
    practice.shift("bela")
    hers = practice.book("patient-2", f"{MONDAY}T12:00", therapist_id="bela")
    for id_ in (hers["id"], "01a2087e-0606-77d6-9cf1-bf9267000001"):
        assert phone.tap({"id": id_}, "on_my_way").json["code"] == "not-on-this-route"
    assert phone.tap(first, "on_my_way", revision=1).json["revision"] == 2, (
        "an old plan on the screen is told of the new"
    )


def test_a_visit_that_is_given_up_stays_promised_and_reaches_the_desk(practice: Any, day: Any) -> None:
    phone, (first, _) = day
    assert phone.tap(first, "cannot_make_it", why="late").json["changed"] is True
    assert phone.tap(first, "cannot_make_it", why="ill").json["changed"] is False
    assert state(practice, first) == "booked"
    (event,) = practice.published("visit.given_up")
    assert (event.data["appointment_id"], event.data["why"], event.data["therapist_id"]) == (
        first["id"],
        "late",
        "alma",
    )
    assert "Nobody has answered yet" in phone.page().text

    (open_one,) = practice.desk.get("/v1/given-up-visits?settled=false").json["items"]
    practice.made("post", f"/v1/given-up-visits/{open_one['id']}/settlement", None, 200)
    assert practice.desk.get("/v1/given-up-visits?settled=false").json["items"] == []
    assert "The office saw it at 9:00 AM" in phone.page().text
    assert practice.desk.post("/v1/given-up-visits/none/settlement").status_code == 404
    assert phone.tap(first, "cannot_make_it", why="ill").json["changed"] is True, "said again after it was settled"
    assert len(practice.published("visit.given_up")) == 2


def test_a_delay_shows_when_what_follows_is_expected(practice: Any, day: Any) -> None:
    phone, (first, _) = day
    assert "Now expected" not in phone.page().text
    phone.tap(first, "on_my_way")
    clock_at(practice, NINE + timedelta(minutes=90))
    page = phone.page().text
    assert "Now expected 10:30 AM, after the promise" in page, "an exact time is a promise"
    assert page.count("Now expected") == 1, "the free hours before the second visit take the delay"


def test_setting_out_after_all_takes_it_back(practice: Any, day: Any) -> None:
    phone, (first, second) = day
    phone.tap(first, "cannot_make_it", why="late")
    assert f'action="{phone.path}/visits/{second["id"]}"' in phone.page().text.split('id="bar"')[1], (
        "the next one is on"
    )
    assert phone.tap(first, "on_my_way").json["status"] == "en_route"
    assert practice.desk.get("/v1/given-up-visits?settled=false").json["items"] == []


def test_nobody_there_ends_the_visit_and_the_page_says_so(practice: Any, day: Any) -> None:
    phone, (first, _) = day
    phone.tap(first, "on_my_way")
    clock_at(practice, NINE + timedelta(minutes=75))
    assert phone.tap(first, "nobody_there").json["status"] == "no_show"
    assert phone.tap(first, "nobody_there").json["changed"] is False
    assert "Ada Sample-01</s>: nobody was there at 10:15 AM" in phone.page().text
    assert practice.published("appointment.cancelled")[-1].data["reason"] == "no_show"


def test_a_door_code_that_changed_at_noon_is_on_the_page(practice: Any, day: Any) -> None:
    phone, _ = day
    practice.patient(door_notes="New code 0815", version=2)
    assert "New code 0815" in phone.page().text


def test_the_calendar_file_says_when_and_no_name(practice: Any, day: Any) -> None:
    phone, booked = day
    answer = phone.get(f"{phone.path}.ics")
    assert answer.mimetype == "text/calendar"
    events = Calendar.from_ical(answer.data).walk("VEVENT")
    assert [event.decoded("dtstart") for event in events] == [NINE + timedelta(hours=1), NINE + timedelta(hours=5)]
    assert "Ada" not in answer.text
    assert "Sample Street" not in answer.text
    own = practice.as_("therapist", "alma").get(f"/v1/routes/alma/{MONDAY}.ics")
    assert own.headers["ETag"] == '"1"'
    assert [str(event["uid"]) for event in Calendar.from_ical(own.data).walk("VEVENT")] == [
        f"{one['id']}.{MONDAY}@fascia" for one in booked
    ]
    assert practice.as_("therapist", "bela").get(f"/v1/routes/alma/{MONDAY}.ics").status_code == 403


def test_a_day_that_was_not_published_has_no_page(practice: Any) -> None:
    practice.shift()
    token = sign_link(
        practice.harness.runtime.keyring, "route", f"alma:{MONDAY}", practice.practice_id, NINE + timedelta(days=1)
    )
    answer = practice.harness.anonymous().get(f"/r/{token}")
    assert answer.status_code == 404
    assert "Nothing is published for this day" in answer.text
