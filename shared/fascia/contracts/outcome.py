"""assessment.* and outcome.*: questions to patients and their scored results (outcomes-svc)."""

from __future__ import annotations

from marshmallow import fields, validate

from fascia.contracts.catalogue import event
from fascia.contracts.event_schema import EventSchema, Instant, identifier


@event("assessment.requested", producer="outcomes-svc", key="patient_id", phi=False)
class AssessmentRequested(EventSchema):
    """A patient is to answer an instrument before a date."""

    assessment_id = identifier()
    patient_id = identifier()
    episode_id = identifier()
    session_id = identifier(required=False, allow_none=True, load_default=None)
    instrument = fields.String(required=True)
    due_at = Instant(required=True)
    expires_at = Instant(required=True)


@event("outcome.scored", producer="outcomes-svc", key="patient_id", phi=False)
class OutcomeScored(EventSchema):
    """An instrument was scored, with the change since baseline judged against the instrument's MIC."""

    score_id = identifier()
    patient_id = identifier()
    episode_id = identifier()
    therapist_id = identifier(required=False, allow_none=True, load_default=None)
    session_id = identifier(required=False, allow_none=True, load_default=None)
    assessment_id = identifier(required=False, allow_none=True, load_default=None)
    instrument = fields.String(required=True)
    instrument_version = fields.String(required=True)
    source = fields.String(required=True, validate=validate.OneOf(("evaluation", "session", "patient")))
    value = fields.Float(required=True)
    change = fields.Float(
        allow_none=True, load_default=None, metadata={"description": "positive is better; null at baseline"}
    )
    judgement = fields.String(
        required=True, validate=validate.OneOf(("baseline", "improved", "unchanged", "worse", "not_comparable"))
    )
    scored_at = Instant(required=True)
