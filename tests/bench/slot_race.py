"""64 clients race for 50 slots, 20 rounds: exactly one winner each, counted from the list of appointments."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from fascia.ids import new_id
from fascia.testing import backing
from measurement import Result, servers, show
from scheduling_stand import Stand, standing

CLIENTS, THERAPISTS, PER_THERAPIST, ROUNDS = 64, 5, 10, 20
SLOTS = THERAPISTS * PER_THERAPIST


def play_round(stand: Stand, day: int, sessions: list[requests.Session]) -> Counter[int]:
    """Every client takes the slots in an order of its own until it wins one; how often which status was answered."""
    gate = threading.Barrier(CLIENTS)

    def run(client: int) -> list[int]:
        order = [(therapist, number) for therapist in range(THERAPISTS) for number in range(PER_THERAPIST)]
        random.Random(day * CLIENTS + client).shuffle(order)
        gate.wait()
        statuses: list[int] = []
        for therapist, number in order:
            statuses.append(_try(stand, sessions[client], stand.slot(client, therapist, day, number)))
            if statuses[-1] == 201:
                break
        return statuses

    with ThreadPoolExecutor(CLIENTS) as pool:
        return Counter(status for statuses in pool.map(run, range(CLIENTS)) for status in statuses)


def _try(stand: Stand, session: requests.Session, slot: dict[str, Any]) -> int:
    while True:
        answer = session.post(
            f"{stand.base}/v1/appointments", json={"slot": slot}, headers={"Idempotency-Key": new_id()}, timeout=120
        )
        if answer.status_code != 503:
            return answer.status_code
        time.sleep(0.05)


def winners(stand: Stand, session: requests.Session) -> Counter[tuple[str, str]]:
    """How many appointments each slot has, as the public list tells."""
    found: Counter[tuple[str, str]] = Counter()
    cursor: str | None = None
    while True:
        query = {"limit": 200, **({"cursor": cursor} if cursor else {})}
        page = session.get(f"{stand.base}/v1/appointments", params=query, timeout=60).json()
        found.update((one["therapist_id"], one["starts_at"]) for one in page["items"])
        cursor = page["next_cursor"]
        if not cursor:
            return found


def measure(uri: str) -> Result:
    """All rounds, then the count."""
    with standing(uri, therapists=THERAPISTS, patients=CLIENTS, days=ROUNDS, visits=ROUNDS) as stand:
        sessions = [stand.session() for _ in range(CLIENTS)]
        begun = time.monotonic()
        statuses: Counter[int] = Counter()
        for day in range(ROUNDS):
            statuses += play_round(stand, day, sessions)
        seconds = time.monotonic() - begun
        won = winners(stand, sessions[0])
    once = sum(1 for count in won.values() if count == 1)
    refusals = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
    return Result(
        f"64 clients racing for 50 slots on {servers().split(' and ')[1]}",
        "make bench ARGS='--only slot_race'",
        ("slots", "with exactly one winner", "with none", "with more", "requests", "seconds"),
        [
            (
                str(SLOTS * ROUNDS),
                str(once),
                str(SLOTS * ROUNDS - len(won)),
                str(sum(1 for count in won.values() if count > 1)),
                str(sum(statuses.values())),
                f"{seconds:.0f}",
            )
        ],
        [f"Answers: {refusals}. A slot has a winner when the list of appointments shows it once."],
    )


if __name__ == "__main__":
    with backing.database_uri() as address:
        show([measure(address)])
