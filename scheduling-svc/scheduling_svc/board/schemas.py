"""The shapes of the board on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from fascia.web.schemas import DateField, IdField, InstantField, RequestSchema
from scheduling_svc.booking.schemas import TravelBasisSchema
from scheduling_svc.plans.schemas import CostSchema
from scheduling_svc.routing.therapist_day import DayStatus
from scheduling_svc.workforce.schemas import ShiftSchema


class BoardQuerySchema(RequestSchema):
    """Which part of the practice."""

    region = fields.String(load_default=None, validate=validate.Length(1, 80), metadata={"description": "default: all"})


class BoardStopSchema(Schema):
    """A visit, or with `held` a slot that is only held."""

    id = fields.String(required=True, metadata={"description": "of the appointment or the hold"})
    held = fields.Boolean(required=True)
    patient_id = fields.String(required=True)
    patient_name = fields.String(required=True)
    service_type = fields.String(required=True)
    setting = fields.String(required=True)
    location_id = fields.String(required=True, allow_none=True)
    town = fields.String(required=True, metadata={"description": "or the name of the location"})
    status = fields.String(required=True)
    position = fields.Integer(required=True, metadata={"description": "place in the day, from 0"})
    drive_minutes = fields.Integer(required=True, metadata={"description": "the drive to it"})
    starts_at = InstantField(required=True, metadata={"description": "as it is planned now"})
    ends_at = InstantField(required=True)
    local_start = fields.String(required=True)
    promised_from = InstantField(required=True)
    promised_until = InstantField(required=True)
    told_at = InstantField(required=True, allow_none=True, metadata={"description": "what the patient was told"})
    expected_at = InstantField(required=True, allow_none=True, metadata={"description": "as things are now"})
    spare_minutes = fields.Integer(
        required=True, allow_none=True, metadata={"description": "until the promise breaks; negative: it does"}
    )
    held_until = InstantField(required=True, allow_none=True)
    locked = fields.Boolean(required=True)
    asked_for = fields.Boolean(required=True, metadata={"description": "the patient wants this therapist alone"})
    partner_id = fields.String(required=True, allow_none=True)


class BoardRowSchema(Schema):
    """One therapist's day."""

    therapist_id = fields.String(required=True)
    name = fields.String(required=True)
    region = fields.String(required=True)
    time_zone = fields.String(required=True)
    status = fields.Enum(DayStatus, by_value=True, required=True)
    revision = fields.Integer(required=True)
    version = fields.Integer(required=True)
    replan_pending = fields.Boolean(required=True, metadata={"description": "it changed and is about to be planned"})
    shifts = fields.List(fields.Nested(ShiftSchema), required=True)
    stops = fields.List(fields.Nested(BoardStopSchema), required=True)
    driving_minutes = fields.Integer(required=True)
    visit_minutes = fields.Integer(required=True)
    overtime_minutes = fields.Integer(required=True)


class UnassignedSchema(Schema):
    """Something that nobody makes yet."""

    id = fields.String(required=True, metadata={"description": "of the appointment, or of the entry of the waitlist"})
    why = fields.String(required=True, metadata={"description": "waitlist, given_up, or nobody: still promised"})
    patient_id = fields.String(required=True)
    service_type = fields.String(required=True)
    therapist_id = fields.String(required=True, allow_none=True, metadata={"description": "whose it was"})
    promised_until = InstantField(required=True, allow_none=True)
    prize_minutes = fields.Integer(required=True, allow_none=True)


class AtRiskSchema(Schema):
    """A promise in danger."""

    appointment_id = fields.String(required=True)
    therapist_id = fields.String(required=True)
    patient_id = fields.String(required=True)
    state = fields.String(required=True, metadata={"description": "open, acknowledged, or seen on the board alone"})
    cause = fields.String(required=True, allow_none=True)
    promised_until = InstantField(required=True)
    expected_at = InstantField(required=True, allow_none=True, metadata={"description": "null: nobody can make it"})
    late_minutes = fields.Integer(required=True)


class BoardSchema(Schema):
    """A day of the practice, or of a region."""

    date = DateField(required=True)
    region = fields.String(required=True, allow_none=True)
    drawn_at = InstantField(required=True)
    replan_pending = fields.Boolean(required=True)
    rows = fields.List(fields.Nested(BoardRowSchema), required=True)
    unassigned = fields.List(fields.Nested(UnassignedSchema), required=True)
    at_risk = fields.List(fields.Nested(AtRiskSchema), required=True)


class WhatIfRequestSchema(RequestSchema):
    """Which visit, to whom, and where; with neither position nor time: wherever it costs least inside its promise."""

    appointment_id = IdField(required=True)
    therapist_id = IdField(required=True)
    position = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(0, 200),
        metadata={"description": "place in the run, from 0, without the visit itself"},
    )
    starts_at = InstantField(load_default=None, allow_none=True)

    @validates_schema
    def _one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("position") is not None and data.get("starts_at") is not None:
            raise ValidationError({"starts_at": ["Send either position or starts_at."]})


class MoveRequestSchema(WhatIfRequestSchema):
    """A what-if, to be carried out."""

    lock = fields.Boolean(
        load_default=True,
        metadata={"description": "keep it there; false: later plans may find a better place inside its promise"},
    )


class ObstacleSchema(Schema):
    """What stands against a move."""

    code = fields.String(required=True)
    detail = fields.String(required=True)
    field = fields.String(required=True, allow_none=True)
    fix = fields.String(required=True, allow_none=True)


class AffectedSchema(Schema):
    """A visit that would be elsewhere than now."""

    id = fields.String(required=True)
    held = fields.Boolean(required=True)
    patient_id = fields.String(required=True)
    therapist_before = fields.String(required=True)
    therapist_id = fields.String(required=True)
    starts_before = InstantField(required=True)
    starts_at = InstantField(required=True)
    minutes = fields.Integer(required=True, metadata={"description": "how much later; negative: earlier"})
    told = fields.Boolean(required=True, metadata={"description": "the patient would get a message"})


class WhatIfSchema(Schema):
    """What would come of a move. Its ETag is the If-Match of the move itself."""

    appointment_id = fields.String(required=True)
    therapist_id = fields.String(required=True)
    feasible = fields.Boolean(required=True)
    obstacles = fields.List(fields.Nested(ObstacleSchema), required=True)
    position = fields.Integer(required=True, allow_none=True)
    starts_at = InstantField(required=True, allow_none=True)
    affected = fields.List(fields.Nested(AffectedSchema), required=True)
    added = fields.Nested(CostSchema, required=True, allow_none=True, metadata={"description": "cost against now"})
    travel = fields.Nested(TravelBasisSchema, required=True)


class MovedSchema(WhatIfSchema):
    """What came of a move."""

    handed_over = fields.List(fields.String(), required=True)
    told = fields.List(fields.String(), required=True, metadata={"description": "patients who hear a new time"})
    published = fields.List(fields.String(), required=True, metadata={"description": "days told to their therapists"})
    locked = fields.Boolean(required=True)


class BoardLinkSchema(Schema):
    """A link to the page of a day's board: it shows times and towns, no names, and does nothing."""

    url = fields.String(required=True)
    expires_at = InstantField(required=True)


class LockSchema(Schema):
    """Whether a visit stays where it is planned."""

    appointment_id = fields.String(required=True)
    locked = fields.Boolean(required=True)
    starts_at = InstantField(required=True)
