"""Shapes of /v1/findings."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fascia.web.pages import PageQuerySchema
from fascia.web.schemas import IdField, InstantField
from outcomes_svc.findings.finding import FindingCode
from outcomes_svc.scoring.schemas import FaultSchema


class FindingQuerySchema(PageQuerySchema):
    """The filters of a list of findings."""

    patient_id = IdField()
    session_id = IdField()
    assessment_id = IdField()
    code = fields.String(validate=validate.OneOf([code.value for code in FindingCode]))


class FindingSchema(Schema):
    """Something that led to no score."""

    finding_id = fields.String(required=True, attribute="id")
    code = fields.String(required=True, metadata={"description": ", ".join(FindingCode)})
    message = fields.String(required=True)
    patient_id = fields.String(required=True)
    session_id = fields.String(required=True, allow_none=True)
    assessment_id = fields.String(required=True, allow_none=True)
    instrument = fields.String(required=True, allow_none=True)
    by = fields.String(required=True, allow_none=True, metadata={"description": "who did it, the last time"})
    refusals = fields.List(fields.Nested(FaultSchema), required=True, attribute="faults")
    times = fields.Integer(required=True)
    first_at = InstantField(required=True)
    last_at = InstantField(required=True)
