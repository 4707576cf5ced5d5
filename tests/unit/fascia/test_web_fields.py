"""Fields of requests: what they accept, what they refuse, and the fix that a refusal names."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields, validate

from fascia.web.pages import CursorField, read_cursor, write_cursor
from fascia.web.schemas import (
    DateField,
    InstantField,
    LocalTimeField,
    PhoneField,
    RequestSchema,
    TextField,
    ZoneField,
    instant,
)
from fascia.web.validation import field_errors


class VisitSchema(RequestSchema):
    at = InstantField()
    on = DateField()
    local = LocalTimeField(zone_field="zone")
    zone = ZoneField()
    phone = PhoneField()
    note = TextField(at_most=20)
    kind = fields.String(validate=validate.OneOf(("first", "next")))
    minutes = fields.Integer(strict=True, validate=validate.Range(min=1))


def load(**data: Any) -> Any:
    return VisitSchema().load(data)


def faults(**data: Any) -> dict[str, str]:
    schema = VisitSchema()
    with pytest.raises(ValidationError) as caught:
        schema.load(data)
    return {error.field: error.fix for error in field_errors(caught.value.messages, schema)}


def test_an_instant_is_kept_in_utc_and_told_with_z() -> None:
    at = load(at="2027-01-11T09:00:00-05:00")["at"]
    assert at == datetime(2027, 1, 11, 14, tzinfo=UTC)
    assert at.utcoffset().total_seconds() == 0
    assert VisitSchema().dump({"at": at}) == {"at": "2027-01-11T14:00:00Z"}


@pytest.mark.parametrize(
    "text", ["2027-01-11T09:00:00", "2027-01-11", "now", "", "2027-02-30T00:00:00Z", "0001-01-01T00:00:00+14:00", 5]
)
def test_an_instant_without_an_offset_or_sense_is_refused(text: Any) -> None:
    assert "2026-11-23T14:30:00Z" in faults(at=text)["at"]


def test_a_naive_datetime_is_never_told_as_an_instant() -> None:
    with pytest.raises(ValueError, match="naive"):
        instant(datetime(2027, 1, 11))  # noqa: DTZ001


def test_a_date_has_one_form() -> None:
    assert load(on="2028-02-29")["on"] == date(2028, 2, 29)
    for text in ("20280229", "2028-W09-2", "2027-02-29", "29.02.2028", "2028-02-29T00:00", 20280229):
        assert faults(on=text)["on"] == "Send YYYY-MM-DD."


def test_a_wall_time_stays_a_wall_time() -> None:
    assert load(local="2027-01-11T09:00", zone="America/New_York")["local"] == "2027-01-11T09:00"


def test_a_wall_time_that_its_zone_skips_is_refused_and_elsewhere_is_fine() -> None:
    assert "exists" in faults(local="2027-03-14T02:30", zone="America/New_York")["local"]
    assert load(local="2027-03-14T02:30", zone="America/Phoenix")["local"]
    # The hour that autumn repeats exists (twice); it is not refused.
    assert load(local="2027-11-07T01:30", zone="America/New_York")["local"]


@pytest.mark.parametrize(
    "name", ["Boston", "EST5EDTX", "../etc/passwd", "/etc/localtime", "", "America/New York", "\0"]
)
def test_a_zone_must_be_an_iana_name(name: str) -> None:
    assert "America/New_York" in faults(zone=name)["zone"]


@pytest.mark.parametrize(
    "number", ["617-555-0123", "6175550123", "+0123456789", "+1617555012a", "+1", "+1 617 555 0123"]
)
def test_a_telephone_number_is_e164(number: str) -> None:
    assert "+16175550123" in faults(phone=number)["phone"]


def test_text_is_trimmed_bounded_and_printable() -> None:
    assert load(note="  hello\n")["note"] == "hello"
    assert faults(note="   ")["note"] == "Send 1 to 20 characters."
    assert faults(note="x" * 21)["note"] == "Send 1 to 20 characters."
    assert "note" in faults(note="a\0b")


def test_a_fix_names_the_choices_and_the_bounds() -> None:
    assert faults(kind="last", minutes=0) == {"kind": "Send one of: first, next.", "minutes": "Send at least 1."}


def test_true_is_not_a_number() -> None:
    assert faults(minutes=True)["minutes"] == "Send at least 1."


def test_a_request_never_drops_what_it_does_not_know() -> None:
    with pytest.raises(ValidationError):
        VisitSchema().load({"colour": "red"}, unknown="exclude")


def test_a_cursor_comes_back_as_the_position_it_was_made_of() -> None:
    for position in ("0199-abc", "demo:000001", "ü", "a" * 300):
        assert read_cursor(write_cursor(position)) == position


@pytest.mark.parametrize(
    "cursor", ["", "abc", "MTp4=", " MTp4", "MTp4\n", "ä", "!!!!", "Mjp4", write_cursor("x" * 600)]
)
def test_a_cursor_that_was_not_made_here_is_refused(cursor: str) -> None:
    with pytest.raises(ValidationError):
        CursorField().deserialize(cursor)


def test_nested_faults_are_told_with_their_path() -> None:
    class Inner(Schema):
        n = fields.Integer(required=True)

    class Outer(Schema):
        rows = fields.List(fields.Nested(Inner))
        more = fields.Nested(Inner, many=True)
        table = fields.Dict(keys=fields.String(), values=fields.Integer())

    schema = Outer()
    with pytest.raises(ValidationError) as caught:
        schema.load({"rows": [{"n": 1}, {"n": "x"}], "more": [{}], "table": {"a": "b"}})
    told = {error.field: error.fix for error in field_errors(caught.value.messages, schema)}
    assert told["rows.1.n"] == "Send a whole number."
    assert told["more.0.n"] == "Add it. Send a whole number."
    assert any(field.startswith("table.a") for field in told)
