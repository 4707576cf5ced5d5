"""The worker's tick: claim what is due and send it."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from functools import lru_cache

from fascia.runtime import Runtime
from fascia.service import Job
from notify_svc.due.store import Bucket, DueBuckets
from notify_svc.sending.metrics import DUE_AGE
from notify_svc.sending.sender import Sender
from notify_svc.settings import notify_settings

# Messages that are due now leave within about this time of the commit that made them due. The look is one bounded range
# of an index, and every worker process has one: claims keep them apart.
EVERY = timedelta(milliseconds=80)
# Long enough for what goes well, so that a worker that is told to stop seldom leaves anything in the air; short enough
# that a provider that hangs holds up nothing else.
_PATIENCE_SECONDS = 0.25
_RENEW_AFTER = 20
_log = logging.getLogger(__name__)


class DueWork:
    """What one worker process has in hand: buckets that it claimed, worked through by a few threads."""

    def __init__(self, runtime: Runtime) -> None:
        settings = notify_settings(runtime.settings)
        self._clock = runtime.clock
        self._buckets = DueBuckets(runtime.database)
        self._sender = Sender(runtime)
        self._lease = timedelta(seconds=settings.attempt_lease_seconds)
        # A few more than there are threads, so that none is idle between two ticks.
        self._capacity = 2 * settings.send_threads
        self._pool = ThreadPoolExecutor(settings.send_threads, thread_name_prefix="send")
        self._in_hand: set[Future[None]] = set()

    def tick(self) -> None:
        """Take up what is due as far as hands are free, and wait a little for it."""
        self._claim()
        if self._in_hand:
            wait(self._in_hand, timeout=_PATIENCE_SECONDS)

    def drain(self) -> None:
        """Work until nothing is due any more."""
        self._claim()
        while self._in_hand:
            wait(self._in_hand)
            self._claim()

    def _claim(self) -> None:
        self._in_hand = {work for work in self._in_hand if not work.done()}
        free = self._capacity - len(self._in_hand)
        if free > 0:
            for bucket in self._buckets.claim(self._clock.now(), self._lease, free):
                self._in_hand.add(self._pool.submit(self._work_through, bucket))

    def _work_through(self, bucket: Bucket) -> None:
        left: Bucket | None = bucket
        failed: list[str] = []
        for done, message_id in enumerate(bucket.ids, start=1):
            if not self._send(bucket.practice_id, message_id):
                failed.append(message_id)
            if done % _RENEW_AFTER == 0:
                assert left is not None
                remaining = [*failed, *bucket.ids[done:]]
                left = self._buckets.renew(left, remaining, self._clock.now() + self._lease)
                if left is None:  # another worker has it by now
                    return
        if not failed:
            self._buckets.finish(bucket)

    def _send(self, practice_id: str, message_id: str) -> bool:
        """True when a message was dealt with; after an error its bucket stays, and the lease brings it back."""
        try:
            self._sender.send(practice_id, message_id)
        except Exception as error:
            _log.warning("message not dealt with", extra={"message_id": message_id, "error": type(error).__name__})
            return False
        return True


@lru_cache(maxsize=8)
def due_work(runtime: Runtime) -> DueWork:
    """What the worker process of a runtime has in hand."""
    return DueWork(runtime)


def _tick(runtime: Runtime) -> None:
    due_work(runtime).tick()


def _measure(runtime: Runtime) -> None:
    oldest = DueBuckets(runtime.database).oldest()
    late = (runtime.clock.now() - oldest).total_seconds() if oldest is not None else 0.0
    DUE_AGE.set(max(late, 0.0))


JOBS = (Job("send-due", EVERY, _tick), Job("measure-due", timedelta(seconds=5), _measure))
