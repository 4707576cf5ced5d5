"""After each booking the day is planned anew behind what was promised; nothing is lost when a worker dies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from fascia.testing.harness import Harness
from scheduling_svc.planning.engines.warm_up import warm_up
from scheduling_svc.plans import jobs, marks, replanning
from scheduling_svc.service import SERVICE

pytestmark = pytest.mark.embedded

MONDAY = "2027-01-18"
NORTH = {"latitude": 42.50, "longitude": -71.06}
SOUTH = {"latitude": 42.20, "longitude": -71.06}


@pytest.fixture(scope="module")
def harness(mongodb_uri: str) -> Iterator[Harness]:
    warm_up()  # as solver processes do; here the test's own process is the solver
    made = Harness(SERVICE, mongodb_uri, {"FASCIA_PLAN_PROCESSES": "0", "FASCIA_REPLAN_SECONDS": "0.5"})
    yield made
    made.close()


@pytest.fixture
def town(practice: Any) -> Any:
    """Two therapists at both ends of a town whose patients are promised two hours."""
    promise(practice, 120)
    for id_, home in (("nora", NORTH), ("sven", SOUTH)):
        practice.therapist(id_, home=home, max_drive_minutes=120)
        practice.shift(id_)
    return practice


def promise(practice: Any, minutes: int) -> None:
    """How long the window is that patients are promised."""
    known = dict(practice.desk.get("/v1/practice").json)
    version = known.pop("version")
    body = {**known, "promise_minutes": minutes}
    practice.made("put", "/v1/practice", body, 200, headers={"If-Match": f'"{version}"'})


def booked(practice: Any, patient: str, home: dict[str, float], therapist: str, **changes: Any) -> Any:
    """A patient with an appointment at 10:30 who was promised that it begins between 10 and 12."""
    coordinates = {"latitude": home["latitude"] + 0.001, "longitude": home["longitude"]}
    place = {"line": "2 Sample Street", "city": "Boston", "state": "MA", "postal_code": "02110", "country": "US"}
    practice.patient(patient, address={**place, "coordinates": coordinates})
    slot = practice.slot(
        patient,
        f"{MONDAY}T10:30",
        therapist_id=therapist,
        promised_from=f"{MONDAY}T10:00:00-05:00",
        promised_until=f"{MONDAY}T12:00:00-05:00",
        **changes,
    )
    return practice.made("post", "/v1/appointments", {"slot": slot})


def waiting(practice: Any) -> int:
    """How many days wait to be planned anew."""
    return len(marks.marks(practice.harness.runtime.reading(practice.practice_id)))


def day(practice: Any, therapist: str) -> list[str]:
    """The visits of a therapist's day."""
    return [stop["id"] for stop in practice.desk.get(f"/v1/therapists/{therapist}/days/{MONDAY}").json["stops"]]


def test_visits_change_hands_behind_their_promises_after_a_booking(town: Any) -> None:
    north = booked(town, "patient-north", NORTH, "sven")
    assert waiting(town) == 1
    town.harness.run_job("replan")
    assert waiting(town) == 0
    assert day(town, "nora") == [north["id"]]
    assert day(town, "sven") == []
    now = town.appointment(north["id"])
    assert now["therapist_id"] == "nora"
    assert (now["promised_from"], now["promised_until"]) == (north["promised_from"], north["promised_until"])
    (moved,) = town.published("appointment.moved")
    assert moved.data["tell_patient"] is False
    assert now["starts_at"] == north["starts_at"]
    town.made("post", f"/v1/appointments/{north['id']}/cancellation", {"reason": "patient"}, 200)
    assert day(town, "nora") == []


def test_who_was_asked_for_by_name_keeps_the_visit(town: Any) -> None:
    north = booked(town, "patient-north", NORTH, "sven", asked_for=True)
    town.harness.run_job("replan")
    assert day(town, "sven") == [north["id"]]
    assert waiting(town) == 0


def test_a_published_day_is_told_again_with_what_changed(town: Any) -> None:
    north = booked(town, "patient-north", NORTH, "sven")
    for therapist in ("nora", "sven"):
        town.made("post", f"/v1/therapists/{therapist}/days/{MONDAY}/publication")
    town.harness.run_job("replan")
    route = town.desk.get(f"/v1/routes/nora/{MONDAY}").json
    assert (route["revision"], route["added"]) == (2, [north["id"]])
    assert town.desk.get(f"/v1/routes/sven/{MONDAY}").json["removed"] == [north["id"]]


def test_a_practice_that_promises_exact_times_is_left_alone(town: Any) -> None:
    promise(town, 0)
    north = booked(town, "patient-north", NORTH, "sven")
    town.harness.run_job("replan")
    assert waiting(town) == 0
    assert day(town, "sven") == [north["id"]]


def test_a_day_that_changed_while_it_was_planned_is_planned_again(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    booked(town, "patient-north", NORTH, "sven")
    find = replanning.find_for

    def find_slowly(*args: Any, **options: Any) -> Any:
        found = find(*args, **options)
        monkeypatch.setattr(replanning, "find_for", find)
        booked(town, "patient-south", SOUTH, "nora")
        return found

    monkeypatch.setattr(replanning, "find_for", find_slowly)
    town.harness.run_job("replan")
    assert waiting(town) == 2, "neither mark is cleared by a plan that was made before the second booking"
    assert len(day(town, "sven")) == 1
    town.harness.run_job("replan")
    assert waiting(town) == 0
    south = town.desk.get("/v1/appointments?patient_id=patient-south").json["items"][0]
    assert day(town, "sven") == [south["id"]]


def test_a_worker_that_dies_while_it_plans_leaves_its_work_to_the_next(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    north = booked(town, "patient-north", NORTH, "sven")

    class Killed(BaseException):
        pass

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(replanning, "commit", die)
        patched.setattr("fascia.backbone.lease.Lease.release", lambda _: None)
        with pytest.raises(Killed):
            town.harness.run_job("replan")
    assert waiting(town) == 1
    assert day(town, "sven") == [north["id"]]
    monkeypatch.setattr(jobs, "_ME", "another-worker")
    town.harness.run_job("replan")
    assert waiting(town) == 1, "the dead worker's lease still runs"
    town.harness.clock.advance(timedelta(seconds=61))
    town.harness.run_job("replan")
    assert waiting(town) == 0
    assert day(town, "nora") == [north["id"]]


def test_publication_tells_patients_whose_time_moved_by_more_than_the_practice_tolerates(town: Any) -> None:
    first = booked(town, "patient-north", NORTH, "nora")
    known = town.harness.runtime.database["aggregates"]
    key = f"{town.practice_id}:therapist:nora:{MONDAY}"
    stored = known.find_one({"_id": key})
    later = timedelta(minutes=25)
    for stop in stored["stops"]:
        stop["starts_at"], stop["ends_at"] = stop["starts_at"] + later, stop["ends_at"] + later
    known.replace_one({"_id": key}, stored)
    town.made("post", f"/v1/therapists/nora/days/{MONDAY}/publication")
    (moved,) = town.published("appointment.moved")
    assert moved.data["tell_patient"] is True
    now = town.appointment(first["id"])
    assert now["local_start"] == f"{MONDAY}T10:55"
    assert now["promised_from"] == first["promised_from"]
    town.made("post", f"/v1/therapists/nora/days/{MONDAY}/publication")
    assert len(town.published("appointment.moved")) == 1
