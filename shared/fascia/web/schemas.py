"""The base of request schemas, and the fields that several services read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from fascia.localtime import resolve
from fascia.problem import RuleViolation

_WALL = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_E164 = re.compile(r"\+[1-9]\d{6,14}")


class RequestSchema(Schema):
    """What a request may carry. A field that the schema does not know is refused and named."""

    class Meta:
        unknown = RAISE

    def load(self, data: Any, *, unknown: Any = None, **kwargs: Any) -> Any:
        """Load and validate; `unknown` is ignored, for the parser passes EXCLUDE for a query string."""
        return super().load(data, unknown=RAISE, **kwargs)

    @validates_schema
    def _wall_times_exist(self, data: Any, **_: Any) -> None:
        errors: dict[str, list[str]] = {}
        for name, field in self.load_fields.items():
            if isinstance(field, LocalTimeField) and isinstance(data, Mapping):
                local, zone = data.get(name), data.get(field.zone_field or "")
                if isinstance(local, str) and isinstance(zone, str):
                    _note_nonexistent(errors, field.data_key or name, local, zone)
        if errors:
            raise ValidationError(errors)


def _note_nonexistent(errors: dict[str, list[str]], name: str, local: str, zone: str) -> None:
    try:
        resolve(local, zone)
    except RuleViolation as violation:
        errors[name] = [violation.detail]


def _described(options: dict[str, Any], description: str) -> dict[str, Any]:
    return {**options, "metadata": {"description": description, **options.get("metadata", {})}}


class LocalTimeField(fields.String):
    """Wall time, `YYYY-MM-DDTHH:MM`; loads to that string, for `fascia.localtime.resolve`.

    With `zone_field` (the name of a sibling that holds the IANA zone) a time that the change of clocks skips is
    refused on load; without it the use case resolves it with the zone that it knows.
    """

    fix = "Send a wall time that exists, as YYYY-MM-DDTHH:MM without an offset."

    def __init__(self, *, zone_field: str | None = None, **kwargs: Any) -> None:
        super().__init__(**_described(kwargs, "wall time, YYYY-MM-DDTHH:MM"))
        self.zone_field = zone_field

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not _WALL.fullmatch(text):
            raise ValidationError("Not a wall time.")
        try:
            datetime.fromisoformat(text)
        except ValueError:
            raise ValidationError("Not a wall time.") from None
        return text


class InstantField(fields.AwareDateTime):
    """A moment with its offset; loads to aware UTC, dumps with `Z`. A naive time is refused."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            return super()._deserialize(value, attr, data, **kwargs).astimezone(UTC)
        except OverflowError:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from None

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else instant(value)


def instant(at: datetime) -> str:
    """A moment as text: UTC with `Z`, fractions only where there are any."""
    if at.tzinfo is None:
        raise ValueError("a naive datetime is not a moment")
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


class DateField(fields.Date):
    """A calendar day, `YYYY-MM-DD` and no other form of ISO 8601."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or not _DATE.fullmatch(value):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return super()._deserialize(value, attr, data, **kwargs)


class ZoneField(fields.String):
    """An IANA time zone such as America/New_York."""

    fix = "Send an IANA name, for example America/New_York."

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**_described(kwargs, "IANA name"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        name = super()._deserialize(value, attr, data, **kwargs)
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValidationError("Not an IANA time zone.") from None
        return name


class PhoneField(fields.String):
    """A telephone number in E.164."""

    fix = "Send the number with + and country code and digits only, for example +16175550123."

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**_described(kwargs, "E.164"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        number = super()._deserialize(value, attr, data, **kwargs)
        if not _E164.fullmatch(number):
            raise ValidationError("Not a telephone number in E.164.")
        return number


class TextField(fields.String):
    """A line or a paragraph typed by a person: trimmed, bounded, without control characters."""

    def __init__(self, *, at_least: int = 1, at_most: int = 200, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(at_least, at_most), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs).strip()
        if any(ord(character) < 32 and character not in "\n\t\r" for character in text):
            raise ValidationError("It has control characters.")
        return text


class IdField(fields.String):
    """The id of something: an opaque string."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(1, 120), **kwargs)
