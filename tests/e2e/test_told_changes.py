"""What patient, therapist and desk hear of a visit that is booked, published, moved on the board and cancelled."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from fascia.devset.cast import Cast, seen
from fascia.devset.chain import Chain
from fascia.devset.rest import Rest
from fascia.testing.running_suite import RunningSuite
from fascia.web.principal import Role

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def cast(suite: RunningSuite) -> Cast:
    return Cast(suite.description)


@pytest.fixture(scope="module")
def chain(cast: Cast) -> Chain:
    """A patient who may be treated at home, with a visit."""
    made = Chain(cast)
    for act in (made.register, made.screen, made.evaluate, made.prescribe, made.book):
        act()
    return made


@pytest.fixture(scope="module")
def visit(chain: Chain) -> dict[str, Any]:
    """That visit."""
    return chain.now.appointment


def told(cast: Cast, chain: Chain, words: str) -> str:
    """The text with these words at the patient's phone; it is there once."""

    def found() -> list[str]:
        return [text["text"] for text in cast.caught(chain.now.patient["phone"]) if words in text["text"]]

    (text,) = seen(f"a text that says {words!r}", found)
    assert len(text) <= 160
    assert "STOP" in text
    return text


def what_if(desk: Rest, visit: dict[str, Any], later: timedelta) -> tuple[str, dict[str, Any], Any]:
    day = visit["local_start"][:10]
    starts_at = (datetime.fromisoformat(visit["starts_at"]) + later).isoformat()
    move = {"appointment_id": visit["id"], "therapist_id": visit["therapist_id"], "starts_at": starts_at}
    return day, move, desk.post(f"/v1/boards/{day}/what-if", move)


def feasible_move(desk: Rest, visit: dict[str, Any]) -> tuple[str, dict[str, Any], Any]:
    """A time inside the promise that differs and moves nobody else: other visits of the day leave some times only."""
    judgements = []
    for minutes in (45, 60, 75, 90, 105, 120, 30, -30, -45, -60, -75, -90, -105, -120):
        day, move, judged = what_if(desk, visit, timedelta(minutes=minutes))
        if judged.body["feasible"] and [one["id"] for one in judged.body["affected"]] == [visit["id"]]:
            return day, move, judged
        judgements.append(judged.body)
    raise AssertionError(judgements)


def test_the_patient_is_told_the_window(cast: Cast, chain: Chain, visit: dict[str, Any]) -> None:
    assert " between " in told(cast, chain, "your visit is booked for")


def test_the_therapist_gets_a_link_that_opens_and_a_calendar(cast: Cast, visit: dict[str, Any]) -> None:
    desk = cast.at("scheduling", Role.ADMIN)
    therapist = desk.get(f"/v1/therapists/{visit['therapist_id']}").body
    desk.post(f"/v1/therapists/{therapist['id']}/days/{visit['local_start'][:10]}/publication")

    def mails() -> list[dict[str, Any]]:
        caught = cast.caught(therapist["email"])
        return [mail for mail in caught if any(visit["id"] in part["text"] for part in mail["attachments"])]

    mail = seen("the day at the therapist's address", mails)[0]
    link = re.search(r"https?://\S+/r/\S+", mail["text"])
    assert link is not None
    with requests.Session() as phone:
        phone.trust_env = False
        assert phone.get(link.group(), timeout=20).status_code == 200


def test_a_move_on_the_board_is_told_to_the_patient(cast: Cast, chain: Chain, visit: dict[str, Any]) -> None:
    desk = cast.at("scheduling", Role.DISPATCHER)
    day, move, judged = feasible_move(desk, visit)
    assert judged.body["affected"][0]["told"] is True

    moved = desk.post(f"/v1/boards/{day}/moves", move, etag=judged.etag).body

    assert moved["told"] == [visit["id"]]
    assert " at about " in told(cast, chain, "your visit is now on")
    row = next(
        row for row in desk.get(f"/v1/boards/{day}").body["rows"] if row["therapist_id"] == visit["therapist_id"]
    )
    stop = next(stop for stop in row["stops"] if stop["id"] == visit["id"])
    assert stop["locked"] is True
    assert datetime.fromisoformat(stop["starts_at"]) == datetime.fromisoformat(move["starts_at"])


def test_a_cancellation_by_the_practice_is_told(cast: Cast, chain: Chain, visit: dict[str, Any]) -> None:
    cast.at("scheduling", Role.ADMIN).post(f"/v1/appointments/{visit['id']}/cancellation", {"reason": "practice"})

    told(cast, chain, "we cannot keep your visit")
    notify = cast.at("notify", Role.ADMIN)
    assert notify.every("/v1/messages", appointment_id=visit["id"], state="scheduled") == []
