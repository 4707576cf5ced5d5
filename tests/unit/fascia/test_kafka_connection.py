"""A broker that is away for long may cost time, but nothing that a process has only so much of."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from kafka.errors import KafkaError

from fascia.backbone import kafka
from fascia.settings import ServiceSettings
from fascia.testing.backing import free_port


@pytest.mark.parametrize(
    "connect",
    [
        lambda settings: kafka.producer(settings),
        lambda settings: kafka.consumer(settings, "probe", ["fascia.probe"]),
        lambda settings: kafka.create_topics(settings.kafka_bootstrap, ["fascia.probe"], 1),
    ],
    ids=["producer", "consumer", "topics"],
)
def test_an_attempt_to_reach_a_broker_that_is_away_leaves_nothing_behind(
    connect: Callable[[ServiceSettings], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "BOOTSTRAP_MS", 200)
    monkeypatch.setattr(kafka, "TOPICS_BOOTSTRAP_MS", 200)
    nobody = ServiceSettings(mongodb_uri="", kafka_bootstrap=f"127.0.0.1:{free_port()}", keyring_file="")
    before = _threads_of_kafka()
    for _ in range(3):
        with pytest.raises(KafkaError):
            connect(nobody)
    assert _threads_of_kafka() == before


def _threads_of_kafka() -> int:
    return sum("kafka" in thread.name for thread in threading.enumerate())
