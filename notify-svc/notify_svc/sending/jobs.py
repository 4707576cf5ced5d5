"""The worker's tick: claim what is due and send it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from fascia.runtime import Runtime
from fascia.service import Job

from notify_svc.due.store import Bucket, DueBuckets
from notify_svc.sending.sender import Sender
from notify_svc.settings import notify_settings

# Messages that are due now leave within about this time of the commit that made them due. The look is one bounded range
# of an index, and every worker process has one: claims keep them apart.
EVERY = timedelta(milliseconds=80)
_log = logging.getLogger(__name__)


def send_due(runtime: Runtime) -> int:
    """Work through what is due at this moment; how many messages were looked at."""
    settings = notify_settings(runtime.settings)
    lease = timedelta(seconds=settings.attempt_lease_seconds)
    buckets = DueBuckets(runtime.database)
    seen = 0
    while claimed := buckets.claim(runtime.clock.now(), lease):
        with ThreadPoolExecutor(settings.send_threads, thread_name_prefix="send") as pool:
            seen += _work_through(runtime, buckets, claimed, pool, lease, settings.send_threads)
    return seen


def _work_through(
    runtime: Runtime,
    buckets: DueBuckets,
    claimed: list[Bucket],
    pool: ThreadPoolExecutor,
    lease: timedelta,
    batch_size: int,
) -> int:
    send = _guarded(Sender(runtime).send)
    single = [bucket for bucket in claimed if len(bucket.ids) == 1]
    # Most buckets of the moment hold one message: these go side by side.
    for bucket, done in zip(single, pool.map(lambda b: send(b.practice_id, b.ids[0]), single), strict=True):
        if done:
            buckets.finish(bucket)
    for bucket in (bucket for bucket in claimed if len(bucket.ids) > 1):
        _one_by_one(runtime, buckets, bucket, pool, lease, batch_size, send)
    return sum(len(bucket.ids) for bucket in claimed)


def _one_by_one(
    runtime: Runtime,
    buckets: DueBuckets,
    bucket: Bucket,
    pool: ThreadPoolExecutor,
    lease: timedelta,
    batch_size: int,
    send: Callable[[str, str], bool],
) -> None:
    left: Bucket | None = bucket
    failed: list[str] = []
    while left is not None and len(left.ids) > len(failed):
        batch = [one for one in left.ids if one not in failed][:batch_size]
        done = list(pool.map(lambda message_id: send(bucket.practice_id, message_id), batch))
        failed += [one for one, went in zip(batch, done, strict=True) if not went]
        remaining = [one for one in left.ids if one not in batch or one in failed]
        if not remaining:
            buckets.finish(left)
            return
        left = buckets.renew(left, remaining, runtime.clock.now() + lease)


def _guarded(send: Callable[[str, str], None]) -> Callable[[str, str], bool]:
    """True when a message was dealt with; after an error its bucket stays, and the lease brings it back."""

    def guarded(practice_id: str, message_id: str) -> bool:
        try:
            send(practice_id, message_id)
        except Exception as error:
            _log.warning("message not dealt with", extra={"message_id": message_id, "error": type(error).__name__})
            return False
        return True

    return guarded


def _tick(runtime: Runtime) -> None:
    send_due(runtime)


JOBS = (Job("send-due", EVERY, _tick),)
