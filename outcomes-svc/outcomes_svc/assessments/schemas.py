"""Shapes of /v1/assessments."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fascia.web.pages import PageQuerySchema
from fascia.web.schemas import IdField, InstantField, RequestSchema
from outcomes_svc.assessments.assessment import AssessmentState
from outcomes_svc.instruments.schemas import ItemSchema
from outcomes_svc.questionnaires.schemas import WordingSchema


class AssessmentQuerySchema(PageQuerySchema):
    """The filters of a list of assessments. A patient sees their own, whatever they ask for."""

    patient_id = IdField()
    session_id = IdField()
    episode_id = IdField()
    state = fields.String(validate=validate.OneOf([state.value for state in AssessmentState]))


class AnswersSchema(RequestSchema):
    """Answers by item code. A missing item is left out or null; it is never a zero."""

    answers = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 60)),
        # Judged by the instrument's own rule, which names the item and the reason.
        values=fields.Raw(allow_none=True),
        required=True,
        validate=validate.Length(max=100),
        metadata={"description": "item code to number", "example": {"pain": 3}},
    )
    instrument_version = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 20),
        metadata={"description": "the version that was shown; answers to another one than was asked are refused"},
    )
    wording = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 200),
        metadata={"description": "id of the wording that was shown, or own for the texts of the items"},
    )


class AssessmentSchema(Schema):
    """A request to a patient to answer an instrument, and the answers."""

    assessment_id = fields.String(required=True, attribute="assessment.id")
    version = fields.Integer(required=True, attribute="assessment.version")
    state = fields.String(required=True, metadata={"description": "requested, answered or expired"})
    patient_id = fields.String(required=True, attribute="assessment.patient_id")
    episode_id = fields.String(required=True, attribute="assessment.episode_id")
    session_id = fields.String(required=True, allow_none=True, attribute="assessment.session_id")
    purpose = fields.String(
        required=True, attribute="assessment.purpose", metadata={"description": "baseline, follow_up or end"}
    )
    instrument = fields.String(required=True, attribute="assessment.instrument")
    instrument_version = fields.String(required=True, attribute="assessment.instrument_version")
    introduction = fields.String(required=True)
    items = fields.List(fields.Nested(ItemSchema), required=True)
    offered = fields.Nested(
        WordingSchema,
        required=True,
        allow_none=True,
        metadata={"description": "the practice's wording in the patient's language, when one assessment is read"},
    )
    due_at = InstantField(required=True, attribute="assessment.due_at")
    expires_at = InstantField(required=True, attribute="assessment.expires_at")
    reminded_at = InstantField(required=True, allow_none=True, attribute="assessment.reminded_at")
    answers = fields.Dict(
        keys=fields.String(), values=fields.Float(), required=True, allow_none=True, attribute="assessment.answers"
    )
    answered_at = InstantField(required=True, allow_none=True, attribute="assessment.answered_at")
    wording = fields.String(
        required=True,
        allow_none=True,
        attribute="assessment.wording",
        metadata={"description": "which wording was shown: its id, own for the one that ships; null: not known"},
    )
