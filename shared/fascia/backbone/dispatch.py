"""What happens to one record: decode, take effect once, or come to rest as a dead letter."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from pymongo.client_session import ClientSession
from pymongo.errors import ConnectionFailure, DuplicateKeyError, ExecutionTimeout, WTimeoutError

from fascia.backbone import inbox
from fascia.backbone.dead_letters import DeadLetter, DeadLetters, Record
from fascia.backbone.event import Event, UndecodableEvent, decode
from fascia.observability import metrics
from fascia.runtime import Runtime
from fascia.store.unit_of_work import UnitOfWork

Handler = Callable[[UnitOfWork, Event], None]
ATTEMPTS = 4
_FIRST_PAUSE = 0.05
# Faults of the surroundings: waiting helps, and no record is to blame.
SURROUNDINGS = (ConnectionFailure, ExecutionTimeout, WTimeoutError)
_log = logging.getLogger(__name__)
_tracer = trace.get_tracer("fascia.consumer")
_propagator = TraceContextTextMapPropagator()


class Fate(StrEnum):
    """What became of a record."""

    HANDLED = "handled"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    PARKED = "parked"
    DEAD = "dead"


class HandlerFailed(Exception):
    """A handler failed on every attempt. Holds the name of the error, never its text: that may quote personal data."""


class Dispatcher:
    """Gives records to the handlers of one consumer group."""

    def __init__(
        self,
        runtime: Runtime,
        handlers: Mapping[str, Handler],
        consumer: str,
        *,
        backfill: bool = False,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._runtime = runtime
        self._handlers = handlers
        self._consumer = consumer
        self._backfill = backfill
        self._pause = pause
        self.letters = DeadLetters(runtime.database, consumer)

    def dispatch(self, record: Record, blocked: set[str]) -> Fate:
        """Take one record to its end. Raises one of SURROUNDINGS when the database is away: then nothing happened."""
        if record.headers.get("ce_type", "") not in self._handlers and "ce_type" in record.headers:
            return Fate.IGNORED
        if record.lane in blocked and self._park(record):
            return Fate.PARKED
        try:
            event = decode(record.key, record.value, record.headers, self._runtime.keyring)
            return self._take(event)
        except UndecodableEvent as error:
            if inbox.received(self._runtime.database, self._consumer, [record.id]):
                return Fate.DUPLICATE  # given up by an operator
            self._bury(record, str(error), block=False)
        except HandlerFailed as error:
            self._bury(record, str(error), block=True)
            blocked.add(record.lane)
        return Fate.DEAD

    def received(self, records: Iterable[Record]) -> set[str]:
        """The ids of those records that took effect before, found in one look."""
        return inbox.received(self._runtime.database, self._consumer, [record.id for record in records])

    def redrive(self, letter: DeadLetter) -> bool:
        """Try a letter and, when it takes effect, those behind it in its lane; True when the lane is free."""
        if not letter.in_lane:
            return self._try_again(letter)
        # Records may be parked behind it meanwhile: the lane is read again until nothing waits in it.
        while waiting := self.letters.lane(letter.record.lane):
            if not all(self._try_again(each) for each in waiting):
                return False
        return True

    def _try_again(self, letter: DeadLetter) -> bool:
        record = letter.record
        try:
            self._take(decode(record.key, record.value, record.headers, self._runtime.keyring), letter)
        except (UndecodableEvent, HandlerFailed) as error:
            self.letters.failed_again(letter, str(error))
            return False
        return True

    def _take(self, event: Event, letter: DeadLetter | None = None) -> Fate:
        """Run the handler, with a few tries; raises HandlerFailed."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._handle(event, letter)
            except SURROUNDINGS:
                raise
            except Exception as error:
                _log.warning(
                    "handler failed",
                    extra={"event_type": event.type, "event_id": event.id, "attempt": attempt, "error": _name(error)},
                    exc_info=False,
                )
                if attempt == ATTEMPTS:
                    raise HandlerFailed(_name(error)) from error
                metrics.RETRIES.labels(self._consumer, event.type).inc()
                self._pause(_FIRST_PAUSE * 2 ** (attempt - 1) * random.uniform(0.5, 1.5))  # noqa: S311 (jitter)
        raise AssertionError("unreachable")

    def _handle(self, event: Event, letter: DeadLetter | None) -> Fate:
        handler = self._handlers[event.type]

        def effect(uow: UnitOfWork) -> None:
            inbox.record(uow, self._consumer, event)
            handler(uow, event)
            if letter is not None:
                self.letters.remove(letter, uow.session)

        context = _propagator.extract(event.headers)
        with (
            metrics.HANDLER_SECONDS.labels(self._consumer, event.type).time(),
            _tracer.start_as_current_span(f"process {event.type}", context=context, kind=trace.SpanKind.CONSUMER),
        ):
            try:
                self._runtime.transaction(
                    event.practice_id, effect, cause=event.id, backfill=event.backfill or self._backfill
                )
            except DuplicateKeyError:
                if not inbox.received(self._runtime.database, self._consumer, [event.id]):
                    raise
                if letter is not None:
                    self._in_transaction(lambda session: self.letters.remove(letter, session))
                return Fate.DUPLICATE
        return Fate.HANDLED

    def _park(self, record: Record) -> bool:
        parked: list[bool] = []

        def work(session: ClientSession) -> None:
            parked.append(self.letters.park(record, self._runtime.clock.now(), session))

        return not self._keep(work) or parked[-1]

    def _bury(self, record: Record, error: str, *, block: bool) -> None:
        _log.error(
            "dead letter",
            extra={"event_type": record.headers.get("ce_type"), "event_id": record.id, "error": error},
        )
        now = self._runtime.clock.now()
        self._keep(lambda session: self.letters.bury(record, error, now, block=block, session=session))
        metrics.DEAD_LETTERS.labels(self._consumer, record.topic).inc()

    def _keep(self, work: Callable[[ClientSession], None]) -> bool:
        """False when the record rests here already: it was delivered once more."""
        try:
            self._in_transaction(work)
        except DuplicateKeyError:
            return False
        return True

    def _in_transaction(self, work: Callable[[ClientSession], None]) -> None:
        with self._runtime.session() as session:
            session.with_transaction(work)


def _name(error: Exception) -> str:
    code = getattr(error, "code", None)
    return f"{type(error).__name__}({code})" if isinstance(code, str | int) else type(error).__name__
