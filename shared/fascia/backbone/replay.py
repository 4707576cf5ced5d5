"""Replay: read the topics again under a fresh group, to rebuild the projections of a service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from fascia.backbone import kafka
from fascia.backbone.consumer import to_record
from fascia.backbone.dispatch import Dispatcher, Fate, Handler
from fascia.contracts import contract
from fascia.runtime import Runtime

_IDLE_POLLS = 25
_POLL_MS = 200


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

    `name` makes the group and its inbox rows: a run that was broken off goes on under the same name. Raises
    NotReplayable for a type that is not one of `projections`.
    """
    wanted = sorted(set(types))
    refused = [type_ for type_ in wanted if type_ not in set(projections)]
    if refused:
        raise NotReplayable(f"{', '.join(refused)}: not a projection of {runtime.service}")
    group = f"{runtime.service}.replay.{name}"
    dispatcher = Dispatcher(runtime, {type_: handlers[type_] for type_ in wanted}, group, backfill=True)
    consumer = kafka.consumer(runtime.settings, group, {contract(type_).topic for type_ in wanted})
    fates: dict[Fate, int] = {}
    idle = 0
    try:
        while idle < _IDLE_POLLS:
            batches = consumer.poll(timeout_ms=_POLL_MS)
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
        consumer.close(autocommit=False)
    return fates
