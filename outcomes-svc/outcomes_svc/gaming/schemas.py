"""Shapes of /v1/gaming."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fascia.web.pages import PageQuerySchema
from fascia.web.schemas import DateField, IdField, InstantField, RequestSchema, TextField
from outcomes_svc.gaming.flag import FlagState
from outcomes_svc.gaming.kinds import Kind


class ReviewRequestSchema(RequestSchema):
    """The months whose episodes are looked at."""

    first = DateField(
        data_key="from",
        load_default=None,
        metadata={"description": "first day of the first month in which episodes opened; twelve months by default"},
    )
    last = DateField(
        data_key="to",
        load_default=None,
        metadata={"description": "last day of the last month; this month by default"},
    )


class ReviewSchema(Schema):
    """What one look at a period could judge, and the flags that came of it."""

    review_id = fields.String(required=True, attribute="id")
    first = DateField(required=True, data_key="from")
    last = DateField(required=True, data_key="to")
    made_at = InstantField(required=True)
    made_by = fields.String(required=True)
    model_version = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "null: difficulty was not known, so intake was not judged"},
    )
    cases = fields.Integer(required=True, metadata={"description": "episodes, and evaluations with none"})
    therapists = fields.Integer(required=True)
    judged = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "by kind, the therapists with enough cases and colleagues to be compared"},
    )
    expected_by_chance = fields.Float(
        required=True, metadata={"description": "flags to be expected where everybody is honest"}
    )
    raised = fields.List(fields.String(), required=True, metadata={"description": "ids of new flags"})
    seen_again = fields.List(fields.String(), required=True, metadata={"description": "ids of flags there were before"})


class FlagQuerySchema(PageQuerySchema):
    """The filters of a list of flags."""

    therapist_id = IdField()
    kind = fields.String(validate=validate.OneOf([kind.value for kind in Kind]))
    state = fields.String(validate=validate.OneOf([state.value for state in FlagState]))


class FlagDecisionSchema(RequestSchema):
    """What a person found."""

    outcome = fields.String(
        required=True, validate=validate.OneOf((FlagState.DISMISSED.value, FlagState.CONFIRMED.value))
    )
    note = TextField(required=True, at_most=2000, metadata={"description": "why; kept sealed"})


class EvidenceSchema(Schema):
    """One case behind a figure."""

    case_id = fields.Function(lambda row: row[0].case_id, required=True, metadata={"type": "string"})
    amount = fields.Function(lambda row: row[0].amount, required=True, metadata={"type": ["number", "null"]})
    words = fields.Function(lambda row: row[1], required=True, metadata={"type": "string"})


class FlagSchema(Schema):
    """Something worth a look. It says nothing of anybody's intentions and changes no pay."""

    flag_id = fields.String(required=True, attribute="id")
    version = fields.Integer(required=True)
    state = fields.String(required=True, metadata={"description": "open, dismissed or confirmed"})
    therapist_id = fields.String(required=True, attribute="finding.therapist_id")
    kind = fields.String(required=True, attribute="finding.kind")
    sign = fields.String(required=True, attribute="finding.sign", metadata={"description": "the strongest figure"})
    first = DateField(required=True, data_key="from")
    last = DateField(required=True, data_key="to")
    value = fields.Float(required=True, attribute="finding.value")
    expected = fields.Float(
        required=True, attribute="finding.expected", metadata={"description": "what colleagues lead to expect"}
    )
    cases = fields.Integer(required=True, attribute="finding.cases")
    hits = fields.Integer(required=True, attribute="finding.hits", metadata={"description": "of these"})
    p = fields.Float(
        required=True, attribute="finding.p", metadata={"description": "of as much by chance and honest difference"}
    )
    summary = fields.String(required=True)
    model_version = fields.String(required=True, allow_none=True)
    raised_at = InstantField(required=True)
    seen_at = InstantField(required=True)
    decided_by = fields.String(required=True, allow_none=True)
    decided_at = InstantField(required=True, allow_none=True)


class FlagDetailSchema(FlagSchema):
    """A flag with the cases behind it and the reviewer's note."""

    evidence = fields.List(fields.Nested(EvidenceSchema), required=True)
    note = fields.String(required=True, allow_none=True)
