"""From a session's event to its scores: each event three times, out of order, through broker, inbox and handler.

The scores that stand at the end are held, byte for byte, against those of a run in which each event came once and in
order. Beside it, in the same run, the least that any consumer has to do: a transaction of an inbox row and an effect.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import pickle
import random
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fascia.backbone import kafka
from fascia.backbone.consumer import Consumer
from fascia.backbone.dead_letters import Record
from fascia.backbone.dispatch import Dispatcher, Fate
from fascia.backbone.event import to_kafka_headers
from fascia.contracts import contract
from fascia.crypto.keyring import new_keyring
from fascia.ids import new_id
from fascia.runtime import Runtime, open_runtime
from fascia.settings import ServiceSettings
from fascia.store.indexes import ensure_indexes
from fascia.testing import backing
from measurement import Result, percentile, servers, show
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.scoring.schemas import ScoreSchema
from outcomes_svc.scoring.score import ScoreState
from outcomes_svc.scoring.store import scores_of
from outcomes_svc.service import SERVICE
from outcomes_svc.settings import OutcomesSettings
from session_history import PROMIS, Travelling, history

# The embedded database is one Python process: it would be kept busy for an hour.
EVENTS = 10_000 if os.environ.get("KAFKA_BOOTSTRAP") else 1_000
DELIVERIES = 3
TOPIC = contract("session.completed").topic
BARE = 1_000
LOAD = 0.35
"""The share of its time that the consumer is kept busy while latency is measured; a full queue measures the queue."""
STALLED = 60.0


class _Timed(Dispatcher):
    """Notes when each event's effect was committed, and counts what became of the deliveries."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.done: dict[str, float] = {}
        self.fates = dict.fromkeys(Fate, 0)
        self.ours: set[str] = set()

    def dispatch(self, record: Record, blocked: set[str]) -> Fate:
        if record.id not in self.ours:
            return Fate.IGNORED  # of an earlier run on the same broker
        fate = super().dispatch(record, blocked)
        if fate is Fate.HANDLED:
            self.done[record.id] = time.time()
        self.fates[fate] += 1
        return fate

    def received(self, records: Iterable[Record]) -> set[str]:
        """Those that the consumer drops without dispatching them count as well."""
        polled = list(records)
        known = super().received(polled)
        self.fates[Fate.DUPLICATE] += sum(record.id in known & self.ours for record in polled)
        return known

    @property
    def seen(self) -> int:
        """How many deliveries were taken."""
        return sum(self.fates.values())


def _runtime(uri: str, bootstrap: str, keyring: str) -> Runtime:
    settings = OutcomesSettings(
        mongodb_uri=uri, kafka_bootstrap=bootstrap, keyring_file=keyring, database=f"scored_{new_id()[-8:]}"
    )
    runtime = open_runtime("outcomes-svc", settings)
    ensure_indexes(runtime.database, SERVICE.all_indexes)
    return runtime


def _record(travelling: Travelling) -> Record:
    row = travelling.row
    return Record(row.topic, 0, 0, row.key, row.value, row.headers)


def in_order_once(runtime: Runtime, events: list[Travelling]) -> list[float]:
    """Each event once, in order; returns seconds per event."""
    dispatcher = Dispatcher(runtime, SERVICE.handlers, "bench")
    times = []
    for travelling in events:
        started = time.perf_counter()
        fate = dispatcher.dispatch(_record(travelling), set())
        times.append(time.perf_counter() - started)
        if fate is not Fate.HANDLED:
            raise RuntimeError(f"{fate} is no way for an event to end")
    return times


def bare(runtime: Runtime, count: int) -> list[float]:
    """Seconds per transaction of two inserts, which any consumer with an inbox needs."""
    database, times = runtime.database, []
    database["bare_inbox"].insert_one({"_id": new_id()})
    database["bare_effects"].insert_one({"_id": new_id()})

    def two_inserts(session: Any) -> None:
        id_ = new_id()
        database["bare_inbox"].insert_one({"_id": id_}, session=session)
        database["bare_effects"].insert_one({"_id": id_, "value": b"x" * 600}, session=session)

    for _ in range(count):
        started = time.perf_counter()
        with runtime.client.start_session() as session:
            session.with_transaction(two_inserts)
        times.append(time.perf_counter() - started)
    return times


def said(runtime: Runtime, patients: Iterable[tuple[str, str]]) -> tuple[str, int]:
    """A digest of every score, refused ones included, as the API says it, and how many there are."""
    digest, count, schema = hashlib.sha256(), 0, ScoreSchema(many=True)
    for practice_id, patient_id in sorted(patients):
        kept = scores_of(runtime.reading(practice_id), patient_id)
        # What an amendment took back is withdrawn where it was seen before the amendment: it is no score.
        scores = sorted((each for each in kept if each.state is not ScoreState.WITHDRAWN), key=lambda each: each.id)
        digest.update(json.dumps(schema.dump(scores), sort_keys=True).encode())
        count += len(scores)
    return digest.hexdigest(), count


def _send(bootstrap: str, folder: str, per_second: float) -> None:
    """In a process of its own: the deliveries at an even pace, and when each event first left."""
    rows = pickle.loads(Path(folder, "deliveries").read_bytes())
    producer = kafka.producer(ServiceSettings(mongodb_uri="", kafka_bootstrap=bootstrap, keyring_file=""))
    sent: dict[str, float] = {}
    start = time.monotonic()
    for number, row in enumerate(rows):
        time.sleep(max(0.0, start + number / per_second - time.monotonic()))
        sent.setdefault(row.id, time.time())
        producer.send(row.topic, key=row.key.encode(), value=row.value, headers=to_kafka_headers(row.headers))
    producer.flush()
    producer.close()
    Path(folder, "sent.json").write_text(json.dumps(sent))


