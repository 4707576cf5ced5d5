"""What the dispatcher arranged stays arranged: planning goes on around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fascia.testing.harness import Harness
from scheduling_svc.service import SERVICE

pytestmark = pytest.mark.embedded

MONDAY = "2027-01-18"
BOARD = f"/v1/boards/{MONDAY}"
NORTH = {"latitude": 42.50, "longitude": -71.06}
SOUTH = {"latitude": 42.20, "longitude": -71.06}


@pytest.fixture(scope="module")
def harness(mongodb_uri: str) -> Iterator[Harness]:
    made = Harness(SERVICE, mongodb_uri, {"FASCIA_PLAN_PROCESSES": "0", "FASCIA_REPLAN_SECONDS": "0.3"})
    yield made
    made.close()


@pytest.fixture
def visit(practice: Any) -> dict[str, Any]:
    """A visit in the north with sven, who comes from the south; nora lives next door."""
    body = {"name": "Sample Practice", "time_zone": "America/New_York", "promise_minutes": 120}
    practice.made("put", "/v1/practice", body, 200, headers={"If-Match": '"1"'})
    for id_, home in (("nora", NORTH), ("sven", SOUTH)):
        practice.therapist(id_, home=home, max_drive_minutes=120)
        practice.shift(id_)
    place = {"line": "2 Sample Street", "city": "Boston", "state": "MA", "postal_code": "02110", "country": "US"}
    practice.patient(address={**place, "coordinates": NORTH})
    slot = practice.slot(
        at=f"{MONDAY}T10:30",
        therapist_id="sven",
        promised_from=f"{MONDAY}T10:00:00-05:00",
        promised_until=f"{MONDAY}T12:00:00-05:00",
    )
    return dict(practice.made("post", "/v1/appointments", {"slot": slot}))


def replan(practice: Any) -> None:
    practice.harness.run_job("replan")
    assert practice.desk.get(BOARD).json["replan_pending"] is False


def whose(practice: Any) -> str:
    (owner,) = [row["therapist_id"] for row in practice.desk.get(BOARD).json["rows"] if row["stops"]]
    return str(owner)


def test_a_locked_visit_stays_and_an_unlocked_one_finds_a_better_place(practice: Any, visit: dict[str, Any]) -> None:
    path = f"{BOARD}/locks/{visit['id']}"
    practice.made("put", path, None, 200)
    replan(practice)
    assert whose(practice) == "sven"

    assert practice.desk.delete(path).status_code == 204
    assert practice.desk.get(BOARD).json["replan_pending"] is True
    replan(practice)

    assert whose(practice) == "nora"


def test_what_was_moved_by_hand_is_not_moved_back(practice: Any, visit: dict[str, Any]) -> None:
    replan(practice)
    assert whose(practice) == "nora"
    wanted = {"appointment_id": visit["id"], "therapist_id": "sven"}
    asked = practice.desk.post(f"{BOARD}/what-if", wanted)
    assert asked.json["added"]["driving"] > 0
    practice.made("post", f"{BOARD}/moves", wanted, headers={"If-Match": asked.headers["ETag"]})
    place = {"line": "3 Sample Street", "city": "Boston", "state": "MA", "postal_code": "02110", "country": "US"}
    practice.patient("patient-2", address={**place, "coordinates": SOUTH})
    practice.book("patient-2", f"{MONDAY}T14:00", therapist_id="nora")

    replan(practice)

    rows = {row["therapist_id"]: [stop["id"] for stop in row["stops"]] for row in practice.desk.get(BOARD).json["rows"]}
    assert visit["id"] in rows["sven"]
