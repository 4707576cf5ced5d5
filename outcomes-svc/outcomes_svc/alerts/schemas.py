"""Shapes of /v1/alerts."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fascia.web.pages import PageQuerySchema
from fascia.web.schemas import IdField, InstantField, RequestSchema, TextField
from outcomes_svc.alerts.alert import AlertState


class AlertQuerySchema(PageQuerySchema):
    """The filters of a list of alerts."""

    patient_id = IdField()
    state = fields.String(
        validate=validate.OneOf(["waiting", *(state.value for state in AlertState)]),
        metadata={"description": "waiting: open or escalated"},
    )


class AcknowledgementSchema(RequestSchema):
    """What was done about it."""

    note = TextField(at_most=2000, required=True, metadata={"description": "kept sealed"})


class AlertStepSchema(Schema):
    """One step. `by` is null where the service did it."""

    state = fields.String(required=True)
    at = InstantField(required=True)
    by = fields.String(required=True, allow_none=True)


class AlertSchema(Schema):
    """A reason to look at a score. What was answered is with the score."""

    alert_id = fields.String(required=True, attribute="id")
    version = fields.Integer(required=True)
    kind = fields.String(required=True, metadata={"description": "self_harm or deterioration"})
    severity = fields.String(required=True, metadata={"description": "urgent or high"})
    state = fields.String(required=True, metadata={"description": "open, escalated, acknowledged or withdrawn"})
    patient_id = fields.String(required=True)
    episode_id = fields.String(required=True, allow_none=True)
    therapist_id = fields.String(required=True, allow_none=True)
    score_id = fields.String(required=True)
    instrument = fields.String(required=True)
    raised_at = InstantField(required=True)
    escalate_at = InstantField(required=True, metadata={"description": "told once more then, unless acknowledged"})
    acknowledged_by = fields.String(required=True, allow_none=True)
    acknowledged_at = InstantField(required=True, allow_none=True)


class AlertDetailSchema(AlertSchema):
    """One alert with its history and the note of who acknowledged it."""

    note = fields.String(required=True, allow_none=True)
    history = fields.List(fields.Nested(AlertStepSchema), required=True)
