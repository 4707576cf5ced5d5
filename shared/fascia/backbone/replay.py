"""Replay: read the topics again under a fresh group, to rebuild the projections of a service."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from kafka.errors import KafkaTimeoutError

from fascia.backbone import kafka
from fascia.backbone.consumer import to_record
from fascia.backbone.dispatch import Dispatcher, Fate, Handler
from fascia.contracts import contract
from fascia.runtime import Runtime

_IDLE_POLLS = 10
_POLL_MS = 200
_JOIN_SECONDS = 60.0


class NotReplayable(ValueError):
    """The type has effects beyond a projection, so handling it again would do them again."""


def replay(
    runtime: Runtime,
    handlers: Mapping[str, Handler],
    projections: Iterable[str],
    types: Iterable[str],
    name: str,
    progress: Callable[[int], None],
) -> dict[Fate, int]:
    """Handle every retained event of `types` again, flagged as a backfill; returns how many met which fate.

    `name` makes the group and its inbox rows: a run that was broken off goes on under the same name, and first tries
    again what failed in it. Raises NotReplayable for a type that is not one of `projections`, KafkaError or
    PyMongoError where the broker or the database is away.
    """
    wanted = sorted(set(types))
    refused = [type_ for type_ in wanted if type_ not in set(projections)]
    if refused:
        raise NotReplayable(f"{', '.join(refused)}: not a projection of {runtime.service}")
    group = replay_group(runtime.service, name)
    dispatcher = Dispatcher(runtime, {type_: handlers[type_] for type_ in wanted}, group, backfill=True)
    consumer = kafka.consumer(runtime.settings, group, {contract(type_).topic for type_ in wanted})
    fates: dict[Fate, int] = {}
    idle = 0
    try:
        _try_letters_again(dispatcher)
        deadline = time.monotonic() + _JOIN_SECONDS
        while idle < _IDLE_POLLS:
            batches = consumer.poll(timeout_ms=_POLL_MS)
            if not consumer.assignment():
                # Before the group has given out partitions, an empty poll does not mean that all is read.
                if time.monotonic() > deadline:
                    raise KafkaTimeoutError("the broker gave out no partitions")
                continue
            idle = 0 if batches else idle + 1
            blocked = dispatcher.letters.blocked_lanes()
            for records in batches.values():
                for record in records:
                    fate = dispatcher.dispatch(to_record(record), blocked)
                    fates[fate] = fates.get(fate, 0) + 1
            if batches:
                consumer.commit()
                progress(sum(fates.values()))
    finally:
        consumer.close(autocommit=False, timeout_ms=kafka.CLOSE_MS)
    return fates


def replay_group(service: str, name: str) -> str:
    """The consumer group of one replay, under which its dead letters rest as well."""
    return f"{service}.replay.{name}"


def _try_letters_again(dispatcher: Dispatcher) -> None:
    tried: set[str] = set()
    for letter in dispatcher.letters.resting():
        if letter.record.lane not in tried or not letter.in_lane:
            dispatcher.redrive(letter)
            tried.add(letter.record.lane)
