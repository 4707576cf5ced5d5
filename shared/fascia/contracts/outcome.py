"""assessment.*, outcome.* and episode.*: questions to patients and what came of them (outcomes-svc)."""

from __future__ import annotations

from marshmallow import fields, validate

from fascia.contracts.catalogue import event
from fascia.contracts.event_schema import EventSchema, Instant, identifier

PURPOSES = ("baseline", "follow_up", "end")


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
    purpose = fields.String(
        load_default="follow_up",
        validate=validate.OneOf(PURPOSES),
        metadata={"description": "baseline: before or right after the first visit"},
    )
    reminder = fields.Boolean(
        load_default=False, metadata={"description": "asked before, and not answered: the same assessment once more"}
    )


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


@event("outcome.alert", producer="outcomes-svc", key="patient_id", phi=False)
class OutcomeAlert(EventSchema):
    """A person must look at a patient's answers at once, or nobody did in time. What was answered does not travel."""

    alert_id = identifier()
    patient_id = identifier()
    episode_id = identifier(required=False, allow_none=True, load_default=None)
    therapist_id = identifier(
        required=False, allow_none=True, load_default=None, metadata={"description": "who treats the patient"}
    )
    score_id = identifier()
    kind = fields.String(required=True, validate=validate.OneOf(("self_harm", "deterioration")))
    severity = fields.String(required=True, validate=validate.OneOf(("urgent", "high")))
    level = fields.String(
        required=True,
        validate=validate.OneOf(("raised", "escalated")),
        metadata={"description": "escalated: not acknowledged within the practice's time"},
    )
    at = Instant(required=True)


@event("episode.closed", producer="outcomes-svc", key="episode_id", phi=False)
class EpisodeClosed(EventSchema):
    """An episode of care ended. A session that becomes known later may open it again; then it is closed once more."""

    episode_id = identifier()
    version = fields.Integer(required=True, strict=True)
    patient_id = identifier()
    condition = fields.String(required=True, metadata={"description": "ICD-10-CM category, or unspecified"})
    instrument = fields.String(required=True)
    instrument_version = fields.String(required=True)
    reason = fields.String(required=True, validate=validate.OneOf(("discharged", "no_visit_60_days", "after_180_days")))
    opened_at = Instant(required=True)
    closed_at = Instant(required=True)
    sessions = fields.Integer(required=True, strict=True)
