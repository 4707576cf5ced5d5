"""route.*: a therapist's day as published to the therapist (scheduling-svc)."""

from __future__ import annotations

from marshmallow import fields, validate

from fascia.contracts.catalogue import event
from fascia.contracts.event_schema import AddressSchema, EventSchema, Instant, identifier, setting_of_care


class RouteStopSchema(EventSchema):
    """One visit of the day, in order of driving."""

    appointment_id = identifier()
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    drive_minutes = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    setting = setting_of_care()
    patient_name = fields.String(required=True)
    address = fields.Nested(AddressSchema, allow_none=True, load_default=None)


class TherapistContactSchema(EventSchema):
    """Where the therapist wants to be told."""

    name = fields.String(required=True)
    phone = fields.String(allow_none=True, load_default=None, metadata={"description": "E.164"})
    email = fields.String(allow_none=True, load_default=None)


@event("route.published", producer="scheduling-svc", key="route_id", phi=True)
class RoutePublished(EventSchema):
    """A revision of a therapist's day was published to the therapist."""

    route_id = identifier(metadata={"description": "THERAPIST:YYYY-MM-DD"})
    therapist_id = identifier()
    therapist = fields.Nested(TherapistContactSchema, required=True)
    date = fields.Date(required=True)
    time_zone = fields.String(required=True)
    revision = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    stops = fields.List(fields.Nested(RouteStopSchema), required=True)
