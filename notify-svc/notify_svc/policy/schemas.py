"""Shapes of the messaging policy on the wire."""

from __future__ import annotations

from datetime import time
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from fascia.web.schemas import RequestSchema, TextField
from notify_svc.policy.messaging_policy import CONFIRMATIONS
from notify_svc.policy.quiet_hours import QuietHours


class ClockField(fields.Time):
    """A wall-clock time, HH:MM."""

    fix = "Send HH:MM, for example 20:00."

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> time:
        return super()._deserialize(value, attr, data, **kwargs)


class QuietHoursSchema(RequestSchema):
    """No texts from `starts_at` to `ends_at` by the recipient's clock; may span midnight."""

    starts_at = ClockField(required=True)
    ends_at = ClockField(required=True)

    @post_load
    def _hours(self, data: dict[str, Any], **_: Any) -> QuietHours:
        return QuietHours(**data)


class MessagingPolicyRequestSchema(RequestSchema):
    """The whole policy; what is left out is set to its default."""

    sender_name = TextField(at_most=60, required=True, metadata={"description": "who signs texts and mails"})
    reminder_lead_hours = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, 24 * 14)),
        load_default=[48, 2],
        validate=validate.Length(max=5),
        metadata={"description": "hours before a visit; whole days are counted by the wall clock"},
    )
    quiet_hours = fields.Nested(
        QuietHoursSchema, required=True, allow_none=True, metadata={"description": "null: none"}
    )
    follow_up_delay_minutes = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, 2 * 24 * 60))
    texts_per_day = fields.Integer(strict=True, allow_none=True, load_default=None, validate=validate.Range(1, 50))
    texts_per_week = fields.Integer(strict=True, allow_none=True, load_default=None, validate=validate.Range(1, 200))
    booking_confirmation = fields.String(
        load_default="windows",
        validate=validate.OneOf(CONFIRMATIONS),
        metadata={"description": "which bookings are confirmed in writing; windows: those that promise a window"},
    )

    @post_load
    def _leads(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "reminder_lead_hours": tuple(data["reminder_lead_hours"])}


class MessagingPolicySchema(Schema):
    """The policy in force."""

    sender_name = fields.String(required=True)
    reminder_lead_hours = fields.List(fields.Integer(), required=True)
    quiet_hours = fields.Nested(QuietHoursSchema, required=True, allow_none=True)
    follow_up_delay_minutes = fields.Integer(required=True)
    texts_per_day = fields.Integer(required=True, allow_none=True)
    texts_per_week = fields.Integer(required=True, allow_none=True)
    booking_confirmation = fields.String(required=True)
    version = fields.Integer(required=True)
