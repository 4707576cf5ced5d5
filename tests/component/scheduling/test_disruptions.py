"""The day goes wrong: it is planned anew at once, promises first, and those affected hear of it once."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest

from scheduling_svc.disruption import searching

pytestmark = pytest.mark.embedded

MONDAY = "2027-01-18"
ZONE = "America/New_York"
NEAR = {"latitude": 42.3736, "longitude": -71.1097}


def _at(clock: str) -> datetime:
    """A wall time in Boston in winter."""
    return datetime.fromisoformat(f"{MONDAY}T{clock}:00-05:00")


def _clock(text: str) -> str:
    """Wall time of a moment on the wire."""
    return (datetime.fromisoformat(text) - timedelta(hours=5)).strftime("%H:%M")


class Day:
    """Monday with two therapists, promises of two hours, and the route of both published."""

    def __init__(self, practice: Any, promise_minutes: int = 120) -> None:
        self.practice = practice
        self.version = 1
        settings = {"name": "Sample Practice", "time_zone": ZONE, "promise_minutes": promise_minutes}
        practice.made("put", "/v1/practice", settings, 200, headers={"If-Match": '"1"'})
        practice.therapist("berta")
        for therapist in ("alma", "berta"):
            practice.shift(therapist)

    def book(self, patient_id: str, at: str, therapist_id: str = "alma", **place: float) -> dict[str, Any]:
        home = {**NEAR, **place}
        address = {
            "line": "1 Sample Street", "city": "Cambridge", "state": "MA", "postal_code": "02139", "country": "US",
            "coordinates": home,
        }  # fmt: skip
        self.practice.patient(patient_id, address=address)
        return dict(self.practice.book(patient_id, f"{MONDAY}T{at}", therapist_id=therapist_id))

    def publish(self) -> None:
        for therapist in ("alma", "berta"):
            self.practice.made("post", f"/v1/therapists/{therapist}/days/{MONDAY}/publication")

    def now(self, clock: str) -> None:
        known = self.practice.harness.clock
        known.advance(_at(clock) - known.now())

    def report(self, kind: str, status: int = 201, **what: Any) -> dict[str, Any]:
        body = {"kind": kind, **what}
        return dict(self.practice.made("post", f"/v1/days/{MONDAY}/disruptions", body, status))

    def progress(self, appointment: dict[str, Any], *steps: str) -> None:
        for step in steps:
            path = f"/v1/appointments/{appointment['id']}/progress"
            self.practice.made("post", path, {"status": step}, 200)

    def appointment(self, id_: str) -> dict[str, Any]:
        return dict(self.practice.desk.get(f"/v1/appointments/{id_}").json)

    def stops(self, therapist_id: str) -> dict[str, str]:
        day = self.practice.desk.get(f"/v1/therapists/{therapist_id}/days/{MONDAY}").json
        return {stop["id"]: _clock(stop["starts_at"]) for stop in day["stops"]}

    def route(self, therapist_id: str) -> list[str]:
        route = self.practice.desk.get(f"/v1/routes/{therapist_id}/{MONDAY}").json
        return [stop["appointment_id"] for stop in route["stops"]]

    def risks(self, **query: Any) -> list[dict[str, Any]]:
        path = f"/v1/days/{MONDAY}/promises-at-risk"
        return list(self.practice.desk.get(path, query_string=query).json["items"])


def test_the_visits_of_a_therapist_who_is_ill_go_to_a_colleague_and_both_routes_are_told(practice: Any) -> None:
    day = Day(practice)
    first, second = day.book("patient-1", "10:00"), day.book("patient-2", "13:00")
    day.publish()

    told = day.report("therapist_away", therapist_id="alma")

    assert told["keeps_promises"]
    assert told["hands_changed"] == 2
    assert {one["therapist_id"] for one in told["replanned"]} == {"berta"}
    assert day.appointment(first["id"])["therapist_id"] == "berta"
    assert sorted(day.route("berta")) == sorted([first["id"], second["id"]])
    assert day.route("alma") == []
    moved = practice.published("appointment.moved")
    assert {event.data["appointment_id"] for event in moved} == {first["id"], second["id"]}
    assert day.risks() == []
    (shift,) = practice.desk.get("/v1/therapists/alma/shifts").json
    assert shift["local_start"] == shift["local_end"], "nothing can be booked with a therapist who is ill"


def test_a_visit_that_nobody_else_may_make_is_named_with_what_can_be_done_and_can_be_acknowledged(
    practice: Any,
) -> None:
    day = Day(practice)
    practice.made(
        "post", "/v1/service-types", {"code": "lymph-60", "name": "Lymph", "minutes": 60, "skills": ["lymph"]}
    )
    version = practice.desk.get("/v1/therapists/alma").headers["ETag"]
    known = practice.desk.get("/v1/therapists/alma").json
    skilled = {**known, "skills": ["lymph"], "service_types": [*known["service_types"], "lymph-60"]}
    skilled = {name: value for name, value in skilled.items() if name != "version"}
    practice.made("put", "/v1/therapists/alma", skilled, 200, headers={"If-Match": version})
    practice.patient("patient-1")
    only_alma = practice.book("patient-1", f"{MONDAY}T10:00", service_type="lymph-60")
    other = day.book("patient-2", "13:00")
    day.publish()

    told = day.report("therapist_away", therapist_id="alma")

    assert not told["keeps_promises"]
    (broken,) = told["broken"]
    assert broken["appointment_id"] == only_alma["id"]
    assert broken["expected_at"] is None
    assert "away" in broken["why"]
    assert [one["kind"] for one in broken["proposals"]] == ["call_patient"]
    assert day.appointment(other["id"])["therapist_id"] == "berta", "the promise that can be kept is kept"
    (warning,) = practice.published("route.promise_at_risk")
    assert (warning.data["appointment_id"], warning.data["cause"]) == (only_alma["id"], "therapist_away")
    (risk,) = day.risks()
    assert (risk["state"], risk["broken"], risk["expected_at"]) == ("open", True, None)

    seen = practice.made("post", f"/v1/promises-at-risk/{only_alma['id']}/acknowledgement", None, 200)
    assert (seen["state"], seen["acknowledged_by"]) == ("acknowledged", "clerk-1")
    practice.made("post", f"/v1/appointments/{only_alma['id']}/cancellation", {"reason": "practice"}, 200)
    assert day.risks() == []
    assert [one["state"] for one in day.risks(all=True)] == ["resolved"]


def test_a_therapist_who_is_away_for_some_hours_works_before_and_after(practice: Any) -> None:
    day = Day(practice)
    noon = day.book("patient-1", "12:00")
    late = day.book("patient-2", "15:30")
    day.publish()

    told = day.report("therapist_away", therapist_id="alma", since=f"{MONDAY}T11:30:00-05:00",
                      until=f"{MONDAY}T13:30:00-05:00")  # fmt: skip

    assert told["keeps_promises"]
    shifts = practice.desk.get("/v1/therapists/alma/shifts").json
    parts = [(one["local_start"][-5:], one["local_end"][-5:]) for one in shifts]
    assert parts == [("09:00", "11:30"), ("13:30", "17:00")]
    assert noon["id"] in day.stops("alma") | day.stops("berta")
    assert day.appointment(late["id"])["starts_at"]


def test_a_cancelled_visit_frees_its_time_and_a_no_show_needs_no_promise_any_more(practice: Any) -> None:
    day = Day(practice)
    first, second = day.book("patient-1", "10:00"), day.book("patient-2", "13:00")
    day.publish()

    told = day.report("visit_cancelled", appointment_id=first["id"], reason="patient")

    assert told["keeps_promises"]
    assert day.appointment(first["id"])["status"] in ("cancelled", "late_cancelled")
    assert first["id"] not in day.stops("alma")
    revisions = [event.data["revision"] for event in practice.published("route.published") if event.key[:4] == "alma"]
    assert revisions == [1, 2], "the therapist is told once"
    day.now("13:20")
    day.report("no_show", appointment_id=second["id"])
    assert day.appointment(second["id"])["status"] == "no_show"


def test_a_visit_that_takes_longer_gives_the_next_one_to_whoever_can_keep_its_promise(practice: Any) -> None:
    day = Day(practice, promise_minutes=30)
    first = day.book("patient-1", "10:00")
    second = day.book("patient-2", "11:30", latitude=42.38)
    day.publish()
    day.now("09:40")
    day.progress(first, "en_route", "arrived")
    day.now("10:00")
    day.progress(first, "in_progress")

    told = day.report("overrun", appointment_id=first["id"], minutes=90)

    assert told["keeps_promises"]
    (change,) = told["replanned"]
    assert (change["appointment_id"], change["therapist_id"]) == (second["id"], "berta")
    assert first["id"] in day.stops("alma")
    assert told["solving_ms"] >= 0
    again = practice.desk.get(f"/v1/disruptions/{told['id']}").json
    assert again == told
    assert [one["id"] for one in practice.desk.get(f"/v1/days/{MONDAY}/disruptions").json["items"]] == [told["id"]]


def test_a_promise_that_no_plan_keeps_is_kept_as_late_as_must_be_and_its_patient_is_told(practice: Any) -> None:
    day = Day(practice, promise_minutes=30)
    first = day.book("patient-1", "10:00")
    second = day.book("patient-2", "11:30", latitude=42.38)
    day.publish()
    day.report("therapist_away", therapist_id="berta")
    day.now("09:40")
    day.progress(first, "en_route", "arrived")
    day.now("10:00")
    day.progress(first, "in_progress")

    told = day.report("overrun", appointment_id=first["id"], minutes=90)

    (broken,) = told["broken"]
    assert broken["appointment_id"] == second["id"]
    assert _clock(broken["promised_until"]) <= "12:00"
    assert _clock(broken["expected_at"]) >= "12:30"
    assert "call_patient" in [one["kind"] for one in broken["proposals"]]
    assert day.stops("alma")[second["id"]] == _clock(broken["expected_at"])
    moved = [event for event in practice.published("appointment.moved") if event.data["tell_patient"]]
    assert [event.data["appointment_id"] for event in moved] == [second["id"]]
    (risk,) = day.risks()
    assert (risk["cause"], risk["broken"]) == ("visit_overruns", True)


@pytest.mark.parametrize(("minutes", "pending"), [(90, True), (5, False)])
def test_only_where_a_promise_breaks_the_day_is_planned_once_more_with_more_time(
    practice: Any, monkeypatch: pytest.MonkeyPatch, minutes: int, pending: bool
) -> None:
    monkeypatch.setattr(searching, "_ready", Event())
    searching._ready.set()
    day = Day(practice, promise_minutes=30)
    first = day.book("patient-1", "10:00")
    day.book("patient-2", "11:30", latitude=42.38)
    day.report("therapist_away", therapist_id="berta")
    practice.harness.run_job("replan")
    day.now("09:40")
    day.progress(first, "en_route", "arrived", "in_progress")
    assert not practice.desk.get(f"/v1/boards/{MONDAY}").json["replan_pending"]

    told = day.report("overrun", appointment_id=first["id"], minutes=minutes)

    assert bool(told["broken"]) == pending
    assert practice.desk.get(f"/v1/boards/{MONDAY}").json["replan_pending"] == pending


def test_an_urgent_visit_is_booked_where_it_breaks_no_promise(practice: Any) -> None:
    day = Day(practice)
    first = day.book("patient-1", "10:00")
    day.publish()
    practice.patient("patient-9")
    day.now("08:30")

    told = day.report(
        "urgent_visit", patient_id="patient-9", service_type="massage-60", until=f"{MONDAY}T11:00:00-05:00"
    )

    made = day.appointment(told["appointment_id"])
    assert made["patient_id"] == "patient-9"
    assert "09:00" <= _clock(made["starts_at"]) <= "11:00"
    assert told["keeps_promises"]
    assert first["id"] in day.stops("alma") | day.stops("berta")


def test_an_urgent_visit_for_which_there_is_no_time_is_refused_with_the_first_moment_and_changes_nothing(
    practice: Any,
) -> None:
    day = Day(practice)
    practice.patient("patient-9")
    day.report("therapist_away", therapist_id="berta")
    before = practice.desk.get(f"/v1/days/{MONDAY}/disruptions").json["items"]
    day.now("08:30")
    body = {
        "kind": "urgent_visit",
        "patient_id": "patient-9",
        "service_type": "massage-60",
        "until": f"{MONDAY}T09:01:00-05:00",
    }
    answer = practice.desk.post(f"/v1/days/{MONDAY}/disruptions", body)
    assert answer.status_code == 409
    assert answer.json["code"] == "no-place-for-urgent-visit"
    assert "alma" in answer.json["errors"][0]["fix"]
    assert practice.desk.get(f"/v1/days/{MONDAY}/disruptions").json["items"] == before


def test_a_blocked_road_makes_drives_longer_and_promises_are_kept_around_it(practice: Any) -> None:
    day = Day(practice, promise_minutes=30)
    far = day.book("patient-1", "10:00", latitude=42.40, longitude=-71.15)
    day.publish()

    told = day.report("road_blocked", centre={"latitude": 42.38, "longitude": -71.10}, radius_km=2, delay_minutes=20)

    assert told["keeps_promises"]
    etas = practice.desk.get(f"/v1/therapists/alma/days/{MONDAY}/etas").json["items"]
    assert [one["appointment_id"] for one in etas] == [far["id"]]
    assert etas[0]["promise"] == "none"


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({"kind": "therapist_away"}, 422, "therapist_id"),
        ({"kind": "overrun", "appointment_id": "x", "minutes": 0}, 422, "minutes"),
        ({"kind": "no_show", "appointment_id": "x", "minutes": 5}, 422, "minutes"),
        ({"kind": "meteor"}, 422, "kind"),
        ({"kind": "visit_cancelled", "appointment_id": "nobody"}, 404, None),
        ({"kind": "therapist_away", "therapist_id": "nobody"}, 404, None),
    ],
)
def test_a_report_that_makes_no_sense_names_the_field(
    practice: Any, body: dict[str, Any], status: int, named: str | None
) -> None:
    answer = practice.desk.post(f"/v1/days/{MONDAY}/disruptions", body)
    assert answer.status_code == status, answer.json
    if named:
        assert named in [error["field"] for error in answer.json["errors"]]


def test_a_day_that_is_no_day_or_long_over_is_refused(practice: Any) -> None:
    body = {"kind": "visit_cancelled", "appointment_id": "x"}
    assert practice.refusal("/v1/days/tomorrow/disruptions", body, 422) == "not-a-date"
    assert practice.refusal("/v1/days/2020-01-01/disruptions", body, 422) == "day-is-over"


def test_running_late_cascades_patients_hear_once_and_the_dispatcher_before_the_promise_breaks(practice: Any) -> None:
    day = Day(practice, promise_minutes=30)
    first = day.book("patient-1", "10:00")
    second = day.book("patient-2", "11:30", latitude=42.38)
    day.publish()
    day.now("09:55")
    day.progress(first, "en_route")
    assert practice.published("visit.eta_changed") == []

    day.now("10:20")
    day.progress(first, "arrived", "in_progress")
    day.now("11:55")
    day.progress(first, "completed")

    told = practice.published("visit.eta_changed")
    assert {event.data["appointment_id"] for event in told} <= {first["id"], second["id"]}
    mine = [event for event in told if event.data["appointment_id"] == second["id"]]
    assert [event.data["estimate"] for event in mine] == list(range(1, len(mine) + 1))
    last = mine[-1].data
    assert last["tell_patient"]
    assert _at("11:55") < last["expected_at"] < _at("12:05")
    etas = practice.desk.get(f"/v1/therapists/alma/days/{MONDAY}/etas").json["items"]
    assert [one["appointment_id"] for one in etas] == [second["id"]]
    assert practice.published("route.promise_at_risk")
    count = len(practice.published("visit.eta_changed"))
    day.progress(second, "en_route")
    assert len(practice.published("visit.eta_changed")) == count, "nothing new, so nobody hears of it again"


def test_who_does_not_move_is_late_too_and_the_clock_notices(practice: Any) -> None:
    from scheduling_svc.disruption.jobs import watch_days

    day = Day(practice, promise_minutes=30)
    first = day.book("patient-1", "10:00")
    day.publish()
    day.now("09:30")
    watch_days(practice.harness.runtime)
    assert practice.published("visit.eta_changed") == []
    day.now("10:20")
    watch_days(practice.harness.runtime)
    watch_days(practice.harness.runtime)
    (late,) = practice.published("visit.eta_changed")
    assert late.data["appointment_id"] == first["id"]
    (risk,) = day.risks()
    assert risk["cause"] == "running_late"
    assert risk["proposals"][-1]["kind"] == "call_patient"


def test_a_promise_that_breaks_by_a_delay_goes_to_whoever_can_keep_it(practice: Any) -> None:
    day = Day(practice, promise_minutes=30)
    first = day.book("patient-1", "10:00")
    second = day.book("patient-2", "11:15", latitude=42.38)
    day.publish()
    day.now("09:50")
    day.progress(first, "en_route", "arrived")
    day.now("10:50")
    day.progress(first, "in_progress")
    (risk,) = day.risks()
    assert (risk["appointment_id"], risk["cause"], risk["broken"]) == (second["id"], "running_late", True)
    assert risk["proposals"][0]["kind"] == "other_therapist"

    practice.harness.run_job("replan")

    assert day.appointment(second["id"])["therapist_id"] == "berta"
    assert day.route("berta") == [second["id"]]
    practice.harness.run_job("day-watch")
    assert day.risks() == []


def test_a_visit_in_a_room_of_a_therapist_who_is_ill_is_named_and_leaves_the_route(practice: Any) -> None:
    day = Day(practice)
    practice.therapist("carla")
    practice.shift("carla", location_id="clinic")
    practice.patient("patient-1")
    place = {"setting": "clinic", "location_id": "clinic", "room_id": "room-1", "therapist_id": "carla"}
    early = practice.book("patient-1", f"{MONDAY}T09:00", **place)
    late = practice.book("patient-1", f"{MONDAY}T14:00", **place)
    practice.made("post", f"/v1/therapists/carla/days/{MONDAY}/publication")

    told = day.report("therapist_away", therapist_id="carla", since=f"{MONDAY}T11:00:00-05:00")

    assert [one["appointment_id"] for one in told["broken"]] == [late["id"]]
    assert day.route("carla") == [early["id"]]
    assert [risk["appointment_id"] for risk in day.risks()] == [late["id"]]


def test_a_visit_that_was_left_over_finds_a_therapist_when_there_is_time_again(practice: Any) -> None:
    day = Day(practice)
    left = day.book("patient-1", "10:00")
    day.publish()
    day.report("therapist_away", therapist_id="berta")
    told = day.report("therapist_away", therapist_id="alma")
    assert [one["appointment_id"] for one in told["broken"]] == [left["id"]]
    assert day.route("alma") == []
    practice.therapist("dora")
    practice.shift("dora")
    other = day.book("patient-2", "14:00", therapist_id="dora")

    practice.harness.run_job("replan")

    assert day.appointment(left["id"])["therapist_id"] == "dora"
    assert sorted(day.stops("dora")) == sorted([left["id"], other["id"]])


def test_who_falls_ill_on_the_way_keeps_what_was_done_and_the_visit_ahead_is_named(practice: Any) -> None:
    day = Day(practice)
    done = day.book("patient-1", "09:30")
    ahead = day.book("patient-2", "11:00", latitude=42.38)
    later = day.book("patient-3", "14:00")
    day.publish()
    day.now("09:25")
    day.progress(done, "en_route", "arrived")
    day.now("09:35")
    day.progress(done, "in_progress")
    day.now("10:35")
    day.progress(done, "completed")
    day.progress(ahead, "en_route")

    told = day.report("therapist_away", therapist_id="alma")

    (broken,) = told["broken"]
    assert (broken["appointment_id"], broken["expected_at"]) == (ahead["id"], None)
    assert "set out" in broken["why"]
    assert day.appointment(later["id"])["therapist_id"] == "berta"
    assert day.route("alma") == [done["id"]]
    assert [risk["appointment_id"] for risk in day.risks()] == [ahead["id"]]
    (shift,) = practice.desk.get("/v1/therapists/alma/shifts").json
    assert (shift["local_start"][-5:], shift["local_end"][-5:]) == ("09:00", "10:35")
