"""Shapes of /v1/instruments."""

from __future__ import annotations

from marshmallow import Schema, fields

from fascia.web.pages import PageQuerySchema


class InstrumentQuerySchema(PageQuerySchema):
    """The filters of a list of instruments."""

    instrument = fields.String(metadata={"description": "id, for example NPRS"})


class ItemSchema(Schema):
    """One question of an instrument, and the numbers that answer it."""

    code = fields.String(required=True)
    text = fields.String(required=True)
    lowest = fields.Integer(required=True)
    highest = fields.Integer(required=True)
    lowest_label = fields.String(required=True)
    highest_label = fields.String(required=True)


class ImportantChangeSchema(Schema):
    """The minimal important change: points, or a share of the baseline; either suffices."""

    absolute = fields.Float(required=True)
    relative = fields.Float(required=True, allow_none=True)


class DetectableChangeSchema(Schema):
    """The minimal detectable change of the score, and where only a single item is compared."""

    score = fields.Float(required=True)
    single_item = fields.Float(required=True, allow_none=True)


class FactSchema(Schema):
    """Where something that is said about the instrument comes from."""

    about = fields.List(fields.String(), required=True)
    statement = fields.String(required=True)
    evidence = fields.String(required=True, metadata={"description": "seen, own or recalled"})
    source = fields.String(required=True)


class InstrumentSchema(Schema):
    """One version of an instrument."""

    id = fields.String(required=True)
    version = fields.String(required=True)
    name = fields.String(required=True)
    use = fields.String(required=True)
    language = fields.String(required=True)
    wording_origin = fields.String(required=True, metadata={"description": "own: worded by this project; imported"})
    introduction = fields.String(required=True)
    recall = fields.String(required=True)
    items = fields.List(fields.Nested(ItemSchema), required=True)
    integers_only = fields.Boolean(required=True)
    better = fields.String(required=True, metadata={"description": "lower or higher"})
    rule = fields.String(required=True, attribute="rule_name")
    missing = fields.String(required=True, metadata={"description": "require_all or rated_only; never a zero"})
    mic = fields.Nested(ImportantChangeSchema, required=True)
    mdc = fields.Nested(DetectableChangeSchema, required=True, allow_none=True)
    loinc = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    licence = fields.String(required=True)
    facts = fields.List(fields.Nested(FactSchema), required=True)
