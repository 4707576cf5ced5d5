"""The dispatcher's board: what is on it, what a move would come to, and that a move is what was looked at."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

pytestmark = pytest.mark.embedded

MONDAY = "2027-01-18"
BOARD = f"/v1/boards/{MONDAY}"
NEAR = {"latitude": 42.3736, "longitude": -71.1097}
FAR = {"latitude": 42.4736, "longitude": -71.3097}


@pytest.fixture
def two(practice: Any) -> Any:
    """Two therapists who drive, two-hour promises, and a visit of alma's between nine and eleven."""
    practice.made("put", "/v1/practice", settings(), 200, headers={"If-Match": '"1"'})
    practice.therapist("berta")
    practice.shift("alma")
    practice.shift("berta")
    practice.patient()
    return practice


def settings(**changes: Any) -> dict[str, Any]:
    return {"name": "Sample Practice", "time_zone": "America/New_York", "promise_minutes": 120, **changes}


def booked(practice: Any, patient_id: str = "patient-1", opens: int = 9, **changes: Any) -> dict[str, Any]:
    """A visit with a window of two hours."""
    promised = {
        "promised_from": f"{MONDAY}T{opens:02}:00:00-05:00",
        "promised_until": f"{MONDAY}T{opens + 2:02}:00:00-05:00",
    }
    return dict(practice.book(patient_id, f"{MONDAY}T{opens:02}:30", **promised, **changes))


def what_if(practice: Any, visit: dict[str, Any], therapist_id: str, **where: Any) -> tuple[dict[str, Any], str]:
    body = {"appointment_id": visit["id"], "therapist_id": therapist_id, **where}
    answer = practice.desk.post(f"{BOARD}/what-if", body)
    assert answer.status_code == 200, answer.json
    return dict(answer.json), answer.headers["ETag"]


def obstacles(practice: Any, visit: dict[str, Any], therapist_id: str, **where: Any) -> list[str]:
    judged, _ = what_if(practice, visit, therapist_id, **where)
    assert judged["feasible"] is False
    assert judged["added"] is None
    return [obstacle["code"] for obstacle in judged["obstacles"]]


def do(practice: Any, visit: dict[str, Any], therapist_id: str, tag: str, status: int = 201, **where: Any) -> Any:
    body = {"appointment_id": visit["id"], "therapist_id": therapist_id, **where}
    return practice.made("post", f"{BOARD}/moves", body, status, headers={"If-Match": tag})


def board(practice: Any, **query: str) -> dict[str, Any]:
    answer = practice.desk.get(BOARD, query_string=query)
    assert answer.status_code == 200, answer.json
    return dict(answer.json)


def stops(practice: Any, therapist_id: str) -> list[dict[str, Any]]:
    (row,) = [row for row in board(practice)["rows"] if row["therapist_id"] == therapist_id]
    return list(row["stops"])


def test_the_board_shows_each_therapist_with_visits_promises_and_drives(two: Any) -> None:
    visit = booked(two)

    shown = board(two)

    assert [row["therapist_id"] for row in shown["rows"]] == ["alma", "berta"]
    (stop,) = shown["rows"][0]["stops"]
    assert (stop["id"], stop["patient_name"], stop["status"]) == (visit["id"], "Ada Sample-01", "booked")
    assert (stop["promised_from"], stop["promised_until"]) == (f"{MONDAY}T14:00:00Z", f"{MONDAY}T16:00:00Z")
    assert stop["drive_minutes"] > 0
    assert stop["spare_minutes"] >= 60
    assert shown["rows"][0]["driving_minutes"] > stop["drive_minutes"]
    assert shown["rows"][1]["stops"] == []
    assert (shown["unassigned"], shown["at_risk"]) == ([], [])


def test_a_hold_is_on_the_board_as_one(two: Any) -> None:
    two.hold()

    (stop,) = stops(two, "alma")

    assert (stop["held"], stop["status"], stop["told_at"]) == (True, "held", None)


def test_the_board_can_be_of_one_region(two: Any) -> None:
    two.therapist("carla", region="north")
    two.shift("carla")

    assert [row["therapist_id"] for row in board(two, region="north")["rows"]] == ["carla"]
    assert board(two, region="nowhere")["rows"] == []


def test_the_board_changes_its_tag_with_what_is_on_it(two: Any) -> None:
    before = two.desk.get(BOARD).headers["ETag"]
    assert two.desk.get(BOARD).headers["ETag"] == before

    booked(two)

    assert two.desk.get(BOARD).headers["ETag"] != before


