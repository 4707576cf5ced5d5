"""The shapes of plans on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from fascia.web.schemas import DateField, InstantField, RequestSchema
from scheduling_svc.booking.schemas import TravelBasisSchema
from scheduling_svc.plans.making import MOST_DATES
from scheduling_svc.plans.record import PartState, PlanState


class PlanRequestSchema(RequestSchema):
    """What is to be planned, and how hard to search.

    With `rounds`, or with neither, the same days and the same seed give the same plan; `seconds` go by the clock.
    """

    dates = fields.List(DateField(), required=True, validate=validate.Length(1, MOST_DATES))
    region = fields.String(load_default=None, allow_none=True, metadata={"description": "by default all"})
    seed = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 2**31 - 1))
    rounds = fields.Integer(load_default=None, strict=True, validate=validate.Range(0, 10_000_000))
    seconds = fields.Float(load_default=None, validate=validate.Range(0.1, 300))
    approve = fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata={"description": "carry it out when it is solved; by default as the practice publishes automatically"},
    )

    @validates_schema
    def _one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("rounds") is not None and data.get("seconds") is not None:
            raise ValidationError({"seconds": ["Send either rounds or seconds."]})


class ApprovalSchema(RequestSchema):
    """Which days are told to their therapists; by default those that the plan was asked for."""

    publish = fields.List(DateField(), load_default=None, allow_none=True, validate=validate.Length(max=MOST_DATES))


class CostSchema(Schema):
    """A cost by part, in minutes of driving."""

    driving = fields.Float(required=True)
    overtime = fields.Float(required=True)
    preference = fields.Float(required=True, metadata={"description": "continuity and preferred therapists"})
    unfairness = fields.Float(required=True)
    changed_hands = fields.Float(required=True)
    moved = fields.Float(required=True, metadata={"description": "told times that change"})
    left_out = fields.Float(required=True)
    total = fields.Float(required=True)


class PlannedVisitSchema(Schema):
    """A visit of a run."""

    id = fields.String(required=True, metadata={"description": "of the appointment, hold or waitlist entry"})
    waitlisted = fields.Boolean(required=True)
    drive_minutes = fields.Integer(required=True, metadata={"description": "the drive to it"})
    arrives_at = InstantField(required=True)
    starts_at = InstantField(required=True)


class PlannedBreakSchema(Schema):
    """A pause."""

    starts_at = InstantField(required=True)
    minutes = fields.Integer(required=True)


class BindingSchema(Schema):
    """A limit that keeps a run from being cheaper, with the minutes that it leaves."""

    limit = fields.String(required=True)
    slack_minutes = fields.Integer(required=True)
    id = fields.String(required=True, allow_none=True, metadata={"description": "of the visit, where one is meant"})


class PlannedRunSchema(Schema):
    """One therapist's mobile shift."""

    shift_id = fields.String(required=True)
    therapist_id = fields.String(required=True)
    date = fields.String(required=True)
    ends_at = InstantField(required=True)
    driving_minutes = fields.Integer(required=True)
    waiting_minutes = fields.Integer(required=True)
    overtime_minutes = fields.Integer(required=True)
    visits = fields.List(fields.Nested(PlannedVisitSchema), required=True)
    breaks = fields.List(fields.Nested(PlannedBreakSchema), required=True)
    binds = fields.List(fields.Nested(BindingSchema), required=True)


class LeftOutSchema(Schema):
    """A visit that is in no run, and why."""

    id = fields.String(required=True)
    promised = fields.Boolean(required=True, metadata={"description": "true: the plan can't be approved"})
    why = fields.String(required=True)


class PlanChangeSchema(Schema):
    """A visit that is elsewhere than before; null where it was or is in no run."""

    id = fields.String(required=True)
    therapist_before = fields.String(required=True, allow_none=True)
    starts_before = InstantField(required=True, allow_none=True)
    therapist_id = fields.String(required=True, allow_none=True)
    starts_at = InstantField(required=True, allow_none=True)
    told = fields.Boolean(required=True, metadata={"description": "the patient knew that time"})


class SolutionSchema(Schema):
    """The plan of a region, and its reasons."""

    engine = fields.String(required=True)
    seed = fields.Integer(required=True)
    keeps_promises = fields.Boolean(required=True)
    travel = fields.Nested(TravelBasisSchema, required=True)
    cost = fields.Nested(CostSchema, required=True)
    cost_before = fields.Nested(CostSchema, required=True, allow_none=True)
    added = fields.Nested(CostSchema, required=True, allow_none=True, metadata={"description": "cost against before"})
    runs = fields.List(fields.Nested(PlannedRunSchema), required=True)
    left_out = fields.List(fields.Nested(LeftOutSchema), required=True)
    changes = fields.List(fields.Nested(PlanChangeSchema), required=True)


class PlanPartSchema(Schema):
    """One region of a plan."""

    region = fields.String(required=True)
    state = fields.Enum(PartState, by_value=True, required=True)
    progress = fields.Float(required=True)
    because = fields.String(required=True, allow_none=True, metadata={"description": "why it failed"})
    solution = fields.Nested(SolutionSchema, required=True, allow_none=True)


class OutcomeSchema(Schema):
    """What carrying out the plan changed."""

    days = fields.List(fields.String(), required=True)
    handed_over = fields.List(fields.String(), required=True, metadata={"description": "now with another therapist"})
    told = fields.List(fields.String(), required=True, metadata={"description": "patients who hear a new time"})
    published = fields.List(fields.String(), required=True)
    placed = fields.List(fields.String(), required=True, metadata={"description": "wishes that got a place"})
    not_placed = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class PlanShortSchema(Schema):
    """A plan without its routes."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    dates = fields.List(DateField(), required=True)
    regions = fields.List(fields.String(), required=True)
    state = fields.Enum(PlanState, by_value=True, required=True)
    approve = fields.Boolean(required=True, metadata={"description": "it is carried out by itself"})
    made_by = fields.String(required=True)
    made_at = InstantField(required=True)
    failures = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class PlanSchema(PlanShortSchema):
    """A plan with its progress, its routes and what came of it."""

    progress = fields.Float(required=True, metadata={"description": "between 0 and 1"})
    seed = fields.Integer(required=True)
    rounds = fields.Integer(required=True, allow_none=True)
    seconds = fields.Float(required=True, allow_none=True)
    parts = fields.List(fields.Nested(PlanPartSchema), required=True)
    outcome = fields.Nested(OutcomeSchema, required=True, allow_none=True)
