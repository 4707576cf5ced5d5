"""How the suite talks to Kafka: one place for producer, consumer and topic settings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from fascia.backbone.membership import WatchedConsumer
from fascia.settings import ServiceSettings

MAX_POLL_RECORDS = 50
MOST_COPIES = 3
# A worker that is told to stop while the broker is away waits at most this long for an attempt to reach it.
BOOTSTRAP_MS = 5_000
TOPICS_BOOTSTRAP_MS = 30_000
CLOSE_MS = 5_000


def producer(settings: ServiceSettings) -> Any:
    """An idempotent producer that waits for all replicas (kafka-python's defaults since 3.0)."""
    return _connected(
        KafkaProducer,
        BOOTSTRAP_MS,
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
    joined = _connected(
        WatchedConsumer,
        BOOTSTRAP_MS,
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
    try:
        joined.join(sorted(topics))
    except KafkaError:
        joined.close(autocommit=False, timeout_ms=CLOSE_MS)
        raise
    return joined


def _connected(make: Any, bootstrap_ms: int, **options: Any) -> Any:
    """Connect. An attempt that failed is cleaned up: kafka-python leaves its thread and sockets behind, which over a
    long outage would use up what the process may open."""
    clients: list[Any] = []

    def client(**config: Any) -> Any:
        clients.append(make.DEFAULT_CONFIG["kafka_client"](**config))
        return clients[-1]

    try:
        return make(kafka_client=client, bootstrap_timeout_ms=bootstrap_ms, **options)
    except KafkaError:
        for each in clients:
            each.close()
        raise


def create_topics(bootstrap: str, topics: Iterable[str], partitions: int, replication: int | None = None) -> list[str]:
    """Create the topics that are missing; returns those that were made.

    `replication` None: a copy on each broker that is there, up to three, so that the loss of one loses nothing.
    """
    admin = _connected(KafkaAdminClient, TOPICS_BOOTSTRAP_MS, bootstrap_servers=bootstrap.split(","))
    made: list[str] = []
    try:
        present = set(admin.list_topics())
        copies = replication or min(MOST_COPIES, len(admin.describe_cluster()["brokers"]))
        for name in topics:
            if name in present:
                continue
            try:
                admin.create_topics([NewTopic(name, num_partitions=partitions, replication_factor=copies)])
                made.append(name)
            except TopicAlreadyExistsError:
                continue
    finally:
        admin.close()
    return made
