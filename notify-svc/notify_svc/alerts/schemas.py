"""Shape of the escalation contact on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fascia.web.schemas import RequestSchema, TextField


class EscalationContactRequestSchema(RequestSchema):
    """Whom to tell of an alert that nobody acknowledged; by text, by mail, or both."""

    name = TextField(at_most=120, required=True)
    phone = fields.String(
        allow_none=True,
        load_default=None,
        validate=validate.Regexp(r"^\+[1-9][0-9]{7,14}$"),
        metadata={"description": "E.164, for example +16175550123"},
    )
    email = fields.Email(allow_none=True, load_default=None)


class EscalationContactSchema(Schema):
    """Whom the practice tells; version 1 while nobody was named."""

    version = fields.Integer(required=True)
    name = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)
