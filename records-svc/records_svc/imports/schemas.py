"""Shapes of imports on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fascia.web.schemas import RequestSchema


class ImportQuerySchema(RequestSchema):
    """Where in its file a chunk begins, so that reports name the file's own lines."""

    first_line = fields.Integer(load_default=1, validate=validate.Range(1, 2**31))


class LineResultSchema(Schema):
    """What became of one line."""

    line = fields.Integer(required=True)
    outcome = fields.String(required=True, metadata={"description": "created, updated, unchanged or rejected"})
    resource_type = fields.String(required=True, allow_none=True)
    source_id = fields.String(required=True, allow_none=True)
    id = fields.String(required=True, allow_none=True)
    field = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    fix = fields.String(required=True, allow_none=True)
    remarks = fields.List(fields.String(), required=True, metadata={"description": "what was left out or assumed"})


class CountsSchema(Schema):
    """How many lines came to what."""

    created = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    rejected = fields.Integer(required=True)


class ImportSchema(Schema):
    """What became of a chunk."""

    counts = fields.Nested(CountsSchema, required=True)
    lines = fields.List(fields.Nested(LineResultSchema), required=True)
