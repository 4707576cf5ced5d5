"""Many at once: one winner, nothing overdrawn, nothing left over by those who lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest

from scheduling_svc.booking import placing, visiting

pytestmark = pytest.mark.embedded

MONDAY = "2027-01-18"
RACERS = 8


def _all_at_once(attempts: list[Callable[[], Any]]) -> list[Any]:
    start = Barrier(len(attempts))

    def run(attempt: Callable[[], Any]) -> Any:
        start.wait()
        return attempt()

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(run, attempts))


def _post(practice: Any, path: str, body: Any) -> Callable[[], Any]:
    client = practice.as_("dispatcher", "clerk")
    return lambda: client.post(path, body)


def _statuses(answers: list[Any]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def test_one_of_many_gets_the_therapists_slot(practice: Any) -> None:
    practice.shift()
    patients = [practice.patient(f"racer-{number}") for number in range(RACERS)]
    answers = _all_at_once([_post(practice, "/v1/holds", practice.slot(patient)) for patient in patients])

    assert _statuses(answers) == {201: 1, 409: RACERS - 1}
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} == {"therapist-busy"}
    assert len(practice.desk.get("/v1/holds").json["items"]) == 1
    assert len(practice.desk.get(f"/v1/therapists/alma/days/{MONDAY}").json["stops"]) == 1


def test_one_of_many_gets_the_room(practice: Any) -> None:
    site = {"setting": "clinic", "location_id": "clinic", "room_id": "room-1"}
    slots = []
    for number in range(RACERS):
        therapist = practice.therapist(f"therapist-{number}")["id"]
        practice.shift(therapist, location_id="clinic")
        patient = practice.patient(f"racer-{number}")
        slots.append(practice.slot(patient, f"{MONDAY}T10:{number % 4 * 15:02}", therapist_id=therapist, **site))
    answers = _all_at_once([_post(practice, "/v1/appointments", {"slot": slot}) for slot in slots])

    assert _statuses(answers) == {201: 1, 409: RACERS - 1}
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} == {"room-busy"}
    assert len(practice.desk.get("/v1/appointments").json["items"]) == 1


def test_a_patient_is_promised_to_one_therapist_at_a_time(practice: Any) -> None:
    patient = practice.patient()
    slots = []
    for number in range(RACERS):
        therapist = practice.therapist(f"therapist-{number}")["id"]
        practice.shift(therapist)
        slots.append(practice.slot(patient, therapist_id=therapist))
    answers = _all_at_once([_post(practice, "/v1/appointments", {"slot": slot}) for slot in slots])

    assert _statuses(answers) == {201: 1, 409: RACERS - 1}
    assert len(practice.published("appointment.booked")) == 1


def test_a_claim_is_never_overdrawn(practice: Any) -> None:
    claim = practice.claim(practice.patient(), visits=3)
    slots = []
    for number in range(RACERS):
        practice.shift(day=f"2027-01-{18 + number}")
        slots.append(practice.slot("patient-1", f"2027-01-{18 + number}T10:00", claim_id=claim))
    answers = _all_at_once([_post(practice, "/v1/holds", slot) for slot in slots])

    assert _statuses(answers) == {201: 3, 409: RACERS - 3}
    assert practice.budget() == (3, 3, 0)
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} == {"visits-exhausted"}


def test_a_hold_becomes_one_appointment_or_is_released_but_not_both(practice: Any) -> None:
    practice.shift()
    practice.patient()
    hold = practice.hold()
    booking = _post(practice, "/v1/appointments", {"hold_id": hold["id"]})
    client = practice.as_("dispatcher", "clerk")
    releasing = [lambda: client.delete(f"/v1/holds/{hold['id']}")]
    answers = _all_at_once([*[booking] * 3, *releasing])

    assert sum(answer.status_code < 300 for answer in answers) == 1
    state = practice.desk.get(f"/v1/holds/{hold['id']}").json["state"]
    stops = practice.desk.get(f"/v1/therapists/alma/days/{MONDAY}").json["stops"]
    booked = practice.desk.get("/v1/appointments").json["items"]
    assert (len(stops), len(booked)) == ((1, 1) if state == "converted" else (0, 0))


@pytest.mark.parametrize("by_hold", [True, False])
@pytest.mark.parametrize("change", ["verdict", "prescription"])
def test_what_changes_between_judging_and_writing_a_booking_is_never_missed(
    practice: Any, monkeypatch: pytest.MonkeyPatch, by_hold: bool, change: str
) -> None:
    practice.shift()
    claim = practice.claim(practice.patient())
    slot = practice.slot(claim_id=claim)
    body = {"hold_id": practice.made("post", "/v1/holds", slot)["id"]} if by_hold else {"slot": slot}
    judge, judged = visiting.screened, []

    def judge_and_be_overtaken(*args: Any) -> Any:
        facts = judge(*args)
        judged.append(facts)
        if len(judged) == 1 and change == "verdict":
            practice.clearance("patient-1", 2, verdict="declined")
        elif len(judged) == 1:
            practice.claim("patient-1", version=2, expires_on=date(2027, 1, 17))
        return facts

    monkeypatch.setattr(visiting if by_hold else placing, "screened", judge_and_be_overtaken)
    answer = practice.desk.post("/v1/appointments", body)

    assert answer.status_code == 409, answer.json
    assert practice.desk.get("/v1/appointments").json["items"] == []
    assert practice.desk.get(f"/v1/therapists/alma/days/{MONDAY}").json["stops"] == []
    assert practice.budget()[1] == 0
