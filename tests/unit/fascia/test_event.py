"""Events on the wire: what one build wrote another reads, and what cannot be read is told without quoting it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from fascia.backbone.event import (
    ContractViolation,
    Event,
    UndecodableEvent,
    decode,
    encode,
    from_kafka_headers,
    to_kafka_headers,
)
from fascia.backbone.outbox_row import OutboxRow, compose
from fascia.contracts import UnknownEventType
from fascia.crypto.keyring import Keyring

AT = datetime(2027, 1, 11, 9, 0, tzinfo=timezone(timedelta(hours=-5)))
MESSAGE: dict[str, Any] = {
    "message_id": "m-1",
    "recipient_id": "p-1",
    "kind": "reminder",
    "channel": "sms",
    "at": AT,
}
PATIENT: dict[str, Any] = {
    "patient_id": "p-1",
    "version": 3,
    "given_name": "Zebulon",
    "family_name": "Sample",
    "birth_date": date(1980, 2, 29),
    "phone": "+16175550123",
    "time_zone": "America/New_York",
    "contact_consent": {"sms": True, "email": False},
}


@pytest.fixture(scope="module")
def keyring() -> Keyring:
    return Keyring.generate()


def _row(keyring: Keyring, type_: str = "message.sent", data: dict[str, Any] | None = None, **more: Any) -> OutboxRow:
    options: dict[str, Any] = {"practice_id": "demo", "source": "probe-svc", "at": AT.astimezone(UTC), "sequence": 3}
    return compose(type_, MESSAGE if data is None else data, keyring=keyring, **{**options, **more})


def _read(row: OutboxRow, keyring: Keyring, **headers: str) -> Event:
    return decode(row.key, row.value, {**row.headers, **headers}, keyring)


def test_an_event_travels_as_a_cloud_event_in_the_kafka_binary_binding(keyring: Keyring) -> None:
    row = _row(keyring, cause="e-0", backfill=True)
    assert (row.topic, row.key) == ("fascia.message", "m-1")
    assert json.loads(row.value) == {
        "message_id": "m-1",
        "recipient_id": "p-1",
        "kind": "reminder",
        "channel": "sms",
        "at": "2027-01-11T14:00:00+00:00",
    }
    assert row.headers == {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": row.id,
        "ce_type": "message.sent",
        "ce_source": "probe-svc",
        "ce_subject": "m-1",
        "ce_time": "2027-01-11T14:00:00+00:00",
        "ce_practiceid": "demo",
        "ce_sequence": "3",
        "ce_causationid": "e-0",
        "ce_backfill": "true",
    }


def test_what_was_published_is_what_the_consumer_sees(keyring: Keyring) -> None:
    row = _row(keyring, cause="e-0", backfill=True)
    over_the_wire = from_kafka_headers(to_kafka_headers(row.headers))
    event = decode(row.key, row.value, over_the_wire, keyring)
    assert (event.id, event.type, event.practice_id, event.key) == (row.id, "message.sent", "demo", "m-1")
    assert (event.source, event.sequence, event.cause, event.backfill) == ("probe-svc", 3, "e-0", True)
    assert event.time == event.data["at"] == AT
    assert event.data["appointment_id"] is None


def test_a_payload_that_identifies_a_person_is_unreadable_on_the_way_and_whole_for_the_consumer(
    keyring: Keyring,
) -> None:
    row = _row(keyring, "patient.registered", PATIENT)
    for part in (b"Zebulon", b"6175550123", b"given_name"):
        assert part not in row.value
    assert row.headers["content-type"] == "application/vnd.fascia.sealed+json"
    assert row.headers["ce_keyid"] == keyring.active_key_id
    event = _read(row, keyring)
    assert event.data["given_name"] == "Zebulon"
    assert event.data["birth_date"] == date(1980, 2, 29)
    assert "Zebulon" not in repr(row.headers)


@pytest.mark.parametrize("header", ["ce_id", "ce_practiceid", "ce_type"])
def test_a_sealed_payload_put_under_another_identity_is_refused(keyring: Keyring, header: str) -> None:
    row = _row(keyring, "patient.registered", PATIENT)
    other = "patient.updated" if header == "ce_type" else "other"
    with pytest.raises(UndecodableEvent, match="altered or belongs to another context"):
        _read(row, keyring, **{header: other})


def test_a_sealed_payload_of_an_unknown_key_is_refused(keyring: Keyring) -> None:
    row = _row(keyring, "patient.registered", PATIENT)
    with pytest.raises(UndecodableEvent, match="altered or"):
        _read(row, Keyring.generate())


@pytest.mark.parametrize("how", ["absent", "empty"])
@pytest.mark.parametrize(
    "header", ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "ce_practiceid", "content-type"]
)
def test_a_missing_header_is_named(keyring: Keyring, header: str, how: str) -> None:
    row = _row(keyring)
    headers = {name: value for name, value in row.headers.items() if name != header or how == "empty"}
    if how == "empty":
        headers[header] = ""
    with pytest.raises(UndecodableEvent, match=f"headers missing: {header}"):
        decode(row.key, row.value, headers, keyring)


def test_a_type_that_this_build_does_not_know_is_named(keyring: Keyring) -> None:
    with pytest.raises(UndecodableEvent, match=r"unknown type message\.sung\.v2"):
        _read(_row(keyring), keyring, ce_type="message.sung.v2")


def test_fields_that_do_not_load_are_named_and_their_values_are_not(keyring: Keyring) -> None:
    row = _row(keyring)
    payload = {**json.loads(row.value), "kind": "Zebulon Sample", "at": "617-555-0123", "recipient_id": ""}
    with pytest.raises(UndecodableEvent) as refused:
        decode(row.key, json.dumps(payload).encode(), row.headers, keyring)
    assert str(refused.value) == "fields do not load: at, kind, recipient_id"
    assert refused.value.__cause__ is None


def test_a_field_that_a_newer_producer_added_is_passed_over(keyring: Keyring) -> None:
    row = _row(keyring)
    payload = {**json.loads(row.value), "mood": "calm"}
    assert "mood" not in decode(row.key, json.dumps(payload).encode(), row.headers, keyring).data


WEIRD_PAYLOADS = {
    "nothing": None,
    "not text": b"\xff\xfe",
    "not json": b'{"message_id"',
    "not an object": b"[1]",
    "null": b"null",
    "nested too deep": b"[" * 200_000,
    "before the calendar": json.dumps({**MESSAGE, "at": "0001-01-01T00:00:00+14:00"}).encode(),
    "infinite": b'{"message_id": Infinity, "at": NaN}',
}


@pytest.mark.parametrize("payload", WEIRD_PAYLOADS.values(), ids=WEIRD_PAYLOADS.keys())
def test_whatever_the_payload_holds_it_is_an_undecodable_event_and_nothing_worse(
    keyring: Keyring, payload: bytes | None
) -> None:
    with pytest.raises(UndecodableEvent):
        decode("m-1", payload, _row(keyring).headers, keyring)


@pytest.mark.parametrize(
    ("header", "value"),
    [("ce_time", "yesterday"), ("ce_time", "2027-01-11T09:00:00"), ("ce_sequence", "three"), ("ce_sequence", "")],
)
def test_a_header_that_is_not_readable_makes_the_event_undecodable(keyring: Keyring, header: str, value: str) -> None:
    with pytest.raises(UndecodableEvent, match="not readable: ValueError"):
        _read(_row(keyring), keyring, **{header: value})


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"kind": "Zebulon Sample"}, "kind"),
        ({"recipient_id": "x" * 121, "channel": "+16175550123"}, "channel, recipient_id"),
        ({"recipient_id": None}, "recipient_id"),
    ],
)
def test_a_producer_that_breaks_its_contract_is_told_the_fields_and_not_the_values(
    keyring: Keyring, wrong: dict[str, Any], told: str
) -> None:
    with pytest.raises(ContractViolation) as refused:
        _row(keyring, data={**MESSAGE, **wrong})
    assert str(refused.value) == f"message.sent: {told}"


def test_a_field_that_is_missing_is_named_to_the_producer(keyring: Keyring) -> None:
    with pytest.raises(ContractViolation, match=r"message\.sent: channel"):
        _row(keyring, data={name: value for name, value in MESSAGE.items() if name != "channel"})


def test_a_moment_without_an_offset_is_not_published(keyring: Keyring) -> None:
    with pytest.raises(ContractViolation):
        _row(keyring, data={**MESSAGE, "at": AT.replace(tzinfo=None)})


def test_a_type_without_a_contract_is_not_published(keyring: Keyring) -> None:
    with pytest.raises(UnknownEventType):
        encode("message.sung", MESSAGE, "e-1", "demo", keyring)


def test_a_header_sent_twice_counts_as_the_later_one_and_bytes_that_are_no_text_do_no_harm() -> None:
    assert from_kafka_headers([("a", b"1"), ("a", b"2"), ("b", b"\xff"), ("c", None)]) == {
        "a": "2",
        "b": "\ufffd",
        "c": "",
    }
