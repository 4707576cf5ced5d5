"""A consumer whose join got lost must find out, and one that was told to wait must not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from kafka.errors import KafkaTimeoutError

from fascia.backbone import kafka, membership
from fascia.backbone.consumer import Consumer
from fascia.backbone.membership import Membership
from fascia.backbone.relay import Relay
from fascia.ids import new_id

TOPIC = "fascia.message"


def test_a_join_is_overdue_only_after_any_join_would_be_done() -> None:
    waiting = Membership()
    began = waiting._waiting_since
    assert began is not None
    assert not waiting.overdue(began + 59)
    assert waiting.overdue(began + 61)
    waiting.on_partitions_assigned(set())
    assert not waiting.overdue(began + 10_000), "more consumers than partitions is no fault"
    waiting.on_partitions_revoked({1})
    assert not waiting.overdue(began + 59)
    assert waiting.overdue(began + 10_000)


def test_a_consumer_in_excess_of_the_partitions_waits_quietly(
    probe_on_kafka: Any, kafka_bootstrap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(membership, "JOIN_SECONDS", 3.0)
    topic = f"fascia.one{new_id()[-6:]}"
    kafka.create_topics(kafka_bootstrap, [topic], 1)
    both = [kafka.consumer(probe_on_kafka.runtime.settings, topic, [topic]) for _ in range(2)]
    stop = threading.Event()
    faults: list[Exception] = []

    def run(consumer: Any) -> None:
        try:
            while not stop.is_set():
                consumer.poll(timeout_ms=200)
        except KafkaTimeoutError as error:
            faults.append(error)

    threads = [threading.Thread(target=run, args=(consumer,)) for consumer in both]
    for thread in threads:
        thread.start()
    stop.wait(6)
    assert sorted(len(consumer.assignment()) for consumer in both) == [0, 1]
    stop.set()
    for thread, consumer in zip(threads, both, strict=True):
        thread.join()
        consumer.close(autocommit=False, timeout_ms=1_000)
    assert faults == []


def test_a_consumer_whose_join_got_lost_joins_anew_and_goes_on(
    probe_on_kafka: Any, until: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    probe, key, made = probe_on_kafka, new_id(), []
    monkeypatch.setattr(membership, "JOIN_SECONDS", 4.0)
    probe.publish(key, 1)
    relay = Relay(probe.runtime)
    relay.step()
    relay._close()

    def connect() -> Any:
        made.append(kafka.consumer(probe.runtime.settings, probe.harness.service.name, [TOPIC]))
        if len(made) == 1:
            # As the lost join looks from outside: no partitions, no error, whatever is asked.
            made[0].unsubscribe()
            made[0].assign([])
        return made[-1]

    stop = threading.Event()
    consumer = Consumer(probe.runtime, probe.dispatcher, probe.harness.service.name, [TOPIC], connect=connect)
    thread = threading.Thread(target=consumer.run, args=(stop,))
    thread.start()
    try:
        until(lambda: probe.seen(key) == [1])
    finally:
        stop.set()
        thread.join()
    assert len(made) == 2
