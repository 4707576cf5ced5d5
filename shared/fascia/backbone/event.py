"""An event as handlers see it, and as it travels: CloudEvents 1.0 in the Kafka binary binding."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from marshmallow import ValidationError

from fascia.contracts import EventSchema, UnknownEventType, contract
from fascia.crypto.keyring import Keyring, SealError, key_id_of

Headers = dict[str, str]
SEALED_TYPE = "application/vnd.fascia.sealed+json"
PLAIN_TYPE = "application/json"
_REQUIRED = ("ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "ce_practiceid", "content-type")


class ContractViolation(ValueError):
    """A producer tried to publish what its contract does not allow; a defect of the producer."""


class UndecodableEvent(ValueError):
    """A record that this build cannot read. The message names the reason and field names, never values."""


@dataclass(frozen=True)
class Event:
    """A decoded event. `data` holds what the contract's schema loads: aware datetimes, dates, numbers, strings."""

    id: str
    type: str
    practice_id: str
    key: str
    time: datetime
    data: dict[str, Any]
    source: str
    sequence: int = 0
    cause: str | None = None
    backfill: bool = False
    traceparent: str | None = None
    headers: Headers = field(default_factory=dict, repr=False)


@cache
def _schema(schema: type[EventSchema]) -> EventSchema:
    return schema()


def encode(
    type_: str, data: Mapping[str, Any], event_id: str, practice_id: str, keyring: Keyring
) -> tuple[bytes, Headers]:
    """Payload bytes and the headers that depend on them; raises ContractViolation naming the fields."""
    known = contract(type_)
    schema = _schema(known.schema)
    try:
        dumped = schema.dump(data)
    except (ValueError, TypeError, AttributeError) as error:
        raise ContractViolation(f"{type_}: {type(error).__name__}") from error
    faults = schema.validate(dumped)
    if faults:
        raise ContractViolation(f"{type_}: {', '.join(sorted(map(str, faults)))}")
    payload = json.dumps(dumped, separators=(",", ":"), ensure_ascii=False).encode()
    if not known.phi:
        return payload, {"content-type": PLAIN_TYPE}
    sealed = keyring.seal(payload, _context(type_, event_id, practice_id))
    return sealed, {"content-type": SEALED_TYPE, "ce_keyid": key_id_of(sealed)}


def decode(key: str, value: bytes | None, headers: Headers, keyring: Keyring) -> Event:
    """Read a record; raises UndecodableEvent."""
    missing = [name for name in _REQUIRED if not headers.get(name)]
    if missing:
        raise UndecodableEvent(f"headers missing: {', '.join(missing)}")
    type_, event_id, practice_id = headers["ce_type"], headers["ce_id"], headers["ce_practiceid"]
    try:
        schema = _schema(contract(type_).schema)
        payload = value or b""
        if headers["content-type"] == SEALED_TYPE:
            payload = keyring.open(payload, _context(type_, event_id, practice_id))
        data = schema.load(json.loads(payload))
        time, sequence = _moment(headers["ce_time"]), int(headers.get("ce_sequence", "0"))
    except UnknownEventType:
        raise UndecodableEvent(f"unknown type {type_}") from None
    except SealError as error:
        raise UndecodableEvent(str(error)) from None
    except ValidationError as error:
        # The names of the fields only: marshmallow's messages may quote values.
        names = sorted(map(str, error.messages)) if isinstance(error.messages, dict) else ["payload"]
        raise UndecodableEvent(f"fields do not load: {', '.join(names)}") from None
    except OSError:  # the keyring cannot be read: no record is to blame
        raise
    except Exception as error:
        # Nested too deep, a date beyond the calendar, ...: whatever is wrong with it is the record's own fault, and a
        # record that ends the worker would end it again at every start.
        raise UndecodableEvent(f"not readable: {type(error).__name__}") from None
    return Event(
        id=event_id,
        type=type_,
        practice_id=practice_id,
        key=key,
        time=time,
        data=data,
        source=headers["ce_source"],
        sequence=sequence,
        cause=headers.get("ce_causationid"),
        backfill=headers.get("ce_backfill") == "true",
        traceparent=headers.get("traceparent"),
        headers=headers,
    )


def to_kafka_headers(headers: Headers) -> list[tuple[str, bytes]]:
    """Headers as kafka-python takes them."""
    return [(name, value.encode()) for name, value in headers.items()]


def from_kafka_headers(headers: Iterable[tuple[str, bytes | None]]) -> Headers:
    """Headers as kafka-python gives them; a later one of the same name wins."""
    return {name: (value or b"").decode("utf-8", "replace") for name, value in headers}


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without an offset")
    return moment


def _context(type_: str, event_id: str, practice_id: str) -> str:
    return f"event:{practice_id}:{type_}:{event_id}"
