"""Whatever the order and the number of deliveries, the API says the same, byte for byte."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fascia.backbone.dispatch import Fate
from fascia.testing.harness import MONDAY, Harness
from outcomes_svc.service import SERVICE

pytestmark = pytest.mark.embedded
PATIENTS = ("p-1", "p-2")
CODES = (["M54.59"], ["M54.2"], ["S83.511A"], [])
Happening = tuple[str, dict[str, Any]]


@pytest.fixture
def outcomes(harness_of: Callable[..., Harness]) -> Harness:
    return harness_of(SERVICE)


def some_measures(dice: random.Random) -> list[dict[str, Any]]:
    """What a note may hold: good answers, bad ones, nothing, the same instrument twice, an unknown one."""
    pool: list[dict[str, Any]] = [
        {"instrument": "NPRS", "answers": {"pain": dice.randint(0, 10)}},
        {"instrument": "NPRS", "answers": {"pain": dice.randint(8, 13)}},
        {"instrument": "PEG", "answers": {code: dice.randint(0, 10) for code in ("pain", "enjoyment", "activity")}},
        {"instrument": "PEG", "answers": {"pain": dice.randint(0, 10)}},
        {"instrument": "PSFS", "answers": {f"activity_{dice.randint(1, 3)}": dice.randint(0, 10)}},
        {"instrument": "Made Up", "answers": {"x": 1}},
    ]
    return dice.sample(pool, dice.randint(0, 4))


def session_states(dice: random.Random, id_: str, patient: str) -> list[Happening]:
    """A session and its amendments, which may correct anything but whose session it is."""
    day, states = dice.randint(0, 150), []
    codes = dice.choice(CODES)
    for version in range(1, dice.choice((1, 1, 2, 3)) + 1):
        ended = MONDAY + timedelta(days=day, minutes=dice.choice((0, 0, 30)))
        codes = dice.choice(CODES) if dice.random() < 0.3 else codes
        data = {
            "session_id": id_,
            "version": version,
            "appointment_id": f"a-{id_}",
            "patient_id": patient,
            "therapist_id": dice.choice(("t-1", "t-2")),
            "setting": "clinic",
            "service_type": "massage-60",
            "condition_codes": codes,
            "started_at": ended - timedelta(hours=1),
            "ended_at": ended,
            "signed_at": ended,
            "treated_minutes": 53,
            "measures": some_measures(dice),
        }
        states.append(("session.completed" if version == 1 else "session.amended", data))
    return states


def evaluation_states(dice: random.Random, id_: str, patient: str) -> list[Happening]:
    day, codes = dice.randint(-20, 100), dice.choice(CODES)
    return [
        (
            "evaluation.signed",
            {
                "patient_id": patient,
                "evaluation_id": id_,
                "therapist_id": "t-9",
                "result": "cleared",
                "condition_codes": codes,
                "signed_at": MONDAY + timedelta(days=day, hours=time),
                "measures": some_measures(dice),
            },
        )
        for time in range(dice.choice((1, 2)))
    ]


def history(seed: int) -> list[Happening]:
    """Everything that happens to two patients, in an order in which it may have been written."""
    dice, happened = random.Random(seed), []
    for patient in PATIENTS:
        for number in range(6):
            happened += session_states(dice, f"{patient}-s-{number}", patient)
        for number in range(2):
            happened += evaluation_states(dice, f"{patient}-e-{number}", patient)
    return happened


def told(outcomes: Harness) -> list[bytes]:
    """What the API says of both patients."""
    owner, said = outcomes.as_("owner"), []
    for patient in PATIENTS:
        for path in ("/v1/scores?include=refusals&limit=200&", "/v1/findings?limit=200&"):
            answer = owner.get(f"{path}patient_id={patient}")
            assert answer.status_code == 200
            said.append(answer.data)
        episodes = owner.get(f"/v1/episodes?limit=200&patient_id={patient}").json["items"]
        # How often an episode was written depends on the order; what it is does not.
        said.append(repr([sorted((k, str(v)) for k, v in e.items() if k != "version") for e in episodes]).encode())
    return said


def forget(outcomes: Harness) -> None:
    for name in outcomes.runtime.database.list_collection_names():
        outcomes.runtime.database[name].delete_many({})


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_random_orders_with_three_deliveries_each_say_what_one_delivery_in_order_says(
    outcomes: Harness, seed: int
) -> None:
    records = [outcomes.event(type_, data) for type_, data in history(seed)]
    outcomes.clock.advance(timedelta(days=200))
    for record in records:
        assert outcomes.redeliver(record) is Fate.HANDLED
    expected = told(outcomes)
    assert expected[0].count(b'"state": "scored"') + expected[0].count(b'"state":"scored"') >= 1
    for order in range(2):
        forget(outcomes)
        shuffled = records * 3
        random.Random(seed * 100 + order).shuffle(shuffled)
        fates = [outcomes.redeliver(record) for record in shuffled]
        assert (fates.count(Fate.HANDLED), fates.count(Fate.DUPLICATE)) == (len(records), 2 * len(records))
        assert told(outcomes) == expected


def test_one_more_session_writes_what_changed_and_nothing_else(outcomes: Harness) -> None:
    def visit(day: int, pain: int) -> None:
        ended = MONDAY + timedelta(days=day)
        outcomes.deliver(
            "session.completed",
            {
                "session_id": f"s-{day}",
                "version": 1,
                "appointment_id": f"a-{day}",
                "patient_id": "p-1",
                "therapist_id": "t-1",
                "setting": "clinic",
                "service_type": "massage-60",
                "condition_codes": ["M54.59"],
                "started_at": ended - timedelta(hours=1),
                "ended_at": ended,
                "signed_at": ended,
                "treated_minutes": 53,
                "measures": [{"instrument": "NPRS", "answers": {"pain": pain}}],
            },
        )

    def kept() -> dict[tuple[str, Any], Any]:
        database = outcomes.runtime.database
        names = ("sessions", "scores", "episodes", "findings", "evaluations")
        return {(name, document["_id"]): document for name in names for document in database[name].find()}

    for day in range(0, 40, 2):
        visit(day, 7)
    before = kept()
    visit(41, 4)
    after = kept()
    changed = sorted(name for name, id_ in after if after[name, id_] != before.get((name, id_)))
    assert changed == ["episodes", "scores", "sessions"]
