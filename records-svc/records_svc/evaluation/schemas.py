"""Shapes of evaluations and clearances on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from fascia.web.schemas import DateField, IdField, InstantField, RequestSchema, TextField
from records_svc.evaluation.case_mix import PAYERS, CaseMix
from records_svc.evaluation.evaluation import Findings, PhysicianClearance, Restrictions
from records_svc.intake.red_flags import Verdict
from records_svc.intake.schemas import RedFlagSchema
from records_svc.vocabulary import CodeField, MeasureSchema


class RestrictionsSchema(RequestSchema):
    """What to avoid, as codes."""

    avoid_areas = fields.List(CodeField(), load_default=list)
    avoid_techniques = fields.List(CodeField(), load_default=list)

    @post_load
    def _restrictions(self, data: dict[str, Any], **_: Any) -> Restrictions:
        return Restrictions(tuple(data["avoid_areas"]), tuple(data["avoid_techniques"]))


class PhysicianClearanceSchema(RequestSchema):
    """A physician's permission that answers a clearance-first flag."""

    red_flag = CodeField(required=True)
    cleared_by = TextField(required=True)
    cleared_on = DateField(required=True)

    @post_load
    def _clearance(self, data: dict[str, Any], **_: Any) -> PhysicianClearance:
        return PhysicianClearance(**data)


class CaseMixSchema(RequestSchema):
    """What makes the case harder or easier; leave out what is not known. Results are adjusted for it."""

    symptom_weeks = fields.Float(
        load_default=None,
        allow_none=True,
        validate=validate.Range(0, 5200),
        metadata={"description": "weeks since the trouble began"},
    )
    surgery = fields.Boolean(
        load_default=None, allow_none=True, metadata={"description": "operated on for it within the last 12 months"}
    )
    comorbidities = fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=validate.Range(0, 50),
        metadata={"description": "how many other conditions are under treatment"},
    )
    payer = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(PAYERS))

    @post_load
    def _case_mix(self, data: dict[str, Any], **_: Any) -> CaseMix:
        return CaseMix(**data)


class FindingsFields(RequestSchema):
    """What an evaluation says."""

    condition_codes = fields.List(
        TextField(at_most=10),
        required=True,
        metadata={"description": "ICD-10-CM leaf codes"},
        validate=validate.Length(0, 12),
    )
    result = fields.Enum(Verdict, by_value=True, required=True)
    restrictions = fields.Nested(RestrictionsSchema, load_default=Restrictions())
    home_visits = fields.Boolean(load_default=False)
    expires_on = DateField(load_default=None, allow_none=True)
    findings = TextField(
        at_least=0, at_most=10_000, load_default="", metadata={"description": "free text; sealed at rest"}
    )
    physician_clearances = fields.List(fields.Nested(PhysicianClearanceSchema), load_default=list)
    measures = fields.List(fields.Nested(MeasureSchema), load_default=list, validate=validate.Length(0, 20))
    case_mix = fields.Nested(CaseMixSchema, load_default=None, allow_none=True)


def findings_of(data: dict[str, Any]) -> Findings:
    """The content of an evaluation from loaded fields."""
    return Findings(
        condition_codes=tuple(data["condition_codes"]),
        result=data["result"],
        restrictions=data["restrictions"],
        home_visits=data["home_visits"],
        expires_on=data["expires_on"],
        findings=data["findings"],
        physician_clearances=tuple(data["physician_clearances"]),
        measures=tuple(data["measures"]),
        case_mix=data["case_mix"],
    )


class EvaluationDraftSchema(FindingsFields):
    """A new evaluation."""

    therapist_id = IdField(required=True)


class EvaluationEditSchema(FindingsFields):
    """Other content for a draft."""


class EvaluationAmendmentSchema(FindingsFields):
    """Other content for a signed evaluation, and why."""

    reason = TextField(at_most=500, required=True)


class EvaluationContentSchema(Schema):
    """What an evaluation says."""

    condition_codes = fields.List(fields.String(), required=True)
    result = fields.Enum(Verdict, by_value=True, required=True)
    restrictions = fields.Nested(RestrictionsSchema, required=True)
    home_visits = fields.Boolean(required=True)
    expires_on = fields.Date(required=True, allow_none=True)
    findings = fields.String(required=True)
    physician_clearances = fields.List(fields.Nested(PhysicianClearanceSchema), required=True)
    measures = fields.List(fields.Nested(MeasureSchema), required=True)
    case_mix = fields.Nested(CaseMixSchema, required=True, allow_none=True)


class EvaluationAmendedSchema(Schema):
    """One amendment, with what the evaluation said before."""

    reason = fields.String(required=True)
    amended_by = fields.String(required=True)
    amended_at = InstantField(required=True)
    before = fields.Nested(EvaluationContentSchema, required=True)


class EvaluationSchema(Schema):
    """An evaluation."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    patient_id = fields.String(required=True)
    therapist_id = fields.String(required=True)
    state = fields.String(required=True, metadata={"description": "draft, signed, amended or superseded"})
    content = fields.Nested(EvaluationContentSchema, required=True)
    created_at = InstantField(required=True)
    signed_at = InstantField(required=True, allow_none=True)
    signed_by = fields.String(required=True, allow_none=True)
    amendments = fields.List(fields.Nested(EvaluationAmendedSchema), required=True)


class PresentFlagsSchema(Schema):
    """What an evaluation has to deal with: flags of the latest intake and of the medication in the chart."""

    intake_signed = fields.Boolean(required=True)
    items = fields.List(fields.Nested(RedFlagSchema), required=True)
    result = fields.Enum(Verdict, by_value=True, required=True, metadata={"description": "the freest verdict possible"})


class ClearanceSchema(Schema):
    """May this patient be treated, and how."""

    patient_id = fields.String(required=True)
    version = fields.Integer(required=True)
    verdict = fields.Enum(Verdict, by_value=True, required=True)
    evaluation_id = fields.String(required=True, allow_none=True)
    reasons = fields.List(fields.String(), required=True, metadata={"description": "codes of red flags"})
    avoid_areas = fields.List(fields.String(), required=True)
    avoid_techniques = fields.List(fields.String(), required=True)
    home_visits = fields.Boolean(required=True)
    effective_at = InstantField(required=True)
    expires_on = fields.Date(required=True, allow_none=True)
