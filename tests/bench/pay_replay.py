"""Replay of pay statements: by the service from what the events left with it, and in memory from a log of events.

A practice of 40 therapists, whose episodes come from the generator of `fascia pay simulate`; for one of them a month of
120 sessions arrives as events, each three times and out of order. Beside it: reading the statement and nothing else.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import numpy as np

from fascia.contracts import contract
from fascia.testing import backing
from fascia.testing.harness import Harness
from measurement import Result, servers, show
from outcomes_svc.pay.rebuild import LoggedEvent
from outcomes_svc.pay.replay import replay
from outcomes_svc.performance.prediction import fit
from outcomes_svc.performance.publication import FrozenModel
from outcomes_svc.performance.store import save_model
from outcomes_svc.results.episode_result import EpisodeResult
from outcomes_svc.service import SERVICE
from outcomes_svc.simulation.generated_practice import two_years
from outcomes_svc.simulation.practice_spec import PracticeSpec

SESSIONS, TIMES, SEED = 120, 20, 20270601
MONTH = "2027-05"
WINDOW_ENDS = datetime(2026, 12, 3, tzinfo=UTC)  # half a year before the month does


def events(therapist: str) -> list[dict[str, Any]]:
    """Payloads of session.completed."""
    first = datetime(2027, 5, 3, 13, tzinfo=UTC)
    made = []
    for number in range(SESSIONS):
        at = first + timedelta(hours=2 * (number % 5), days=number // 5)
        made.append(
            {
                "session_id": f"s-{number:03}",
                "version": 1,
                "appointment_id": f"a-{number:03}",
                "patient_id": f"p-{number % 30:02}",
                "therapist_id": therapist,
                "setting": ("clinic", "mobile", "hospital", "private")[number % 4],
                "service_type": "massage-60",
                "condition_codes": ["M54.59"],
                "started_at": at,
                "ended_at": at + timedelta(hours=1),
                "signed_at": at + timedelta(hours=1),
                "treated_minutes": 23 + number % 40,
                "measures": [],
            }
        )
    return made


def issued(uri: str, rows: list[EpisodeResult], model: FrozenModel, order: list[dict[str, Any]]) -> tuple[Harness, str]:
    """A service that got the events in an order and issued the month; it and the statement's id."""
    harness = Harness(SERVICE, uri)
    rates = [{"setting": name, "amount": "11.50"} for name in ("clinic", "hospital", "private", "mobile")]
    plan = {
        "effective_from": "2026-05",
        "currency": "USD",
        "time_zone": "America/New_York",
        "rates": rates,
        "outcome": {"shadow_until": "2027-04"},
    }
    assert harness.as_("owner").post("/v1/pay/plans", plan).status_code == 201
    harness.clock.advance(datetime(2027, 6, 2, 14, tzinfo=UTC) - harness.clock.now())
    harness.runtime.transaction("demo", lambda uow: save_model(uow, model))
    for data in order:
        harness.deliver("session.completed", data)
    with mock.patch("outcomes_svc.pay.known.episode_results", return_value=list(rows)):
        answer = harness.as_("owner").post("/v1/pay/statements", {"month": MONTH})
    assert answer.status_code == 201, answer.json
    (found,) = harness.as_("owner").get(f"/v1/pay/statements?month={MONTH}").json["items"]
    return harness, str(found["statement_id"])


@dataclass(frozen=True)
class Timing:
    """Seconds of each of TIMES runs: by the clock, and of this process's processor time."""

    clock: list[float]
    processor: list[float]


def timed(work: Callable[[], Any]) -> Timing:
    """Run it TIMES times."""
    clock, processor = [], []
    for _ in range(TIMES):
        began, busy = time.perf_counter(), time.process_time()
        work()
        clock.append(time.perf_counter() - began)
        processor.append(time.process_time() - busy)
    return Timing(clock, processor)


