"""Shapes of /v1/instruments."""

from __future__ import annotations

from marshmallow import Schema, fields

from fascia.web.pages import PageQuerySchema


class InstrumentQuerySchema(PageQuerySchema):
    """The filters of a list of instruments."""

    instrument = fields.String(metadata={"description": "id, for example NPRS"})
    family = fields.String(metadata={"description": "for example promis or mood"})


class ItemSchema(Schema):
    """One question, and the numbers that answer it. Text and labels are null until a practice imports them."""

    code = fields.String(required=True)
    loinc = fields.String(required=True, allow_none=True)
    text = fields.String(required=True, allow_none=True)
    lowest = fields.Integer(required=True)
    highest = fields.Integer(required=True)
    lowest_label = fields.String(required=True, allow_none=True)
    highest_label = fields.String(required=True, allow_none=True)
    points = fields.List(
        fields.Integer(),
        required=True,
        allow_none=True,
        metadata={"description": "what each answer from lowest to highest counts; null: itself"},
    )
    alert_above = fields.Integer(
        required=True, allow_none=True, metadata={"description": "an answer above is for a person to see at once"}
    )


class DomainSchema(Schema):
    """A share of a score that is summed for itself."""

    code = fields.String(required=True)
    items = fields.List(fields.String(), required=True)
    divisor = fields.Integer(required=True)
    minimum_answered = fields.Integer(required=True)


class PartSchema(Schema):
    """A further score of the same form. Change is judged on the instrument's own score."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    items = fields.List(fields.String(), required=True)
    rule = fields.String(required=True)
    optional = fields.Boolean(required=True, metadata={"description": "whether it may be left out as a whole"})
    mic = fields.Float(required=True, allow_none=True)


class TableRowSchema(Schema):
    """The T-score of a raw sum, and its standard error."""

    raw = fields.Integer(required=True)
    t = fields.Float(required=True)
    standard_error = fields.Float(required=True)


class BandSchema(Schema):
    """A name for the scores from `start` on, up to the next band."""

    start = fields.Float(required=True)
    inclusive = fields.Boolean(required=True, metadata={"description": "whether `start` itself belongs to it"})
    label = fields.String(required=True)


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
    family = fields.String(required=True, metadata={"description": "the page in docs/instruments"})
    name = fields.String(required=True)
    use = fields.String(required=True)
    language = fields.String(required=True)
    wording_origin = fields.String(required=True, metadata={"description": "own: worded by this project; imported"})
    wording_shipped = fields.Boolean(
        required=True, metadata={"description": "false: a practice imports the wording before it can ask"}
    )
    licence_required = fields.Boolean(
        required=True, metadata={"description": "true: scored only for a practice that has recorded its licence"}
    )
    never_paid = fields.Boolean(required=True, metadata={"description": "true: no pay rests on it"})
    patient_rated = fields.Boolean(required=True, metadata={"description": "false: staff take the measurement"})
    introduction = fields.String(required=True, allow_none=True)
    recall = fields.String(required=True)
    items = fields.List(fields.Nested(ItemSchema), required=True)
    integers_only = fields.Boolean(required=True)
    better = fields.String(required=True, metadata={"description": "lower or higher"})
    rule = fields.String(required=True, attribute="rule_name")
    missing = fields.String(
        required=True,
        metadata={"description": "require_all, rated_only, at_least or unticked_is_no; never a zero"},
    )
    minimum_answered = fields.Integer(required=True, allow_none=True)
    domains = fields.List(fields.Nested(DomainSchema), required=True)
    parts = fields.List(fields.Nested(PartSchema), required=True)
    table = fields.List(fields.Nested(TableRowSchema), required=True, attribute="table_rows")
    bands = fields.List(fields.Nested(BandSchema), required=True)
    standard_error = fields.Float(
        required=True, allow_none=True, metadata={"description": "of one score, in points; null where a table gives it"}
    )
    mic = fields.Nested(
        ImportantChangeSchema, required=True, allow_none=True, metadata={"description": "null: change is not judged"}
    )
    mdc = fields.Nested(DetectableChangeSchema, required=True, allow_none=True)
    loinc = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    licence = fields.String(required=True)
    facts = fields.List(fields.Nested(FactSchema), required=True)
