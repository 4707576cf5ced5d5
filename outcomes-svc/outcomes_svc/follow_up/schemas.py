"""Shapes of /v1/follow-up-policy and /v1/response-rates."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from fascia.web.schemas import IdField, RequestSchema
from outcomes_svc.follow_up.policy import LATEST_DAY, FollowUpPolicy

_DEFAULT = FollowUpPolicy()


def _numbers(lowest: int, highest: int, at_most: int, **options: Any) -> Any:
    return fields.List(
        fields.Integer(strict=True, validate=validate.Range(lowest, highest)),
        validate=validate.Length(max=at_most),
        **options,
    )


class FollowUpPolicyRequestSchema(RequestSchema):
    """The whole policy; what is left out is set to its default. Days are counted from the first visit."""

    baseline_hours_before = fields.Integer(
        strict=True,
        load_default=_DEFAULT.baseline_hours_before,
        validate=validate.Range(2, 156),
        metadata={"description": "how long before the first visit the baseline is asked for; its window is 7 days"},
    )
    after_sessions = _numbers(
        2,
        100,
        20,
        load_default=list(_DEFAULT.after_sessions),
        metadata={"description": "after which sessions of an episode the patient is asked"},
    )
    days = _numbers(
        1,
        LATEST_DAY,
        20,
        load_default=list(_DEFAULT.days),
        metadata={"description": "days after the first visit on which the patient is asked, treated or discharged"},
    )
    days_between = fields.Integer(strict=True, load_default=_DEFAULT.days_between, validate=validate.Range(1, 21))
    open_days = fields.Integer(strict=True, load_default=_DEFAULT.open_days, validate=validate.Range(1, 7))
    reminder_after_days = fields.Integer(
        strict=True, allow_none=True, load_default=_DEFAULT.reminder_after_days, validate=validate.Range(1, 6)
    )
    escalate_after_minutes = fields.Integer(
        strict=True,
        load_default=_DEFAULT.escalate_after_minutes,
        validate=validate.Range(5, 24 * 60),
        metadata={"description": "how long an alert may wait for somebody to acknowledge it"},
    )

    @post_load
    def _tuples(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "after_sessions": tuple(data["after_sessions"]), "days": tuple(data["days"])}


class FollowUpPolicyQuerySchema(RequestSchema):
    """Which version."""

    version = fields.Integer(validate=validate.Range(min=1), metadata={"description": "by default the one in force"})


class FollowUpPolicySchema(Schema):
    """How the practice asks its patients."""

    version = fields.Integer(required=True)
    baseline_hours_before = fields.Integer(required=True)
    after_sessions = fields.List(fields.Integer(), required=True)
    days = fields.List(fields.Integer(), required=True)
    days_between = fields.Integer(required=True)
    open_days = fields.Integer(required=True)
    reminder_after_days = fields.Integer(required=True, allow_none=True)
    escalate_after_minutes = fields.Integer(required=True)


class ResponseRateQuerySchema(RequestSchema):
    """Requests made from `from` on and before `to` (days of UTC)."""

    since = fields.Date(required=True, data_key="from")
    until = fields.Date(required=True, data_key="to")
    therapist_id = IdField()
    episode_id = IdField()


class ResponseRateSchema(Schema):
    """How many requests were answered. `rate` leaves out what is still open; null without any that is decided."""

    asked = fields.Integer(required=True)
    answered = fields.Integer(required=True)
    by_patient = fields.Integer(required=True)
    expired = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    rate = fields.Float(required=True, allow_none=True)


class ResponseRatesSchema(Schema):
    """The rate of all requests that were asked for, and the same by therapist and by purpose."""

    all = fields.Nested(ResponseRateSchema, required=True)
    therapists = fields.Dict(keys=fields.String(), values=fields.Nested(ResponseRateSchema), required=True)
    purposes = fields.Dict(keys=fields.String(), values=fields.Nested(ResponseRateSchema), required=True)
