"""The shapes of days and routes on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fascia.web.pages import PageQuerySchema
from fascia.web.schemas import DateField, IdField, InstantField, RequestSchema
from scheduling_svc.routing.therapist_day import DayStatus
from scheduling_svc.workforce.schemas import ShiftSchema


class DayStopSchema(Schema):
    """A visit of the day; one that is only held says until when."""

    id = fields.String(required=True, metadata={"description": "of the appointment or the hold"})
    starts_at = InstantField(required=True)
    ends_at = InstantField(required=True)
    setting = fields.String(required=True)
    location_id = fields.String(required=True, allow_none=True)
    drive_minutes = fields.Integer(required=True)
    held_until = InstantField(required=True, allow_none=True)


class DaySchema(Schema):
    """A therapist's day."""

    therapist_id = fields.String(required=True)
    date = DateField(required=True)
    version = fields.Integer(required=True)
    status = fields.Enum(DayStatus, by_value=True, required=True)
    revision = fields.Integer(required=True)
    shifts = fields.List(fields.Nested(ShiftSchema), required=True)
    stops = fields.List(fields.Nested(DayStopSchema), required=True)


class StopCoordinatesSchema(Schema):
    """WGS 84 degrees."""

    latitude = fields.Float(required=True)
    longitude = fields.Float(required=True)


class StopAddressSchema(Schema):
    """Where to go."""

    line = fields.String(required=True)
    city = fields.String(required=True)
    state = fields.String(required=True)
    postal_code = fields.String(required=True)
    country = fields.String(required=True)
    coordinates = fields.Nested(StopCoordinatesSchema, allow_none=True, required=True)


class RouteStopSchema(Schema):
    """One visit, in order of driving."""

    appointment_id = fields.String(required=True)
    patient_id = fields.String(required=True)
    patient_name = fields.String(required=True)
    starts_at = InstantField(required=True)
    ends_at = InstantField(required=True)
    drive_minutes = fields.Integer(required=True, metadata={"description": "the drive to it"})
    setting = fields.String(required=True)
    address = fields.Nested(StopAddressSchema, allow_none=True, required=True)
    promised_from = InstantField(
        required=True, allow_none=True, metadata={"description": "the patient's window: it begins then at the earliest"}
    )
    promised_until = InstantField(
        required=True, allow_none=True, metadata={"description": "and then at the latest; equal: an exact time"}
    )
    service_type = fields.String(required=True)
    door_notes = fields.String(required=True, metadata={"description": "how to get in"})


class RouteSchema(Schema):
    """A published revision of a therapist's day, with what changed since the one before."""

    id = fields.String(required=True, metadata={"description": "THERAPIST:YYYY-MM-DD"})
    therapist_id = fields.String(required=True)
    date = DateField(required=True)
    time_zone = fields.String(required=True)
    revision = fields.Integer(required=True)
    published_at = InstantField(required=True)
    stops = fields.List(fields.Nested(RouteStopSchema), required=True)
    added = fields.List(fields.String(), required=True)
    removed = fields.List(fields.String(), required=True)


class RouteQuerySchema(RequestSchema):
    """Which revision."""

    revision = fields.Integer(load_default=None, validate=validate.Range(min=1, max=999_999))


class RoutesQuerySchema(PageQuerySchema):
    """Whose routes."""

    therapist_id = IdField(load_default=None)
