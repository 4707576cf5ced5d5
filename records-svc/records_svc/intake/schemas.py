"""Shapes of intakes on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load

from fascia.web.schemas import InstantField, RequestSchema, TextField
from records_svc.intake.intake import Answers, Guardian
from records_svc.vocabulary import CodeField


class GuardianSchema(RequestSchema):
    """Who permitted in writing that a minor is treated."""

    name = TextField(required=True)
    relationship = TextField(at_most=60, required=True)
    permission = fields.Boolean(required=True, metadata={"description": "the signed paper is on file"})

    @post_load
    def _guardian(self, data: dict[str, Any], **_: Any) -> Guardian:
        return Guardian(**data)


class IntakeRequestSchema(RequestSchema):
    """An intake as it was filled in and signed."""

    answers = fields.Dict(
        keys=CodeField(),
        values=fields.Boolean(),
        required=True,
        metadata={"description": "every code of GET /v1/red-flags with true or false"},
    )
    areas = fields.Dict(
        keys=CodeField(),
        values=fields.List(CodeField()),
        load_default=dict,
        metadata={"description": "body areas that a raised flag concerns, by flag"},
    )
    consents = fields.Dict(keys=CodeField(), values=fields.Boolean(), required=True)
    guardian = fields.Nested(GuardianSchema, load_default=None, allow_none=True)
    signed_by = TextField(required=True)

    @post_load
    def _answers(self, data: dict[str, Any], **_: Any) -> Answers:
        return Answers(**data)


class RedFlagSchema(Schema):
    """A raised red flag."""

    code = fields.String(required=True)
    action = fields.String(required=True, metadata={"description": "refuse, avoid_area or clearance_first"})
    origin = fields.String(required=True, metadata={"description": "intake or medication"})
    areas = fields.List(fields.String(), required=True)


class IntakeSchema(Schema):
    """A signed intake. `result` is the freest verdict that its red flags allow."""

    id = fields.String(required=True)
    patient_id = fields.String(required=True)
    answers = fields.Dict(keys=fields.String(), values=fields.Boolean(), required=True)
    red_flags = fields.List(fields.Nested(RedFlagSchema), required=True)
    result = fields.String(required=True)
    consents = fields.Dict(keys=fields.String(), values=fields.Boolean(), required=True)
    guardian = fields.Nested(GuardianSchema, required=True, allow_none=True)
    signed_by = fields.String(required=True)
    signed_at = InstantField(required=True)


class RedFlagRuleSchema(Schema):
    """One question of the intake and what a yes means."""

    code = fields.String(required=True)
    action = fields.String(required=True)
    question = fields.String(required=True)
    source = fields.String(required=True)


class RedFlagRulesSchema(Schema):
    """The questions in force."""

    items = fields.List(fields.Nested(RedFlagRuleSchema), required=True)
