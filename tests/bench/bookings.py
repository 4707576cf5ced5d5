"""Bookings per second from 8 clients over HTTP, beside bare transactions of two inserts from 8 processes."""

from __future__ import annotations

import multiprocessing
import time
from datetime import UTC, datetime
from typing import Any

from pymongo import MongoClient

from fascia.ids import new_id
from fascia.testing import backing
from measurement import Result, percentile, servers, show
from scheduling_stand import SHIFT_HOURS, VISIT_MINUTES, Stand, standing

CLIENTS = 8
SECONDS = 20
DAYS = 30
PER_DAY = SHIFT_HOURS * 60 // VISIT_MINUTES
# Each client books for as many patients: nobody has hundreds of visits.
PATIENTS = 30


def _bare(uri: str, seconds: float, counts: Any, place: int) -> None:
    client: MongoClient[dict[str, Any]] = MongoClient(uri)
    database = client["bare_bookings"]
    end, done = time.monotonic() + seconds, 0

    def insert(session: Any) -> None:
        number = new_id()
        database["appointments"].insert_one({"_id": number, "at": datetime.now(UTC)}, session=session)
        database["outbox"].insert_one({"_id": number, "payload": b"x" * 400}, session=session)

    with client.start_session() as session:
        while time.monotonic() < end:
            session.with_transaction(insert)
            done += 1
    counts[place] = done


def bare_rate(uri: str) -> float:
    """Transactions of two inserts per second, the database's own ceiling for a booking with its event."""
    client: MongoClient[dict[str, Any]] = MongoClient(uri)
    client.drop_database("bare_bookings")
    for name in ("appointments", "outbox"):
        client["bare_bookings"].create_collection(name)
    context = multiprocessing.get_context("spawn")
    counts = context.Array("i", CLIENTS)
    children = [context.Process(target=_bare, args=(uri, SECONDS / 2, counts, place)) for place in range(CLIENTS)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    client.drop_database("bare_bookings")
    client.close()
    return sum(counts) / (SECONDS / 2)


def _book(base: str, token: str, therapist: int, seconds: float, results: Any) -> None:
    stand = Stand(base, token, [f"patient-{n}" for n in range(CLIENTS * PATIENTS)], None)  # type: ignore[arg-type]
    times: list[float] = []
    end = time.monotonic() + seconds
    with stand.session() as session:
        for number in range(DAYS * PER_DAY):
            if time.monotonic() > end:
                break
            slot = stand.slot(therapist * PATIENTS + number % PATIENTS, therapist, number // PER_DAY, number % PER_DAY)
            begun = time.perf_counter()
            answer = session.post(
                f"{base}/v1/appointments", json={"slot": slot}, headers={"Idempotency-Key": new_id()}, timeout=30
            )
            if answer.status_code != 201:
                raise RuntimeError(answer.text)
            times.append(time.perf_counter() - begun)
    results.put(times)


def booking_times(stand: Stand) -> list[float]:
    """Seconds of every booking; each client fills the days of one therapist."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    children = [
        context.Process(target=_book, args=(stand.base, stand.token, place, SECONDS, results))
        for place in range(CLIENTS)
    ]
    for child in children:
        child.start()
    times = [one for _ in children for one in results.get(timeout=SECONDS + 60)]
    for child in children:
        child.join()
    return times


def measure(uri: str) -> Result:
    """Bare, suite, bare again."""
    before = bare_rate(uri)
    with standing(uri, therapists=CLIENTS, patients=CLIENTS * PATIENTS, days=DAYS, visits=DAYS) as stand:
        times = booking_times(stand)
    after = bare_rate(uri)
    bare, rate = (before + after) / 2, len(times) / SECONDS
    return Result(
        f"Bookings on {servers().split(' and ')[1]}",
        "make bench ARGS='--only bookings'",
        ("what", "bare", "suite", "ratio", "aim"),
        [
            ("bookings/s, 8 clients", f"{bare:.0f}", f"{rate:.0f}", f"{rate / bare:.2f}", ">= 0.50"),
            ("time of a booking, p50", "", f"{percentile(times, 0.5) * 1000:.0f} ms", "", ""),
            ("time of a booking, p99", "", f"{percentile(times, 0.99) * 1000:.0f} ms", "", ""),
        ],
        [
            f"Bare: transactions of two inserts from 8 processes, before and after ({before:.0f} and {after:.0f}/s). "
            "Suite: POST /v1/appointments with a token and an Idempotency-Key through one web process: the therapist's "
            "day, patient, room, visit budget, appointment, idempotency record and event in one transaction. That is "
            "3 round trips, as bare has, but one reads six documents and one writes seven; and the clients, the one "
            "Python process that answers HTTP and the database share the cores."
        ],
    )


if __name__ == "__main__":
    with backing.database_uri() as address:
        show([measure(address)])
