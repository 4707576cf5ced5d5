"""Shapes of messages on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fascia.web.pages import PageQuerySchema
from fascia.web.schemas import IdField, InstantField
from notify_svc.messages.message import KINDS, State


class MessageQuerySchema(PageQuerySchema):
    """Filters; all that are given apply."""

    recipient_id = IdField()
    appointment_id = IdField()
    kind = fields.String(validate=validate.OneOf(KINDS))
    state = fields.String(validate=validate.OneOf([state.value for state in State]))
    channel = fields.String(validate=validate.OneOf(("sms", "email")))


class MessageStepSchema(Schema):
    """One step of a message."""

    state = fields.String(required=True)
    at = InstantField(required=True)


class MessageSchema(Schema):
    """A message without its text."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    channel = fields.String(required=True)
    audience = fields.String(required=True)
    recipient_id = fields.String(required=True)
    appointment_id = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True, metadata={"description": "why it is not on its way, a code"})
    due_at = InstantField(required=True)
    expires_at = InstantField(required=True)
    created_at = InstantField(required=True)
    sent_at = InstantField(required=True, allow_none=True)
    delivered_at = InstantField(required=True, allow_none=True)
    attempts = fields.Integer(required=True)


class MessageDetailSchema(MessageSchema):
    """One message with its steps, and its words for those who need them."""

    cause = fields.String(required=True)
    history = fields.List(fields.Nested(MessageStepSchema), required=True)
    subject = fields.String(required=True, allow_none=True)
    text = fields.String(
        required=True, allow_none=True, metadata={"description": "null: not worded yet, or not for you"}
    )
