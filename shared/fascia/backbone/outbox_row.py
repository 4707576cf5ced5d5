"""One event on its way, as the outbox keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from fascia.backbone.event import Headers, encode
from fascia.contracts import contract
from fascia.crypto.keyring import Keyring
from fascia.ids import new_id

_PROPAGATOR = TraceContextTextMapPropagator()


@dataclass(frozen=True)
class OutboxRow:
    """One event on its way: everything that the record will hold, already sealed where it must be."""

    id: str
    topic: str
    key: str
    sequence: int
    value: bytes
    headers: Headers
    created_at: datetime

    @property
    def order(self) -> tuple[int, str]:
        """Rows of one key leave in this order: by the aggregate's version, then by id."""
        return self.sequence, self.id

    def document(self) -> dict[str, Any]:
        """As it is stored; `pending` exists only until the row is sent, which keeps its index short."""
        return {
            "_id": self.id,
            "topic": self.topic,
            "key": self.key,
            "sequence": self.sequence,
            "value": self.value,
            "headers": self.headers,
            "created_at": self.created_at,
            "pending": 1,
        }

    @staticmethod
    def of(document: Mapping[str, Any]) -> OutboxRow:
        """Back from the store."""
        return OutboxRow(
            document["_id"],
            document["topic"],
            document["key"],
            document["sequence"],
            bytes(document["value"]),
            dict(document["headers"]),
            document["created_at"],
        )


def compose(
    type_: str,
    data: Mapping[str, Any],
    *,
    practice_id: str,
    source: str,
    at: datetime,
    sequence: int,
    keyring: Keyring,
    cause: str | None = None,
    backfill: bool = False,
) -> OutboxRow:
    """Make an event ready to travel; the current trace goes with it. Raises ContractViolation."""
    known = contract(type_)
    event_id = new_id()
    value, headers = encode(type_, data, event_id, practice_id, keyring)
    headers |= {
        "ce_specversion": "1.0",
        "ce_id": event_id,
        "ce_type": type_,
        "ce_source": source,
        "ce_subject": str(data[known.key]),
        "ce_time": at.isoformat(),
        "ce_practiceid": practice_id,
        "ce_sequence": str(sequence),
    }
    if cause:
        headers["ce_causationid"] = cause
    if backfill:
        headers["ce_backfill"] = "true"
    _PROPAGATOR.inject(headers)
    return OutboxRow(event_id, known.topic, str(data[known.key]), sequence, value, headers, at)