def measure() -> list[Result]:
    """Everything."""
    before, after = two_years(PracticeSpec(therapists=40), np.random.default_rng(SEED))
    model = FrozenModel(model=fit(before.rows, 2025), frozen_at=datetime(2026, 8, 1, tzinfo=UTC), frozen_by="owner")
    rows = [row for row in after.rows if row.opened_at < WINDOW_ENDS]
    told = events(rows[0].therapist_id)
    shuffled = [data for data in told for _ in range(3)]
    random.Random(SEED).shuffle(shuffled)
    with backing.database_uri() as uri:
        contents, (equal, served), read = by_the_service(uri, rows, model, (told, shuffled))
    log = log_of(shuffled, rows)
    replayed, memory = replay(contents[0], log), timed(lambda: replay(contents[0], log))
    in_any_order = ("events in order, against three times each and shuffled", _word(contents[0] == contents[1]))
    return [
        Result(
            f"Replay of a pay statement on {servers().rpartition(' and ')[2]}",
            "make bench ARGS='--only pay_replay'",
            ("what", "bytes equal", "p50", "slowest of 20", "processor time, p50", "aim"),
            [
                _row("by the service, from what the events left with it", equal, served),
                _row(f"in memory, from a log of {len(log):,} events", replayed.equal, memory),
                ("beside it: reading the statement only", "", *_times(read), ""),
                (*in_any_order, "", "", "", ""),
            ],
            [
                f"40 therapists, {len(rows):,} episodes, of which the statement shows one therapist's, and {SESSIONS}"
                f" sessions; it has {len(contents[0]):,} bytes. The service's replay judges all frozen episodes again."
                " Processor time is that of the service; with the clock far above it, the machine had other work.",
            ],
        )
    ]


def by_the_service(
    uri: str, rows: list[EpisodeResult], model: FrozenModel, orders: tuple[list[dict[str, Any]], ...]
) -> tuple[list[bytes], tuple[bool, Timing], Timing]:
    """The bytes that each order of events gave; whether the first replays, and how fast; how fast it is read."""
    made = [issued(uri, rows, model, order) for order in orders]
    paths = [f"/v1/pay/statements/{id_}" for _, id_ in made]
    contents = [harness.as_("owner").get(path).data for (harness, _), path in zip(made, paths, strict=True)]
    owner, path = made[0][0].as_("owner"), paths[0]
    equal = bool(owner.post(f"{path}/replay").json["projected"]["equal"])
    served, read = timed(lambda: owner.post(f"{path}/replay")), timed(lambda: owner.get(path))
    for harness, _ in made:
        harness.close()
    return contents, (equal, served), read


def log_of(sessions: list[dict[str, Any]], rows: list[EpisodeResult]) -> list[LoggedEvent]:
    """The events as a log holds them: sessions as they travelled, and the scores of all episodes."""
    schema = contract("session.completed").schema()
    travelled = [schema.load(json.loads(json.dumps(schema.dump(data)))) for data in sessions]
    return [LoggedEvent("session.completed", data) for data in travelled] + [
        score for row in rows for score in _scores(row)
    ]


def _scores(row: EpisodeResult) -> list[LoggedEvent]:
    told = [score_id for score_id in (row.baseline_score_id, row.end_score_id) if score_id]
    data = {"episode_id": row.episode_id, "instrument": row.instrument}
    return [LoggedEvent("outcome.scored", {**data, "score_id": score_id}) for score_id in told]


def _row(what: str, equal: bool, taken: Timing) -> tuple[str, ...]:
    return (what, _word(equal), *_times(taken), "under 1 s: " + _word(max(taken.clock) < 1))


def _times(taken: Timing) -> tuple[str, str, str]:
    seconds = (statistics.median(taken.clock), max(taken.clock), statistics.median(taken.processor))
    first, slowest, processor = (f"{1000 * each:.0f} ms" for each in seconds)
    return first, slowest, processor


def _word(is_so: bool) -> str:
    return "yes" if is_so else "NO"


if __name__ == "__main__":
    show(measure())