def test_what_waits_for_a_place_is_on_the_board(two: Any) -> None:
    wish = {"patient_id": "patient-1", "service_type": "massage-60", "from_day": MONDAY, "to_day": MONDAY}
    entry = two.made("post", "/v1/waitlist", wish)

    (waiting,) = board(two)["unassigned"]

    assert (waiting["id"], waiting["why"], waiting["prize_minutes"]) == (
        entry["id"],
        "waitlist",
        entry["prize_minutes"],
    )


def test_a_move_to_another_therapist_is_priced_by_part_and_changes_nothing_yet(two: Any) -> None:
    visit = booked(two)
    before = board(two)

    judged, _ = what_if(two, visit, "berta")

    assert judged["feasible"] is True
    assert judged["obstacles"] == []
    (affected,) = judged["affected"]
    assert (affected["id"], affected["therapist_before"], affected["therapist_id"]) == (visit["id"], "alma", "berta")
    assert judged["added"]["changed_hands"] == 15
    assert judged["added"]["driving"] == 0  # both live at the same place
    assert judged["added"]["total"] == sum(cost for part, cost in judged["added"].items() if part != "total")
    after = board(two)
    assert {**after, "drawn_at": None} == {**before, "drawn_at": None}


def test_a_move_that_was_looked_at_is_carried_out(two: Any) -> None:
    visit = booked(two)
    judged, tag = what_if(two, visit, "berta", starts_at=f"{MONDAY}T15:30:00Z")

    moved = do(two, visit, "berta", tag, starts_at=f"{MONDAY}T15:30:00Z")

    assert moved["handed_over"] == [visit["id"]]
    assert moved["affected"] == judged["affected"]
    assert stops(two, "alma") == []
    (stop,) = stops(two, "berta")
    assert (stop["starts_at"], stop["locked"]) == (f"{MONDAY}T15:30:00Z", True)
    assert two.appointment(visit["id"])["therapist_id"] == "berta"
    (event,) = two.published("appointment.moved")
    assert (event.data["therapist_id"], event.data["tell_patient"]) == ("berta", False)


def test_on_a_published_day_therapists_and_patient_are_told(two: Any) -> None:
    visit = booked(two)
    for therapist_id in ("alma", "berta"):
        two.made("post", f"/v1/therapists/{therapist_id}/days/{MONDAY}/publication")
    judged, tag = what_if(two, visit, "berta", starts_at=f"{MONDAY}T15:30:00Z")
    assert [affected["told"] for affected in judged["affected"]] == [True]
    assert judged["added"]["moved"] > 0

    moved = do(two, visit, "berta", tag, starts_at=f"{MONDAY}T15:30:00Z", lock=False)

    assert moved["told"] == [visit["id"]]
    assert moved["published"] == [f"alma:{MONDAY}", f"berta:{MONDAY}"]
    assert [event.data["tell_patient"] for event in two.published("appointment.moved")] == [True]
    routes = {event.data["route_id"]: event.data for event in two.published("route.published")}
    assert routes[f"alma:{MONDAY}"]["stops"] == []
    assert [stop["appointment_id"] for stop in routes[f"berta:{MONDAY}"]["stops"]] == [visit["id"]]
    assert stops(two, "berta")[0]["locked"] is False


def test_a_move_is_refused_when_a_day_changed_since_it_was_looked_at(two: Any) -> None:
    visit = booked(two)
    two.patient("patient-2")
    _, tag = what_if(two, visit, "berta")
    booked(two, "patient-2", opens=13, therapist_id="berta")

    refused = do(two, visit, "berta", tag, 412)

    assert refused["code"] == "stale-version"
    assert [stop["id"] for stop in stops(two, "alma")] == [visit["id"]]
    unseen = two.desk.post(f"{BOARD}/moves", {"appointment_id": visit["id"], "therapist_id": "berta"})
    assert unseen.status_code == 428


def test_of_many_who_looked_at_the_same_day_one_moves(two: Any) -> None:
    visits = []
    for number, opens in enumerate((9, 11, 13, 15)):
        two.patient(f"racer-{number}")
        visits.append(booked(two, f"racer-{number}", opens=opens))
    looked = [(visit, what_if(two, visit, "berta")[1]) for visit in visits]
    start = Barrier(len(looked))

    def attempt(one: tuple[dict[str, Any], str]) -> int:
        body = {"appointment_id": one[0]["id"], "therapist_id": "berta"}
        start.wait()
        return int(two.desk.post(f"{BOARD}/moves", body, headers={"If-Match": one[1]}).status_code)

    with ThreadPoolExecutor(len(looked)) as pool:
        answers = sorted(pool.map(attempt, looked))

    assert answers == [201, 412, 412, 412]
    assert len(stops(two, "alma")) == 3
    assert len(stops(two, "berta")) == 1


