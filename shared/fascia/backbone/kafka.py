"""How the suite talks to Kafka: one place for producer, consumer and topic settings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import TopicAlreadyExistsError

from fascia.settings import ServiceSettings

MAX_POLL_RECORDS = 50


def producer(settings: ServiceSettings) -> Any:
    """An idempotent producer that waits for all replicas (kafka-python's defaults since 3.0)."""
    return KafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap.split(","),
        client_id="fascia-relay",
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        request_timeout_ms=10_000,
        delivery_timeout_ms=20_000,
        max_block_ms=10_000,
    )


def consumer(settings: ServiceSettings, group: str, topics: Iterable[str]) -> Any:
    """A consumer that commits by hand, starts at the earliest record and fetches little at a time."""
    joined = KafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap.split(","),
        client_id=group,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_poll_records=MAX_POLL_RECORDS,
        session_timeout_ms=settings.kafka_session_timeout_ms,
        heartbeat_interval_ms=settings.kafka_heartbeat_ms,
        fetch_max_wait_ms=settings.kafka_fetch_wait_ms,
    )
    joined.subscribe(sorted(topics))
    return joined


def create_topics(bootstrap: str, topics: Iterable[str], partitions: int, replication: int = 1) -> list[str]:
    """Create the topics that are missing; returns those that were made."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap.split(","))
    made: list[str] = []
    try:
        present = set(admin.list_topics())
        for name in topics:
            if name in present:
                continue
            try:
                admin.create_topics([NewTopic(name, num_partitions=partitions, replication_factor=replication)])
                made.append(name)
            except TopicAlreadyExistsError:
                continue
    finally:
        admin.close()
    return made
