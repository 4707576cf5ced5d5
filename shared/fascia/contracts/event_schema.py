"""The base of every event schema, and the fields that several events share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate


class EventSchema(Schema):
    """An event's payload.

    Unknown fields are dropped on load: a producer may add an optional field before its consumers know it.
    """

    class Meta:
        unknown = EXCLUDE


class Instant(fields.AwareDateTime):
    """A moment in time, always written in UTC and never naive."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        return super()._deserialize(value, attr, data, **kwargs).astimezone(UTC)

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        if value is not None:
            if value.tzinfo is None:
                raise ValueError(f"{attr}: a naive datetime cannot be published")
            value = value.astimezone(UTC)
        return super()._serialize(value, attr, obj, **kwargs)


def identifier(**kwargs: Any) -> fields.String:
    """An aggregate's id: an opaque string."""
    return fields.String(required=kwargs.pop("required", True), validate=validate.Length(min=1, max=120), **kwargs)


SETTINGS_OF_CARE = ("clinic", "hospital", "private", "mobile")


def setting_of_care() -> fields.String:
    """Where the visit takes place; pay and travel depend on it."""
    return fields.String(required=True, validate=validate.OneOf(SETTINGS_OF_CARE))


class CoordinatesSchema(EventSchema):
    """WGS 84 degrees."""

    latitude = fields.Float(required=True, validate=validate.Range(-90, 90))
    longitude = fields.Float(required=True, validate=validate.Range(-180, 180))


class AddressSchema(EventSchema):
    """A postal address; `coordinates` is null where the address could not be placed."""

    line = fields.String(required=True)
    city = fields.String(required=True)
    state = fields.String(required=True)
    postal_code = fields.String(required=True)
    country = fields.String(required=True)
    coordinates = fields.Nested(CoordinatesSchema, allow_none=True, load_default=None)