def test_a_place_in_the_run_is_judged_and_others_move_inside_their_promises(two: Any) -> None:
    booked(two)
    two.patient("patient-2")
    booked(two, "patient-2", opens=10)
    first, second = stops(two, "alma")

    judged, tag = what_if(two, second, "alma", position=0)

    assert judged["feasible"] is True
    assert judged["position"] == 0
    moved = {affected["id"]: affected["minutes"] for affected in judged["affected"]}
    assert moved[second["id"]] < 0 < moved[first["id"]]
    do(two, second, "alma", tag, position=0)
    order = stops(two, "alma")
    assert [stop["id"] for stop in order] == [second["id"], first["id"]]
    assert all(stop["promised_from"] <= stop["starts_at"] <= stop["promised_until"] for stop in order)


def test_a_place_behind_the_end_of_the_run_is_none(two: Any) -> None:
    assert obstacles(two, booked(two), "berta", position=3) == ["therapist-not-on-shift"]


def test_a_time_outside_the_promise_is_named(two: Any) -> None:
    visit = booked(two)

    assert obstacles(two, visit, "alma", starts_at=f"{MONDAY}T19:00:00Z") == ["promise-would-break"]
    assert obstacles(two, visit, "alma", starts_at="2020-01-18T15:00:00Z") == [
        "starts-in-the-past",
        "promise-would-break",
    ]


def test_all_rules_against_a_therapist_are_named_at_once(two: Any) -> None:
    licence = {"state": "NY", "number": "NY-1", "valid_from": "2026-01-01", "valid_until": "2027-12-31"}
    two.therapist("carla", licences=[licence], service_types=["evaluation-60"])
    two.shift("carla")
    visit = booked(two)
    two.made("put", "/v1/patients/patient-1/preferences", {"preferred": [], "refused": ["carla"]}, 200)

    assert obstacles(two, visit, "carla") == ["service-not-offered", "therapist-refused", "licence-not-valid"]


def test_who_has_no_shift_or_no_time_is_told_so(two: Any) -> None:
    two.therapist("carla")
    visit = booked(two)
    two.patient("patient-2")
    two.book("patient-2", f"{MONDAY}T09:30", therapist_id="berta")
    two.patient("patient-3")
    two.book("patient-3", f"{MONDAY}T10:30", therapist_id="berta")

    assert obstacles(two, visit, "carla") == ["therapist-not-on-shift"]
    assert obstacles(two, visit, "berta", starts_at=f"{MONDAY}T15:00:00Z") == ["therapist-busy"]


def test_a_move_with_obstacles_is_refused_with_all_of_them(two: Any) -> None:
    two.therapist("carla")
    visit = booked(two)
    _, tag = what_if(two, visit, "carla")

    refused = do(two, visit, "carla", tag, 409)

    assert refused["code"] == "move-not-possible"
    assert refused["errors"][0]["fix"]


def test_a_locked_visit_stays_until_it_is_unlocked(two: Any) -> None:
    visit = booked(two)
    path = f"{BOARD}/locks/{visit['id']}"
    for _ in range(2):
        assert two.made("put", path, status=200)["locked"] is True

    assert stops(two, "alma")[0]["locked"] is True
    assert obstacles(two, visit, "berta") == ["visit-locked"]
    assert two.desk.delete(path).status_code == 204
    assert two.desk.delete(path).status_code == 204
    assert what_if(two, visit, "berta")[0]["feasible"] is True
    assert board(two)["replan_pending"] is True


def test_a_visit_that_has_begun_is_neither_moved_nor_locked(two: Any) -> None:
    visit = booked(two)
    two.harness.clock.advance(timedelta(days=6, hours=23))
    therapist = two.as_("therapist", "alma")
    assert therapist.post(f"/v1/appointments/{visit['id']}/progress", {"status": "en_route"}).status_code == 200

    assert "visit-not-movable" in obstacles(two, visit, "berta")
    assert two.desk.put(f"{BOARD}/locks/{visit['id']}", None).status_code == 409