def shuffled_thrice(
    runtime: Runtime, bootstrap: str, events: list[Travelling], per_second: float, folder: str
) -> tuple[list[float], _Timed]:
    """Every event three times in random order through the broker; returns seconds from first sending to effect."""
    rows = [travelling.row for travelling in events] * DELIVERIES
    random.Random(len(rows)).shuffle(rows)
    Path(folder, "deliveries").write_bytes(pickle.dumps(rows))
    group = f"scored-{new_id()}"
    dispatcher = _Timed(runtime, SERVICE.handlers, group)
    dispatcher.ours = {row.id for row in rows}
    consumer = Consumer(runtime, dispatcher, group, [TOPIC])
    stop = threading.Event()
    thread = threading.Thread(target=consumer.run, args=(stop,))
    thread.start()
    time.sleep(5)  # the group has joined
    sender = multiprocessing.get_context("spawn").Process(target=_send, args=(bootstrap, folder, per_second))
    sender.start()
    _wait(dispatcher, len(rows))
    sender.join()
    stop.set()
    thread.join()
    sent = json.loads(Path(folder, "sent.json").read_text())
    return [max(0.0, dispatcher.done[id_] - at) for id_, at in sent.items()], dispatcher


def _wait(dispatcher: _Timed, expected: int) -> None:
    """Until all deliveries were taken; raises RuntimeError when none is for a minute."""
    seen, moved = 0, time.monotonic()
    while dispatcher.seen < expected:
        time.sleep(0.1)
        if dispatcher.seen > seen:
            seen, moved = dispatcher.seen, time.monotonic()
        elif time.monotonic() - moved > STALLED:
            raise RuntimeError(f"only {seen} of {expected} deliveries were taken")


def measure(uri: str, bootstrap: str, where: str, count: int) -> Result:
    """Once in order, then three times out of order, on databases of their own; the bare ceiling before and after."""
    with TemporaryDirectory() as folder:
        keyring = str(Path(folder, "keyring.json"))
        Path(keyring).write_text(new_keyring())
        kafka.create_topics(bootstrap, [TOPIC], partitions=4)
        once, thrice = _runtime(uri, bootstrap, keyring), _runtime(uri, bootstrap, keyring)
        promis = shipped().current(PROMIS)
        assert promis is not None
        events = history(count, once.keyring, tuple(item.code for item in promis.items))
        patients = {(travelling.practice_id, travelling.patient_id) for travelling in events}
        before = bare(once, BARE)
        handled = in_order_once(once, events)
        expected = said(once, patients)
        # At the beginning of a random order nearly every delivery is the first one of its event.
        pace = LOAD / _mean(handled)
        delays, dispatcher = shuffled_thrice(thrice, bootstrap, events, pace, folder)
        found = said(thrice, patients)
        after = bare(once, BARE)
        for runtime in (once, thrice):
            runtime.client.drop_database(runtime.database.name)
            runtime.close()
    floor, practices = [*before, *after], len({practice_id for practice_id, _ in patients})
    result = Result(
        f"Scored events on {where}",
        "make bench ARGS='--only scored_events'",
        ("what", "bare", "suite", "ratio", "aim"),
        notes=[
            f"{count} session events of {len(patients)} patients of {practices} practices, "
            f"each delivered {DELIVERIES} times in "
            f"random order: {dispatcher.fates[Fate.HANDLED]} took effect, {dispatcher.fates[Fate.DUPLICATE]} were "
            f"known, {dispatcher.fates[Fate.DEAD]} failed. One consumer, {pace:.0f} deliveries/s: were all of them "
            f"new and in order, it would be busy for {LOAD:.0%} of the time. Bare: a transaction of an inbox row and "
            f"an effect, before and after: {1 / _mean(before):.0f} and {1 / _mean(after):.0f}/s. An event reads a "
            "patient's whole history and writes what changed; in random order that is more, for an episode and its "
            "baseline move until its first session is there."
        ],
    )
    differing = "none" if found == expected else "SOME"
    result.rows = [
        ("scores that differ from in order, once", "", f"{differing} of {expected[1]}", "", "none"),
        *_latencies(handled, floor, delays),
    ]
    return result


def _latencies(handled: list[float], floor: list[float], delays: list[float]) -> list[tuple[str, ...]]:
    ratio = _mean(floor) / _mean(handled)
    return [
        (
            "events handled in order, events/s",
            f"{1 / _mean(floor):.0f}",
            f"{1 / _mean(handled):.0f}",
            f"{ratio:.2f}",
            "",
        ),
        *(
            (f"inbox and handler, {name}", _ms(floor, share), _ms(handled, share), "", "")
            for name, share in (("p50", 0.5), ("p99", 0.99))
        ),
        ("event sent to score, p50", "", _ms(delays, 0.5), "", ""),
        ("event sent to score, p99", "", _ms(delays, 0.99), "", "< 250 ms"),
    ]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _ms(values: list[float], share: float) -> str:
    return f"{percentile(values, share) * 1000:.1f} ms"


def run(count: int) -> list[Result]:
    """On whatever broker and database the environment or the embedded set gives."""
    with backing.database_uri() as uri, backing.kafka_bootstrap() as bootstrap:
        return [measure(uri, bootstrap, servers(), count)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--json", action="store_true", help="for make bench")
    show(run(parser.parse_args().events))
