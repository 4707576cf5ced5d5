"""The event path: from a commit with an outbox row to its effect in another service.

Beside it, in the same run, the least that any consumer has to do: poll, one transaction of two inserts, commit.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pymongo import MongoClient

from fascia.backbone import kafka
from fascia.backbone.consumer import Consumer
from fascia.backbone.dead_letters import Record
from fascia.backbone.dispatch import Dispatcher, Fate
from fascia.backbone.event import Event
from fascia.backbone.outbox import Outbox
from fascia.backbone.relay import Relay
from fascia.contracts import contract
from fascia.crypto.keyring import new_keyring
from fascia.ids import new_id
from fascia.runtime import Runtime, open_runtime
from fascia.service import Service
from fascia.settings import ServiceSettings
from fascia.store import UnitOfWork
from fascia.store.indexes import ensure_indexes
from fascia.testing import backing
from measurement import Result, percentile, servers, show

TYPE = "message.sent"
# The latency is measured on a topic of its own, which holds nothing from before.
LATENCY_TYPE = "contact.opted_out"
BURST = 3_000
# The embedded database is one Python process: it carries fewer events a second than Apache Kafka's set does.
RATE = 200 if os.environ.get("KAFKA_BOOTSTRAP") else 50
SECONDS = 20


def _effect(uow: UnitOfWork, event: Event) -> None:
    uow.collection("effects").insert_one({"_id": event.id})


SERVICE = Service("bench-svc", ServiceSettings, handlers={TYPE: _effect, LATENCY_TYPE: _effect})


def _message(key: str) -> dict[str, Any]:
    return {
        "message_id": key,
        "recipient_id": "somebody",
        "kind": "reminder",
        "channel": "sms",
        "at": datetime.now(UTC),
    }


def _opt_out() -> dict[str, Any]:
    return {"patient_id": new_id(), "channel": "sms", "at": datetime.now(UTC)}


def _runtime(uri: str, bootstrap: str, keyring: str, database: str) -> Runtime:
    return open_runtime(
        "bench-svc",
        ServiceSettings(mongodb_uri=uri, kafka_bootstrap=bootstrap, keyring_file=keyring, database=database),
    )


class _Timed(Dispatcher):
    """Notes when each event's effect was committed."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.effects: dict[str, float] = {}

    def dispatch(self, record: Record, blocked: set[str]) -> Fate:
        fate = super().dispatch(record, blocked)
        self.effects[record.id] = time.time()
        return fate


def _consume(runtime: Runtime, type_: str, expected: int, seconds: float) -> dict[str, float]:
    """Consume until `expected` events took effect; when each was done."""
    group = f"{type_}-{new_id()}"
    dispatcher = _Timed(runtime, SERVICE.handlers, group)
    consumer = Consumer(runtime, dispatcher, group, [contract(type_).topic])
    stop = threading.Event()
    thread = threading.Thread(target=consumer.run, args=(stop,))
    thread.start()
    deadline = time.monotonic() + seconds
    while len(dispatcher.effects) < expected and time.monotonic() < deadline:
        time.sleep(0.02)
    stop.set()
    thread.join()
    return dispatcher.effects


def bare_throughput(uri: str, bootstrap: str, expected: int) -> float:
    """Events per second of a plain loop: poll, a transaction of two inserts, commit after each poll."""
    client: MongoClient[dict[str, Any]] = MongoClient(uri)
    database = client[f"bare_{new_id()[-8:]}"]
    database["inbox"].insert_one({"_id": "first"})
    database["effects"].insert_one({"_id": "first"})
    settings = ServiceSettings(mongodb_uri=uri, kafka_bootstrap=bootstrap, keyring_file="")
    consumer = kafka.consumer(settings, f"bare-{new_id()}", [contract(TYPE).topic])
    done, first = 0, 0.0
    while done < expected:
        for records in consumer.poll(timeout_ms=200).values():
            for record in records:
                first = first or time.perf_counter()
                with client.start_session() as session:
                    session.with_transaction(lambda s, r=record: _two_inserts(database, s, r))
                done += 1
        consumer.commit()
    rate = done / (time.perf_counter() - first)
    consumer.close(autocommit=False)
    client.drop_database(database.name)
    client.close()
    return rate


def _two_inserts(database: Any, session: Any, record: Any) -> None:
    place = f"{record.partition}/{record.offset}"
    database["inbox"].insert_one({"_id": place}, session=session)
    database["effects"].insert_one({"_id": place, "value": record.value}, session=session)


def our_throughput(runtime: Runtime, expected: int) -> float:
    """Events per second of the suite's consumer: decode, inbox, handler, commit, spans and metrics."""
    times = sorted(_consume(runtime, TYPE, expected, 300).values())
    return (len(times) - 1) / (times[-1] - times[0])


