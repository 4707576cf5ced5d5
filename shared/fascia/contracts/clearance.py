"""clearance.* and evaluation.*: may this patient be treated, and how (records-svc)."""

from __future__ import annotations

from marshmallow import fields, validate

from fascia.contracts.catalogue import event
from fascia.contracts.event_schema import EventSchema, Instant, identifier
from fascia.contracts.session import MeasureSchema

VERDICTS = ("cleared", "restricted", "needs_clearance", "declined")

PAYERS = ("self_pay", "commercial", "medicare", "medicaid", "workers_compensation", "auto", "other")


@event("clearance.changed", producer="records-svc", key="patient_id", phi=False)
class ClearanceChanged(EventSchema):
    """The verdict on whether a patient may be treated, its scope and its expiry, changed."""

    patient_id = identifier()
    version = fields.Integer(required=True, strict=True)
    verdict = fields.String(required=True, validate=validate.OneOf(VERDICTS))
    evaluation_id = identifier(required=False, allow_none=True, load_default=None)
    reasons = fields.List(fields.String(), required=True, metadata={"description": "rule codes, never free text"})
    avoid_areas = fields.List(fields.String(), load_default=list)
    avoid_techniques = fields.List(fields.String(), load_default=list)
    home_visits = fields.Boolean(required=True)
    effective_at = Instant(required=True)
    expires_on = fields.Date(allow_none=True, load_default=None)


class CaseMixSchema(EventSchema):
    """What makes a case harder or easier than another, as it was when treatment began. Null where it is not known."""

    symptom_weeks = fields.Float(
        allow_none=True,
        load_default=None,
        validate=validate.Range(0, 5200),
        metadata={"description": "weeks since the trouble began"},
    )
    surgery = fields.Boolean(
        allow_none=True, load_default=None, metadata={"description": "operated on for it within the last 12 months"}
    )
    comorbidities = fields.Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=validate.Range(0, 50),
        metadata={"description": "how many other conditions are under treatment"},
    )
    payer = fields.String(allow_none=True, load_default=None, validate=validate.OneOf(PAYERS))


@event("evaluation.signed", producer="records-svc", key="patient_id", phi=False)
class EvaluationSigned(EventSchema):
    """An evaluation was signed by its therapist."""

    patient_id = identifier()
    evaluation_id = identifier()
    therapist_id = identifier()
    result = fields.String(required=True, validate=validate.OneOf(VERDICTS))
    condition_codes = fields.List(fields.String(), required=True, metadata={"description": "ICD-10-CM leaf codes"})
    signed_at = Instant(required=True)
    measures = fields.List(
        fields.Nested(MeasureSchema), load_default=list, metadata={"description": "answers at baseline, where taken"}
    )
    case_mix = fields.Nested(CaseMixSchema, allow_none=True, load_default=None)
