"""Shapes of disputes about pay statements."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fascia.web.pages import PageQuerySchema
from fascia.web.schemas import IdField, InstantField, RequestSchema, TextField
from outcomes_svc.disputes.dispute import DisputeState
from outcomes_svc.pay.schemas import CorrectionSchema, MoneyField, MonthField


class DisputeRequestSchema(RequestSchema):
    """Which lines are wrong, and why."""

    lines = fields.List(
        IdField(),
        required=True,
        validate=validate.Length(1, 100),
        metadata={"description": "keys of lines, such as session:ID or outcome"},
    )
    reason = TextField(required=True, at_most=2000)


class DecisionSchema(RequestSchema):
    """What a person decided."""

    outcome = fields.String(required=True, validate=validate.OneOf(("upheld", "rejected")))
    explanation = TextField(required=True, at_most=2000)
    rulings = fields.Dict(
        keys=fields.String(),
        values=MoneyField(),
        load_default=dict,
        metadata={"description": "with upheld: the right amount of a line, where recalculation does not give it"},
    )


class DisputeQuerySchema(PageQuerySchema):
    """The filters of a list of disputes."""

    therapist_id = IdField()
    statement_id = IdField()
    state = fields.String(validate=validate.OneOf([str(state) for state in DisputeState]))


class RulingSchema(Schema):
    """An amount that the decision fixed."""

    key = fields.String(required=True)
    amount = MoneyField(required=True)


class DisputeSchema(Schema):
    """A dispute, with what the disputed lines come to when they are computed again."""

    dispute_id = fields.String(required=True, attribute="dispute.id")
    version = fields.Integer(required=True, attribute="dispute.version")
    statement_id = fields.String(required=True, attribute="dispute.statement_id")
    therapist_id = fields.String(required=True, attribute="dispute.therapist_id")
    month = MonthField(required=True, attribute="dispute.month")
    lines = fields.List(fields.String(), required=True, attribute="dispute.lines")
    reason = fields.String(required=True, attribute="dispute.reason")
    state = fields.String(required=True, attribute="dispute.state")
    opened_at = InstantField(required=True, attribute="dispute.opened_at")
    decided_at = InstantField(required=True, allow_none=True, attribute="dispute.decided_at")
    explanation = fields.String(required=True, attribute="dispute.explanation")
    rulings = fields.List(fields.Nested(RulingSchema), required=True, attribute="dispute.rulings")
    recalculation = fields.List(fields.Nested(CorrectionSchema), required=True)
