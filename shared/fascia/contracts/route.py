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
    # Not there in events older than these fields: a default would change what such an event says when it is passed on.
    promised_from = Instant(metadata={"description": "the promise: it begins then at the earliest"})
    promised_until = Instant(metadata={"description": "and then at the latest; equal: an exact time"})


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
    page_url = fields.String(
        allow_none=True,
        load_default=None,
        metadata={"description": "signed link to the therapist's page of this day: whoever holds it may act there"},
    )
    page_expires_at = Instant(
        allow_none=True, load_default=None, metadata={"description": "when that link stops working"}
    )


class ProposalSchema(EventSchema):
    """One way to keep the promise after all, or to say what can be kept instead."""

    kind = fields.String(required=True, validate=validate.OneOf(("other_therapist", "later", "call_patient")))
    therapist_id = identifier(required=False, allow_none=True, load_default=None)
    starts_at = Instant(allow_none=True, load_default=None)
    added_drive_minutes = fields.Integer(allow_none=True, load_default=None, strict=True)


@event("route.promise_at_risk", producer="scheduling-svc", key="risk_id", phi=False)
class RoutePromiseAtRisk(EventSchema):
    """A promise will be broken, or nearly, if nobody acts: a warning to the dispatcher."""

    risk_id = identifier()
    version = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    route_id = identifier(metadata={"description": "THERAPIST:YYYY-MM-DD"})
    therapist_id = identifier()
    date = fields.Date(required=True)
    appointment_id = identifier()
    patient_id = identifier()
    cause = fields.String(
        required=True,
        validate=validate.OneOf(
            ("running_late", "therapist_away", "visit_overruns", "road_blocked", "urgent_visit", "visit_cancelled")
        ),
    )
    promised_until = Instant(required=True)
    expected_at = Instant(
        required=True, allow_none=True, metadata={"description": "null: nobody can make the visit any more"}
    )
    late_minutes = fields.Integer(
        required=True, strict=True, metadata={"description": "past the promise; negative: spare"}
    )
    time_zone = fields.String(required=True)
    local_promised_until = fields.String(required=True, metadata={"description": "wall time, YYYY-MM-DDTHH:MM"})
    proposals = fields.List(fields.Nested(ProposalSchema), load_default=list)
