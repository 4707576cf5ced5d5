"""Plans from the asking to the approval, and the night run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from fascia.testing.harness import Harness
from scheduling_svc.plans import making, store
from scheduling_svc.service import SERVICE

pytestmark = pytest.mark.embedded

MONDAY = "2027-01-18"
NORTH = {"latitude": 42.50, "longitude": -71.06}
SOUTH = {"latitude": 42.20, "longitude": -71.06}


@pytest.fixture(scope="module")
def harness(mongodb_uri: str) -> Iterator[Harness]:
    made = Harness(SERVICE, mongodb_uri, {"FASCIA_PLAN_PROCESSES": "0", "FASCIA_NIGHT_ROUNDS": "100"})
    yield made
    made.close()


@pytest.fixture
def crossed(practice: Any) -> Any:
    """Two therapists at both ends of a town, each booked for the patient who lives next to the other."""
    settings(practice, promise_minutes=120)
    for id_, home in (("nora", NORTH), ("sven", SOUTH)):
        practice.therapist(id_, home=home, max_drive_minutes=120)
        practice.shift(id_)
    practice.north = booked(practice, "patient-north", NORTH, "sven")
    practice.south = booked(practice, "patient-south", SOUTH, "nora")
    return practice


def settings(practice: Any, **changes: Any) -> None:
    """Change the practice's settings."""
    known = dict(practice.desk.get("/v1/practice").json)
    version = known.pop("version")
    practice.made("put", "/v1/practice", {**known, **changes}, 200, headers={"If-Match": f'"{version}"'})


def booked(practice: Any, patient: str, home: dict[str, float], therapist: str, at: str = "10:30") -> Any:
    """A patient with an appointment at 10:30 who was promised that it begins between 10 and 12."""
    practice.patient(patient, address=address_at(home))
    practice.claim(patient, f"claim-{patient}")
    slot = practice.slot(
        patient,
        f"{MONDAY}T{at}",
        therapist_id=therapist,
        promised_from=f"{MONDAY}T10:00:00-05:00",
        promised_until=f"{MONDAY}T12:00:00-05:00",
    )
    return practice.made("post", "/v1/appointments", {"slot": slot})


def address_at(home: dict[str, float]) -> dict[str, Any]:
    """A synthetic address there."""
    coordinates = {"latitude": home["latitude"] + 0.001, "longitude": home["longitude"]}
    place = {"line": "2 Sample Street", "city": "Boston", "state": "MA", "postal_code": "02110", "country": "US"}
    return {**place, "coordinates": coordinates}


def solved(practice: Any, **changes: Any) -> Any:
    """A plan of Monday, solved."""
    asked = practice.made("post", "/v1/plans", {"dates": [MONDAY], "rounds": 100, **changes}, 202)
    assert asked["state"] == "solving"
    assert asked["progress"] == 0
    practice.harness.run_job("plans")
    return practice.desk.get(f"/v1/plans/{asked['id']}").json


def approval(practice: Any, plan: Any, body: Any = None, version: int | None = None) -> Any:
    """The answer to an approval."""
    headers = {"If-Match": f'"{version or plan["version"]}"'}
    return practice.desk.post(f"/v1/plans/{plan['id']}/approval", body, headers=headers)


def test_a_plan_explains_itself_and_changes_nothing_before_it_is_approved(crossed: Any) -> None:
    plan = solved(crossed)
    assert plan["state"] == "proposed"
    assert plan["progress"] == 1
    (part,) = plan["parts"]
    solution = part["solution"]
    assert solution["keeps_promises"] is True
    assert solution["added"]["driving"] < -30
    assert solution["cost"]["total"] < solution["cost_before"]["total"]
    moved = {change["id"]: (change["therapist_before"], change["therapist_id"]) for change in solution["changes"]}
    assert moved[crossed.north["id"]] == ("sven", "nora")
    assert moved[crossed.south["id"]] == ("nora", "sven")
    assert solution["travel"] == {"source": "estimate", "estimated": 0, "because": []}
    assert crossed.appointment(crossed.north["id"])["therapist_id"] == "sven"


def test_the_same_days_and_seed_give_the_same_plan(crossed: Any) -> None:
    first, second = solved(crossed, seed=7), solved(crossed, seed=7)
    assert first["parts"][0]["solution"] == second["parts"][0]["solution"]


def test_an_approved_plan_hands_visits_over_and_publishes_all_its_days(crossed: Any) -> None:
    plan = solved(crossed)
    answer = approval(crossed, plan)
    assert answer.status_code == 200
    outcome = answer.json["outcome"]
    assert outcome["handed_over"] == sorted([crossed.north["id"], crossed.south["id"]])
    assert outcome["published"] == [f"nora:{MONDAY}", f"sven:{MONDAY}"]
    north = crossed.appointment(crossed.north["id"])
    assert north["therapist_id"] == "nora"
    assert north["promised_from"] == crossed.north["promised_from"]
    route = crossed.desk.get(f"/v1/routes/nora/{MONDAY}").json
    assert [stop["appointment_id"] for stop in route["stops"]] == [crossed.north["id"]]
    moved = {event.data["appointment_id"]: event.data for event in crossed.published("appointment.moved")}
    assert moved[crossed.north["id"]]["therapist_id"] == "nora"
    # It may have moved inside the promise: then the patient is told, else not.
    told = north["starts_at"] != crossed.north["starts_at"]
    assert moved[crossed.north["id"]]["tell_patient"] is told
    again = approval(crossed, answer.json)
    assert (again.status_code, again.json["code"]) == (409, "plan-not-proposed")