@pytest.mark.parametrize("signed", [False, True])
def test_nothing_pushes_aside_a_visit_that_has_begun(two: Any, signed: bool) -> None:
    for patient_id in ("patient-2", "patient-3"):
        two.patient(patient_id)
    booked(two, opens=10)
    booked(two, "patient-2", opens=10)
    ahead, behind = stops(two, "alma")
    assert what_if(two, behind, "alma", position=0)[0]["feasible"] is True
    two.harness.clock.advance(timedelta(days=6, hours=23))
    if signed:
        two.signed(two.appointment(ahead["id"]))
    else:
        path = f"/v1/appointments/{ahead['id']}/progress"
        assert two.as_("therapist", "alma").post(path, {"status": "en_route"}).status_code == 200

    assert obstacles(two, behind, "alma", position=0)
    _, tag = what_if(two, behind, "alma", starts_at=behind["promised_until"])
    do(two, behind, "alma", tag, starts_at=behind["promised_until"])
    between = {"promised_from": f"{MONDAY}T15:00:00Z", "promised_until": f"{MONDAY}T15:45:00Z"}
    assert two.refusal("/v1/holds", two.slot("patient-3", f"{MONDAY}T10:00", **between)) == "therapist-busy"

    assert [stop["starts_at"] for stop in stops(two, "alma")] == [ahead["starts_at"], behind["promised_until"]]


def test_a_visit_that_nobody_can_keep_in_time_is_at_risk(two: Any) -> None:
    visit = booked(two)
    two.harness.clock.advance(datetime(2027, 1, 18, 16, 30, tzinfo=UTC) - two.harness.clock.now())

    (risk,) = board(two)["at_risk"]

    assert (risk["appointment_id"], risk["state"]) == (visit["id"], "seen")
    assert risk["late_minutes"] > 0


def test_a_visit_that_nobody_makes_any_more_waits_on_the_board_and_is_given_to_somebody(two: Any) -> None:
    visit = two.book("patient-1", f"{MONDAY}T09:30")
    two.made("put", "/v1/patients/patient-1/preferences", {"preferred": [], "refused": ["berta"]}, 200)
    for therapist_id in ("alma", "berta"):
        two.made("post", f"/v1/therapists/{therapist_id}/days/{MONDAY}/publication")
    two.desk.post(f"/v1/days/{MONDAY}/disruptions", {"kind": "therapist_away", "therapist_id": "alma"})

    shown = board(two)
    (left,) = shown["unassigned"]
    (risk,) = shown["at_risk"]

    assert (left["id"], left["why"], left["therapist_id"]) == (visit["id"], "nobody", "alma")
    assert (risk["appointment_id"], risk["cause"], risk["expected_at"]) == (visit["id"], "therapist_away", None)
    assert obstacles(two, visit, "berta") == ["therapist-refused"]
    two.therapist("carla")
    two.shift("carla")
    _, tag = what_if(two, visit, "carla")
    assert do(two, visit, "carla", tag)["handed_over"] == [visit["id"]]
    after = board(two)
    assert (after["unassigned"], after["at_risk"]) == ([], [])
    assert [stop["id"] for stop in stops(two, "carla")] == [visit["id"]]


def test_what_is_not_there_is_not_found(two: Any) -> None:
    visit = booked(two)
    body = {"appointment_id": visit["id"], "therapist_id": "nobody"}
    assert two.desk.post(f"{BOARD}/what-if", body).status_code == 404
    body = {"appointment_id": "nothing", "therapist_id": "alma"}
    assert two.desk.post(f"{BOARD}/what-if", body).status_code == 404
    other_day = {"appointment_id": visit["id"], "therapist_id": "alma"}
    assert two.desk.post("/v1/boards/2027-01-19/what-if", other_day).status_code == 404
    assert two.desk.put(f"/v1/boards/2027-01-19/locks/{visit['id']}", None).status_code == 404
    assert two.desk.get("/v1/boards/monday").status_code == 422
    both = {**other_day, "position": 1, "starts_at": f"{MONDAY}T15:00:00Z"}
    assert two.desk.post(f"{BOARD}/what-if", both).status_code == 422


def test_the_board_is_for_the_desk(two: Any, elsewhere: Any) -> None:
    booked(two)

    assert two.as_("therapist", "alma").get(BOARD).status_code == 403
    assert elsewhere.get(BOARD).status_code in (200, 409)
    assert elsewhere.get(BOARD).json.get("rows", []) == []
