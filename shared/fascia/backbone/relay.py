"""The relay: sends what the outbox holds, in the order of each key, under a lease that is fenced with an epoch."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from kafka.errors import KafkaError, KafkaTimeoutError
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from pymongo.errors import PyMongoError

from fascia.backbone import kafka
from fascia.backbone.event import to_kafka_headers
from fascia.backbone.lease import Lease, process_name
from fascia.backbone.outbox import Outbox, pending_by_key
from fascia.backbone.outbox_replay import OutboxReplay
from fascia.backbone.outbox_row import OutboxRow
from fascia.observability import metrics
from fascia.runtime import Runtime

LEASE_LENGTH = timedelta(seconds=5)
_ACK_SECONDS = 15
_BUSY_WAIT = 0.01
_IDLE_WAIT = 0.1
_FAULT_WAIT = 1.0
_log = logging.getLogger(__name__)
_tracer = trace.get_tracer("fascia.relay")
_propagator = TraceContextTextMapPropagator()


class Relay:
    """Runs until told to stop. Several relays may run; the one that holds the lease sends."""

    def __init__(self, runtime: Runtime, make_producer: Callable[[], Any] | None = None) -> None:
        self._runtime = runtime
        self._outbox = Outbox(runtime.database)
        self._replay = OutboxReplay(runtime.database)
        self._lease = Lease(runtime.database, "relay", process_name(), LEASE_LENGTH)
        self._make_producer = make_producer or (lambda: kafka.producer(runtime.settings))
        self._producer: Any = None
        self._wait = _BUSY_WAIT
        self._checked_epoch: int | None = None

    def run(self, stop: threading.Event) -> None:
        """Send until `stop` is set. Faults of the broker or the database are waited out."""
        while not stop.is_set():
            try:
                sent = self.step()
                self._wait = _BUSY_WAIT if sent else min(self._wait * 1.5, _IDLE_WAIT)
            except (KafkaError, PyMongoError) as error:
                _log.warning("relay waits", extra={"error": type(error).__name__})
                self._drop_producer()
                self._wait = _FAULT_WAIT
            stop.wait(self._wait)
        self._close()

    def step(self) -> int:
        """Send one batch if this process holds the lease; returns how many rows the broker acknowledged."""
        if not self._lease.hold(self._runtime.clock.now()):
            return 0
        if self._lease.epoch != self._checked_epoch:
            if self._replay.begin(self._runtime.settings.broker_generation):
                _log.info("the broker is a new one: retained events are sent again")
            self._checked_epoch = self._lease.epoch
        piece = self._replay.next()
        rows = self._outbox.pending() if piece is None else piece.rows
        metrics.OUTBOX_PENDING.labels(self._runtime.service).set(len(rows))
        self._report_age(rows)
        sent = self._send_in_waves(list(pending_by_key(rows).values())) if rows else 0
        if piece is not None and sent == len(rows):
            self._replay.passed(piece)
        return sent

    def _send_in_waves(self, groups: list[list[OutboxRow]]) -> int:
        """Send the first row of every key, then the second, ...; a key whose send failed is held back."""
        sent = 0
        while groups:
            wave = [group[0] for group in groups]
            acknowledged = self._send(wave)
            self._outbox.mark_sent([row.id for row in acknowledged], self._runtime.clock.now())
            sent += len(acknowledged)
            kept = {row.id for row in acknowledged}
            groups = [group[1:] for group in groups if group[0].id in kept and len(group) > 1]
            if groups and not self._lease.hold(self._runtime.clock.now()):
                break
        return sent

    def _send(self, rows: list[OutboxRow]) -> list[OutboxRow]:
        if self._producer is None:
            self._producer = self._make_producer()
        futures, failure = self._hand_over_all(rows)
        acknowledged: list[OutboxRow] = []
        for row, future in futures:
            try:
                future.get(timeout=_ACK_SECONDS)
                acknowledged.append(row)
                metrics.RELAYED.labels(self._runtime.service, row.topic).inc()
            except KafkaError as error:
                failure = error
        if failure is not None:
            _log.warning(
                "events held back", extra={"error": type(failure).__name__, "count": len(rows) - len(acknowledged)}
            )
            if not acknowledged:
                raise failure
        return acknowledged

    def _hand_over_all(self, rows: list[OutboxRow]) -> tuple[list[tuple[OutboxRow, Any]], KafkaError | None]:
        """Some faults are raised at once: a record that is too large, a topic that is missing (after a wait, so that
        the others of that topic are not tried). They hold back their own keys and nobody else's."""
        futures: list[tuple[OutboxRow, Any]] = []
        failure: KafkaError | None = None
        unreachable: set[str] = set()
        for row in rows:
            if row.topic in unreachable:
                continue
            try:
                futures.append((row, self._hand_over(row)))
            except KafkaError as error:
                failure = error
                if isinstance(error, KafkaTimeoutError):
                    unreachable.add(row.topic)
        return futures, failure

    def _hand_over(self, row: OutboxRow) -> Any:
        context = _propagator.extract(row.headers)
        headers = dict(row.headers)
        with _tracer.start_as_current_span(f"send {row.topic}", context=context, kind=trace.SpanKind.PRODUCER):
            _propagator.inject(headers)
            return self._producer.send(
                row.topic, key=row.key.encode(), value=row.value, headers=to_kafka_headers(headers)
            )

    def _report_age(self, rows: list[OutboxRow]) -> None:
        oldest = min((row.created_at for row in rows), default=None)
        age = (self._runtime.clock.now() - oldest).total_seconds() if oldest else 0.0
        metrics.OUTBOX_AGE.labels(self._runtime.service).set(age)

    def _drop_producer(self) -> None:
        if self._producer is not None:
            self._producer.close(timeout=1)
            self._producer = None

    def _close(self) -> None:
        self._drop_producer()
        try:
            self._lease.release()
        except PyMongoError as error:
            _log.warning("lease not released", extra={"error": type(error).__name__})