def test_a_plan_is_stale_once_a_day_changed_and_the_published_route_stays(crossed: Any) -> None:
    crossed.made("post", f"/v1/therapists/sven/days/{MONDAY}/publication")
    plan = solved(crossed)
    assert approval(crossed, plan, version=99).status_code == 412
    assert crossed.desk.post(f"/v1/plans/{plan['id']}/approval").status_code == 428
    crossed.made("post", f"/v1/appointments/{crossed.south['id']}/cancellation", {"reason": "patient"}, 200)
    answer = approval(crossed, plan)
    assert (answer.status_code, answer.json.get("code")) == (409, "plan-stale")
    assert [error["field"] for error in answer.json["errors"]] == [f"nora:{MONDAY}"]
    route = crossed.desk.get(f"/v1/routes/sven/{MONDAY}").json
    assert route["revision"] == 1
    assert [stop["appointment_id"] for stop in route["stops"]] == [crossed.north["id"]]
    assert crossed.appointment(crossed.north["id"])["therapist_id"] == "sven"


def test_a_practice_that_publishes_automatically_needs_no_approval(crossed: Any) -> None:
    settings(crossed, publish_automatically=True)
    plan = solved(crossed)
    assert plan["state"] == "approved"
    assert crossed.desk.get(f"/v1/routes/nora/{MONDAY}").json["revision"] == 1


def test_a_visit_that_begins_meanwhile_makes_the_plan_stale(crossed: Any) -> None:
    plan = solved(crossed)
    path = f"/v1/appointments/{crossed.north['id']}/progress"
    crossed.made("post", path, {"status": "en_route"}, 200)
    answer = approval(crossed, plan)
    assert (answer.status_code, answer.json.get("code")) == (409, "plan-stale")


def test_a_promise_that_nobody_can_keep_is_named_and_blocks_the_approval(crossed: Any) -> None:
    for therapist in ("nora", "sven", "alma"):
        known = crossed.desk.get(f"/v1/therapists/{therapist}").json
        body = {name: value for name, value in known.items() if name not in ("id", "version")}
        licence = {**known["licences"][0], "valid_until": "2027-01-01"}
        headers = {"If-Match": f'"{known["version"]}"'}
        crossed.made("put", f"/v1/therapists/{therapist}", {**body, "licences": [licence]}, 200, headers=headers)
    plan = solved(crossed)
    solution = plan["parts"][0]["solution"]
    assert solution["keeps_promises"] is False
    assert {left["id"]: left["promised"] for left in solution["left_out"]} == {
        crossed.north["id"]: True,
        crossed.south["id"]: True,
    }
    assert "licence" in solution["left_out"][0]["why"]
    answer = approval(crossed, plan)
    assert (answer.status_code, answer.json["code"]) == (409, "promise-cannot-be-kept")
    assert crossed.appointment(crossed.north["id"])["therapist_id"] == "sven"


def test_days_without_mobile_shifts_have_nothing_to_plan(practice: Any) -> None:
    plan = solved(practice)
    assert plan["state"] == "failed"
    assert plan["failures"]["main"].startswith("nothing-to-plan")
    body = {"dates": [MONDAY], "region": "nowhere"}
    assert practice.desk.post("/v1/plans", body).status_code == 404
    assert practice.desk.post("/v1/plans", {"dates": [MONDAY], "rounds": 1, "seconds": 1}).status_code == 422
    assert practice.desk.post("/v1/plans", {"dates": ["2020-01-01"]}).json["code"] == "date-is-over"


def test_the_night_run_plans_tomorrow_once_for_each_region(crossed: Any) -> None:
    settings(crossed, publish_automatically=True)
    clock = crossed.harness.clock
    clock.advance(timedelta(days=6, hours=2))  # Sunday, 11:00 in Boston
    crossed.harness.run_job("night-run")
    assert crossed.desk.get("/v1/plans").json["items"] == []
    clock.advance(timedelta(hours=9))
    for _ in range(2):
        crossed.harness.run_job("night-run")
        crossed.harness.run_job("plans")
    (plan,) = crossed.desk.get("/v1/plans").json["items"]
    assert plan["state"] == "approved"
    assert plan["made_by"] == "night-run"
    assert plan["dates"] == [MONDAY]
    assert crossed.desk.get(f"/v1/routes/nora/{MONDAY}").json["revision"] == 1


def test_who_does_not_plan_sees_no_plans(crossed: Any) -> None:
    plan = solved(crossed)
    assert crossed.as_("therapist", "nora").get(f"/v1/plans/{plan['id']}").status_code == 403
    assert crossed.harness.as_("admin", "another-practice").get(f"/v1/plans/{plan['id']}").status_code == 404


