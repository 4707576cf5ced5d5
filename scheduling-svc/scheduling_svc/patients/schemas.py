"""The shapes of a patient's preferences on the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from fascia.web.schemas import IdField, RequestSchema


class PreferenceSchema(RequestSchema):
    """Whom a patient wants to be treated by. The order of `preferred` says nothing."""

    preferred = fields.List(IdField(), load_default=list, validate=validate.Length(max=20))
    refused = fields.List(IdField(), load_default=list, validate=validate.Length(max=100))
    visits = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        dump_only=True,
        metadata={"description": "sessions so far by therapist"},
    )
    version = fields.Integer(dump_only=True)
