"""Dead letters: records that a consumer could not take, and the records of the same key that wait behind them.

They rest in the consumer's own database, in order, so that nothing is lost with a topic's retention and a redrive needs
no second trip through the broker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from fascia.backbone import inbox
from fascia.backbone.event import Headers
from fascia.ids import new_id
from fascia.store.indexes import Index


class State(StrEnum):
    """Why a record rests here."""

    DEAD = "dead"
    """it failed"""
    PARKED = "parked"
    """an earlier record of its key failed"""
    REDRIVE = "redrive"
    """an operator asked to try it again"""


@dataclass(frozen=True)
class Record:
    """A Kafka record as it was received."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes | None
    headers: Headers

    @property
    def id(self) -> str:
        """The event's id where it has one, else the record's place."""
        return self.headers.get("ce_id") or f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def lane(self) -> str:
        """What must stay in order: the records of one key in one topic."""
        return f"{self.topic}/{self.key}"


@dataclass(frozen=True)
class DeadLetter:
    """A record that rests here, why, and since when."""

    id: str
    consumer: str
    record: Record
    state: State
    error: str
    attempts: int
    at: datetime
    in_lane: bool
    """whether records of its key wait for it, or it for them; not so for a record that nobody could read"""


INDEXES = (
    Index("dead_letters", (("consumer", 1), ("lane", 1), ("order", 1))),
    Index("dead_letters", (("consumer", 1), ("state", 1))),
)

_BEHIND = "behind an earlier record of its key"


class DeadLetters:
    """The dead letters of one consumer group."""

    def __init__(self, database: Database[dict[str, Any]], consumer: str) -> None:
        self._database = database
        self._letters = database["dead_letters"]
        self._lanes = database["blocked_lanes"]
        self._consumer = consumer

    def blocked_lanes(self) -> set[str]:
        """Lanes in which later records must wait."""
        return {row["lane"] for row in self._lanes.find({"consumer": self._consumer})}

    def bury(self, record: Record, error: str, at: datetime, *, block: bool, session: ClientSession) -> None:
        """Keep a record that failed. With `block`, later records of its lane wait behind it.

        DuplicateKeyError means that it rests here already: the record was delivered once more.
        """
        self._keep(record, State.DEAD, error, at, session, in_lane=block)
        if block:
            self._lanes.update_one(
                {"_id": self._lane_id(record.lane)},
                {"$set": {"consumer": self._consumer, "lane": record.lane}, "$inc": {"count": 1}},
                upsert=True,
                session=session,
            )

    def park(self, record: Record, at: datetime, session: ClientSession) -> bool:
        """Put a record behind the failed one of its lane; False when the lane has become free meanwhile."""
        blocked = self._lanes.update_one(
            {"_id": self._lane_id(record.lane)}, {"$inc": {"count": 1}}, session=session
        ).matched_count
        if blocked:
            self._keep(record, State.PARKED, _BEHIND, at, session, in_lane=True)
        return bool(blocked)

    def remove(self, letter: DeadLetter, session: ClientSession | None) -> None:
        """A letter took effect or was given up; its lane is free when it was the last. Needs a transaction."""
        if not self._letters.delete_one({"_id": letter.id}, session=session).deleted_count:
            return
        if not letter.in_lane:
            return
        lane = {"_id": self._lane_id(letter.record.lane)}
        if self._lanes.update_one(lane, {"$inc": {"count": -1}}, session=session).matched_count:
            self._lanes.delete_one({**lane, "count": {"$lte": 0}}, session=session)

    def discard(self, letter: DeadLetter, at: datetime) -> None:
        """Give a letter up, for good: it takes no effect either when the broker delivers it once more."""

        def work(session: ClientSession) -> None:
            inbox.give_up(self._database, self._consumer, letter.record.id, at, session)
            self.remove(letter, session)

        with self._database.client.start_session() as session:
            session.with_transaction(work)

    def failed_again(self, letter: DeadLetter, error: str) -> None:
        """A redrive did not help; the letter stays at the head of its lane."""
        self._letters.update_one(
            {"_id": letter.id}, {"$set": {"state": State.DEAD, "error": error}, "$inc": {"attempts": 1}}
        )
        if letter.in_lane:  # a wish for one behind it can't be met now, and is not repeated for ever
            self._letters.update_many(
                {**self._lane_query(letter.record.lane), "state": State.REDRIVE}, {"$set": {"state": State.PARKED}}
            )

    def resting(self, state: State | None = None) -> list[DeadLetter]:
        """All letters in the order in which they arrived."""
        query: dict[str, Any] = {"consumer": self._consumer}
        if state:
            query["state"] = state
        return [_letter(row) for row in self._letters.find(query).sort("order", 1)]

    def lane(self, lane: str) -> list[DeadLetter]:
        """The letters that wait for each other, the failed one first, in the order in which they came."""
        return [_letter(row) for row in self._letters.find(self._lane_query(lane)).sort("order", 1)]

    def get(self, id_: str) -> DeadLetter | None:
        """A letter by its id or by its event's id."""
        row = self._letters.find_one({"_id": id_}) or self._letters.find_one(
            {"consumer": self._consumer, "event_id": id_}
        )
        return _letter(row) if row else None

    def ask_redrive(self, ids: list[str]) -> int:
        """Ask the worker to try letters again; returns how many were found."""
        return self._letters.update_many({"_id": {"$in": ids}}, {"$set": {"state": State.REDRIVE}}).matched_count

    def _keep(
        self, record: Record, state: State, error: str, at: datetime, session: ClientSession, *, in_lane: bool
    ) -> None:
        self._letters.insert_one(
            {
                "_id": f"{self._consumer}/{record.id}",
                "order": new_id(),
                "consumer": self._consumer,
                "lane": record.lane,
                "event_id": record.id,
                "topic": record.topic,
                "partition": record.partition,
                "offset": record.offset,
                "key": record.key,
                "value": record.value,
                "headers": record.headers,
                "state": state,
                "error": error,
                "attempts": 1,
                "at": at,
                "in_lane": in_lane,
            },
            session=session,
        )

    def _lane_query(self, lane: str) -> dict[str, Any]:
        return {"consumer": self._consumer, "lane": lane, "in_lane": True}

    def _lane_id(self, lane: str) -> str:
        return f"{self._consumer}/{lane}"


def _letter(row: Mapping[str, Any]) -> DeadLetter:
    record = Record(row["topic"], row["partition"], row["offset"], row["key"], row["value"], dict(row["headers"]))
    state = State(row["state"])
    return DeadLetter(
        row["_id"], row["consumer"], record, state, row["error"], row["attempts"], row["at"], row["in_lane"]
    )