def fill(runtime: Runtime, count: int) -> None:
    """Send `count` events through outbox and relay."""
    for _ in range(count // 100):
        runtime.transaction("bench", lambda uow: [uow.publish(TYPE, _message(new_id())) for _ in range(100)])
    relay = Relay(runtime)
    while Outbox(runtime.database).count_pending():
        relay.step()


def _write(uri: str, bootstrap: str, keyring: str, database: str, folder: str) -> None:
    runtime = _runtime(uri, bootstrap, keyring, database)
    committed: dict[str, float] = {}
    start = time.monotonic()
    for number in range(RATE * SECONDS):
        time.sleep(max(0.0, start + number / RATE - time.monotonic()))
        event_id = runtime.transaction("bench", lambda uow: uow.publish(LATENCY_TYPE, _opt_out()))
        committed[event_id] = time.time()
    Path(folder, "committed.json").write_text(json.dumps(committed))


def _relay(uri: str, bootstrap: str, keyring: str, database: str, folder: str) -> None:
    stop = threading.Event()
    threading.Thread(target=Relay(_runtime(uri, bootstrap, keyring, database)).run, args=(stop,), daemon=True).start()
    while not Path(folder, "stop").exists():
        time.sleep(0.1)
    stop.set()


def latencies(uri: str, bootstrap: str, keyring: str, folder: str) -> list[float]:
    """Seconds from commit to effect at RATE events/s, with writer, relay and consumer in processes of their own."""
    database = f"latency_{new_id()[-8:]}"
    runtime = _runtime(uri, bootstrap, keyring, database)
    ensure_indexes(runtime.database, SERVICE.all_indexes)
    context = multiprocessing.get_context("spawn")
    arguments = (uri, bootstrap, keyring, database, folder)
    relay = context.Process(target=_relay, args=arguments)
    writer = context.Process(target=_write, args=arguments)
    effects: dict[str, float] = {}
    consumer = threading.Thread(target=lambda: effects.update(_consume(runtime, LATENCY_TYPE, 10**9, SECONDS + 15)))
    relay.start()
    consumer.start()
    time.sleep(5)  # the group has joined
    writer.start()
    writer.join()
    consumer.join()
    Path(folder, "stop").touch()
    relay.join()
    committed = json.loads(Path(folder, "committed.json").read_text())
    runtime.client.drop_database(database)
    missing = [event_id for event_id in committed if event_id not in effects]
    if missing:
        raise RuntimeError(f"{len(missing)} of {len(committed)} events had no effect in time")
    return [max(0.0, effects[event_id] - at) for event_id, at in committed.items()]


def measure(uri: str, bootstrap: str, where: str) -> Result:
    """Both consumers on the same topic of the same broker and database, then the latency."""
    with TemporaryDirectory() as folder:
        keyring = str(Path(folder, "keyring.json"))
        Path(keyring).write_text(new_keyring())
        kafka.create_topics(bootstrap, [contract(type_).topic for type_ in SERVICE.handlers], partitions=4)
        runtime = _runtime(uri, bootstrap, keyring, f"bench_{new_id()[-8:]}")
        ensure_indexes(runtime.database, SERVICE.all_indexes)
        fill(runtime, BURST)
        bare = bare_throughput(uri, bootstrap, BURST)
        ours = our_throughput(runtime, BURST)
        again = bare_throughput(uri, bootstrap, BURST)
        runtime.client.drop_database(runtime.database.name)
        delays = latencies(uri, bootstrap, keyring, folder)
    baseline = (bare + again) / 2
    result = Result(
        f"Event path on {where}",
        "make bench ARGS='--only event_path'",
        ("what", "bare", "suite", "ratio", "aim"),
        notes=[
            f"{BURST} events through one consumer; bare (a poll and a two-insert transaction) ran before and after: "
            f"{bare:.0f} and {again:.0f}/s. Latency at {RATE} events/s for {SECONDS} s, {len(delays)} events, "
            "writer, relay and consumer in processes of their own."
        ],
    )
    result.rows = [
        ("throughput, events/s", f"{baseline:.0f}", f"{ours:.0f}", f"{ours / baseline:.2f}", ">= 0.50"),
        ("commit to effect, p50", "", f"{percentile(delays, 0.50) * 1000:.0f} ms", "", ""),
        ("commit to effect, p99", "", f"{percentile(delays, 0.99) * 1000:.0f} ms", "", "< 250 ms on Apache Kafka"),
    ]
    return result


def run() -> list[Result]:
    """On whatever broker and database the environment or the embedded set gives."""
    with backing.database_uri() as uri, backing.kafka_bootstrap() as bootstrap:
        return [measure(uri, bootstrap, servers())]


if __name__ == "__main__":
    show(run())