def test_a_plan_of_today_goes_on_from_where_the_therapists_stand(practice: Any) -> None:
    settings(practice, promise_minutes=120)
    practice.therapist("nora", home=NORTH, max_drive_minutes=120)
    practice.shift("nora")
    first = booked(practice, "patient-first", NORTH, "nora")
    second = practice.made(
        "post",
        "/v1/appointments",
        {
            "slot": practice.slot(
                practice.patient("patient-second", address=address_at(SOUTH)),
                f"{MONDAY}T14:00",
                therapist_id="nora",
                promised_from=f"{MONDAY}T13:00:00-05:00",
                promised_until=f"{MONDAY}T15:00:00-05:00",
            )
        },
    )
    clock = practice.harness.clock
    clock.advance(timedelta(days=7, hours=1, minutes=25))  # 10:25 of that Monday in Boston
    practice.made("post", f"/v1/appointments/{first['id']}/progress", {"status": "en_route"}, 200)
    plan = solved(practice)
    assert plan["state"] == "proposed", plan
    (run,) = plan["parts"][0]["solution"]["runs"]
    assert [visit["id"] for visit in run["visits"]] == [first["id"], second["id"]]
    assert approval(practice, plan).status_code == 200
    shown = practice.desk.get(f"/v1/therapists/nora/days/{MONDAY}").json["stops"]
    assert [stop["id"] for stop in shown] == [first["id"], second["id"]]
    assert shown[0]["starts_at"] == first["starts_at"]


def test_an_automatic_plan_that_breaks_a_promise_waits_for_a_dispatcher(crossed: Any) -> None:
    practice = crossed
    for therapist in ("nora", "sven", "alma"):
        known = practice.desk.get(f"/v1/therapists/{therapist}").json
        body = {name: value for name, value in known.items() if name not in ("id", "version")}
        headers = {"If-Match": f'"{known["version"]}"'}
        practice.made("put", f"/v1/therapists/{therapist}", {**body, "service_types": []}, 200, headers=headers)
    plan = solved(practice, approve=True)
    assert plan["state"] == "proposed"
    assert plan["failures"]["approval"].startswith("promise-cannot-be-kept")
    assert practice.desk.get(f"/v1/routes/nora/{MONDAY}").status_code == 404


def test_an_automatic_plan_whose_days_changed_meanwhile_is_made_anew(
    crossed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    solve = making.solve_part

    def solve_slowly(*args: Any) -> Any:
        solution = solve(*args)
        monkeypatch.setattr(making, "solve_part", solve)
        path = f"/v1/appointments/{crossed.south['id']}/cancellation"
        crossed.made("post", path, {"reason": "patient"}, 200)
        return solution

    monkeypatch.setattr(making, "solve_part", solve_slowly)
    plan = solved(crossed, approve=True)
    assert plan["state"] == "solving", "what was found does not hold any more"
    crossed.harness.run_job("plans")
    plan = crossed.desk.get(f"/v1/plans/{plan['id']}").json
    assert plan["state"] == "approved"
    assert plan["outcome"]["handed_over"] == [crossed.north["id"]]


def test_two_regions_are_planned_apart_and_carried_out_together(crossed: Any) -> None:
    crossed.therapist("wanda", region="west", home=SOUTH)
    crossed.shift("wanda")
    booked(crossed, "patient-west", SOUTH, "wanda")
    plan = solved(crossed)
    assert {part["region"]: part["state"] for part in plan["parts"]} == {"main": "solved", "west": "solved"}
    assert len(plan["parts"][1]["solution"]["runs"]) == 1
    outcome = approval(crossed, plan).json["outcome"]
    assert outcome["published"] == [f"nora:{MONDAY}", f"sven:{MONDAY}", f"wanda:{MONDAY}"]


def test_two_workers_ask_for_the_night_run_once(crossed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    crossed.harness.clock.advance(timedelta(days=6, hours=11))
    monkeypatch.setattr(store, "is_known", lambda *_: False)  # as for a worker that looks at the same moment
    for _ in range(2):
        crossed.harness.run_job("night-run")
    (plan,) = crossed.desk.get("/v1/plans").json["items"]
    assert plan["state"] == "solving"


def test_a_plan_says_so_when_the_roads_could_not_be_asked(practice: Any, mongodb_uri: str) -> None:
    environ = {"FASCIA_PLAN_PROCESSES": "0", "FASCIA_OSRM_URL": "http://127.0.0.1:9"}
    away = Harness(SERVICE, mongodb_uri, environ)
    try:
        practice = type(practice)(away, "roads-away")
        settings(practice, promise_minutes=120)
        practice.shift()
        practice.patient()
        slot = practice.slot(
            promised_from=f"{MONDAY}T10:00:00-05:00",
            promised_until=f"{MONDAY}T12:00:00-05:00",
        )
        practice.made("post", "/v1/appointments", {"slot": slot})
        plan = solved(practice)
        travel = plan["parts"][0]["solution"]["travel"]
        assert (travel["source"], travel["because"]) == ("estimate", ["roads-away"])
        assert approval(practice, plan).status_code == 200
    finally:
        away.close()
