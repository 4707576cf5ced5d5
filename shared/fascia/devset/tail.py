"""Reads the suite's topics beside the services, and tells how each event of one trace follows from another."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from fascia.backbone.event import from_kafka_headers
from fascia.contracts import topics


@dataclass(frozen=True)
class Seen:
    """An event as it lay in its topic; its payload is not looked at."""

    id: str
    type: str
    key: str
    trace_id: str
    at: datetime
    cause: str | None


class Tail:
    """A reader of its own group that commits nothing, so the services are not disturbed by it."""

    def __init__(self, bootstrap: str, trace_id: str, tell: Callable[[Seen, float | None], None]) -> None:
        self.seen: dict[str, Seen] = {}
        self._trace_id = trace_id
        self._tell = tell
        self._bootstrap = bootstrap
        self._stop = threading.Event()
        self._caught_up = threading.Event()
        self._thread = threading.Thread(target=self._read, name="tail", daemon=True)

    def __enter__(self) -> Tail:
        self._thread.start()
        self._caught_up.wait(15)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)

    def types(self) -> list[str]:
        """The types seen so far, in order."""
        return [one.type for one in self.seen.values()]

    def _read(self) -> None:
        consumer = KafkaConsumer(
            bootstrap_servers=self._bootstrap.split(","),
            group_id=f"demo-{os.urandom(4).hex()}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=50,
        )
        with contextlib.closing(consumer):
            # Assigned, not subscribed: nobody needs to be waited for, and every partition is read.
            consumer.assign(
                [
                    TopicPartition(topic, part)
                    for topic in topics()
                    for part in consumer.partitions_for_topic(topic) or ()
                ]
            )
            while not self._stop.is_set():
                batches = consumer.poll(timeout_ms=50)
                if not batches:
                    self._caught_up.set()
                for record in sorted(
                    (one for batch in batches.values() for one in batch), key=lambda one: one.timestamp
                ):
                    self._note(record)

    def _note(self, record: Any) -> None:
        headers = from_kafka_headers(record.headers)
        trace_id = headers.get("traceparent", "--").split("-")[1]
        event_id = headers.get("ce_id", "")
        if trace_id != self._trace_id or event_id in self.seen:
            return
        one = Seen(
            id=event_id,
            type=headers["ce_type"],
            key=(record.key or b"").decode(),
            trace_id=trace_id,
            at=datetime.fromisoformat(headers["ce_time"]),
            cause=headers.get("ce_causationid"),
        )
        self.seen[event_id] = one
        cause = self.seen.get(one.cause or "")
        self._tell(one, (one.at - cause.at).total_seconds() * 1000 if cause else None)
