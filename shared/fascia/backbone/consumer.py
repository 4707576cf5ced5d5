"""The consumer loop of one group: poll, dispatch in order, commit."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from kafka import TopicPartition
from kafka.errors import CommitFailedError, KafkaError, RebalanceInProgressError
from kafka.structs import OffsetAndMetadata
from pymongo.errors import PyMongoError

from fascia.backbone import kafka
from fascia.backbone.dead_letters import Record, State
from fascia.backbone.dispatch import Dispatcher, Fate
from fascia.backbone.event import from_kafka_headers
from fascia.observability import metrics
from fascia.runtime import Runtime

_POLL_MS = 200
_FAULT_WAIT = 1.0
_REDRIVE_SECONDS = 1.0
# Mass failure: this many of the last records became dead letters, so the fault is ours, not theirs.
MASS_FAILURE = 10
_WINDOW = 50
_MASS_FAILURE_WAIT = 30.0
_log = logging.getLogger(__name__)


class MassFailure(Exception):
    """So many records fail that going on would only drain the topic into the dead letters."""


class Consumer:
    """Runs until told to stop. Any number may run in one group; each partition has one of them."""

    def __init__(
        self,
        runtime: Runtime,
        dispatcher: Dispatcher,
        group: str,
        topics: Iterable[str],
        connect: Callable[[], Any] | None = None,
    ) -> None:
        self._runtime = runtime
        self._dispatcher = dispatcher
        self._group = group
        self._connect = connect or (lambda: kafka.consumer(runtime.settings, group, topics))
        self._recent: deque[bool] = deque(maxlen=_WINDOW)
        self._kafka: Any = None
        self._redriven_at = 0.0
        self._meets_duplicates = False

    def run(self, stop: threading.Event) -> None:
        """Consume until `stop` is set. Faults of the broker or the database are waited out; nothing is skipped."""
        while not stop.is_set():
            try:
                if self._kafka is None:
                    self._kafka = self._connect()
                self.step(stop)
            except MassFailure:
                _log.critical("consumer paused: too many records fail", extra={"group": self._group})
                self._leave()
                stop.wait(_MASS_FAILURE_WAIT)
                # One record is tried next; if it fails as well, the consumer pauses again.
                self._recent.extend([False] * _WINDOW + [True] * (MASS_FAILURE - 1))
            except (KafkaError, PyMongoError, OSError) as error:
                _log.warning("consumer waits", extra={"group": self._group, "error": type(error).__name__})
                self._leave()
                stop.wait(_FAULT_WAIT)
        self._leave()

    def step(self, stop: threading.Event) -> int:
        """Poll once and take what came; returns how many records. SIGTERM finishes the record in hand."""
        self._redrive_when_asked()
        polled = self._kafka.poll(timeout_ms=_POLL_MS)
        if not polled:
            return 0
        batches = {place: [to_record(record) for record in records] for place, records in polled.items()}
        blocked, known = self._dispatcher.letters.blocked_lanes(), self._known(batches.values())
        taken = 0
        done: dict[TopicPartition, int] = {}
        try:
            for place, records in batches.items():
                for record in records:
                    if stop.is_set():
                        return taken
                    self._take(record, blocked, known)
                    done[place] = record.offset + 1
                    taken += 1
                self._report_lag(place, done[place])
        finally:
            self._commit(done)
        return taken

    def _known(self, batches: Iterable[Sequence[Record]]) -> set[str]:
        """Where one duplicate came more follow, a whole history when a broker lost everything: then the inbox is asked
        once for all that was polled, instead of by a transaction each that its first insert ends."""
        if not self._meets_duplicates:
            return set()
        known = self._dispatcher.received(record for records in batches for record in records)
        self._meets_duplicates = bool(known)
        return known

    def _take(self, record: Record, blocked: set[str], known: set[str]) -> None:
        if sum(self._recent) >= MASS_FAILURE:
            metrics.CONSUMER_PAUSED.labels(self._group).set(1)
            raise MassFailure
        fate = Fate.DUPLICATE if record.id in known else self._dispatcher.dispatch(record, blocked)
        self._meets_duplicates |= fate is Fate.DUPLICATE
        if fate in (Fate.HANDLED, Fate.DEAD):
            # The others tell nothing about the handlers, and a topic full of them would hide a mass failure.
            self._recent.append(fate is Fate.DEAD)
        metrics.CONSUMED.labels(self._group, record.topic, fate).inc()
        if fate is Fate.HANDLED:
            metrics.CONSUMER_PAUSED.labels(self._group).set(0)
            self._report_delay(record)

    def _redrive_when_asked(self) -> None:
        if time.monotonic() - self._redriven_at < _REDRIVE_SECONDS:
            return
        self._redriven_at = time.monotonic()
        for letter in self._dispatcher.letters.resting(State.REDRIVE):
            self._dispatcher.redrive(letter)

    def _commit(self, done: dict[TopicPartition, int]) -> None:
        if not done:
            return
        try:
            self._kafka.commit({place: _offset(next_offset) for place, next_offset in done.items()})
        except (CommitFailedError, RebalanceInProgressError):
            # Routine at a rebalance: the next owner sees these records again and its inbox knows them.
            _log.info("commit lost to a rebalance", extra={"group": self._group})

    def _report_delay(self, record: Record) -> None:
        made_at = datetime.fromisoformat(record.headers["ce_time"])
        delay = max(0.0, (self._runtime.clock.now() - made_at).total_seconds())
        metrics.EVENT_DELAY.labels(self._group, record.topic).observe(delay)

    def _report_lag(self, place: TopicPartition, position: int) -> None:
        high = self._kafka.highwater(place)
        if high is not None:
            metrics.LAG.labels(self._group, place.topic, place.partition).set(max(0, high - position))

    def _leave(self) -> None:
        """Leave the group without committing: what was taken is committed, the rest is somebody's next poll."""
        if self._kafka is None:
            return
        try:
            self._kafka.close(autocommit=False, timeout_ms=kafka.CLOSE_MS)
        except (KafkaError, OSError) as error:
            _log.info("consumer did not close cleanly", extra={"error": type(error).__name__})
        self._kafka = None


def to_record(record: Any) -> Record:
    """A kafka-python record as the suite sees it."""
    return Record(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=(record.key or b"").decode("utf-8", "replace"),
        value=record.value,
        headers=from_kafka_headers(record.headers),
    )


def _offset(next_offset: int) -> Any:
    return OffsetAndMetadata(next_offset, "", -1)
