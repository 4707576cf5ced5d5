"""What happens to many patients of several practices, as records on their way: signed sessions and amendments.

The same seed gives the same history, event ids excepted.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fascia.backbone.outbox_row import OutboxRow, compose
from fascia.crypto.keyring import Keyring

PRACTICES = tuple(f"bench-{letter}" for letter in "abcd")
SESSIONS = 20
DAY_0 = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
CONDITIONS = (["M54.59"], ["M54.2"], ["M17.11"], ["S83.511A"])
PROMIS = "promis-pain-interference-4a-v1.0"


@dataclass(frozen=True)
class Travelling:
    """An event on its way, and whose it is."""

    practice_id: str
    patient_id: str
    row: OutboxRow


def history(events: int, keyring: Keyring, items: tuple[str, ...], seed: int = 20261123) -> list[Travelling]:
    """`events` events, patient by patient, each in the order in which it was written.

    `items` are the codes of PROMIS pain interference 4a. A patient has 20 sessions; one in eight is amended.
    """
    dice, number = random.Random(seed), 0
    made: list[Travelling] = []
    while len(made) < events:
        practice, patient = PRACTICES[number % len(PRACTICES)], f"patient-{number:05}"
        number += 1
        for type_, data in _course(dice, patient, items):
            row = compose(
                type_,
                data,
                practice_id=practice,
                source="records-svc",
                at=data["signed_at"],
                sequence=data["version"],
                keyring=keyring,
            )
            made.append(Travelling(practice, patient, row))
    return made[:events]


def _course(dice: random.Random, patient: str, items: tuple[str, ...]) -> list[tuple[str, dict[str, Any]]]:
    condition, pain = dice.choice(CONDITIONS), dice.randint(4, 9)
    found: list[tuple[str, dict[str, Any]]] = []
    for number in range(SESSIONS):
        ended = DAY_0 + timedelta(days=7 * number, minutes=dice.randint(0, 400))
        pain = max(0, min(10, pain + dice.choice((-1, -1, 0, 0, 1))))
        data: dict[str, Any] = {
            "session_id": f"{patient}-s-{number:02}",
            "version": 1,
            "appointment_id": f"{patient}-a-{number:02}",
            "patient_id": patient,
            "therapist_id": f"t-{number % 3}",
            "setting": "clinic",
            "service_type": "massage-60",
            "condition_codes": condition,
            "started_at": ended - timedelta(hours=1),
            "ended_at": ended,
            "signed_at": ended,
            "treated_minutes": 53,
            "measures": _measures(dice, pain, items),
        }
        found.append(("session.completed", data))
        if dice.random() < 0.125:
            measures = _measures(dice, dice.randint(0, 10), items)
            found.append(("session.amended", {**data, "version": 2, "measures": measures}))
    return found


def _measures(dice: random.Random, pain: int, items: tuple[str, ...]) -> list[dict[str, Any]]:
    measures: list[dict[str, Any]] = [{"instrument": "NPRS", "answers": {"pain": pain}}]
    if dice.random() < 0.3:
        answers = {code: max(1, min(5, 1 + pain // 2 + dice.choice((-1, 0, 1)))) for code in items}
        measures.append({"instrument": PROMIS, "answers": answers})
    if dice.random() < 0.05:
        measures.append({"instrument": "PEG", "answers": {"pain": pain}})  # refused: two items are missing
    return measures
