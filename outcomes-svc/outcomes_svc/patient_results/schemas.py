"""Shapes of a patient's results."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fascia.web.schemas import InstantField, RequestSchema
from outcomes_svc.results.plain_words import LANGUAGES

FORMATS = ("json", "html", "svg", "png")


class PatientResultsQuerySchema(RequestSchema):
    """In which form and language."""

    language = fields.String(
        load_default=None,
        validate=validate.OneOf(LANGUAGES),
        metadata={"description": "the patient's own by default"},
    )
    format = fields.String(
        load_default=None,
        validate=validate.OneOf(FORMATS),
        metadata={"description": "instead of the header Accept; svg and png show the newest episode's main measure"},
    )


class ReadingSchema(Schema):
    """One score."""

    score_id = fields.String(required=True, attribute="id")
    measured_at = InstantField(required=True)
    value = fields.Float(required=True)
    change = fields.Float(required=True, allow_none=True, metadata={"description": "positive is better"})
    judgement = fields.String(required=True, allow_none=True)
    answered_by = fields.String(required=True)


class MeasuredSchema(Schema):
    """The scores of one instrument, and what they say in plain words."""

    instrument = fields.String(required=True, attribute="instrument.id")
    instrument_version = fields.String(required=True, attribute="instrument.version")
    primary = fields.Boolean(required=True)
    better = fields.String(required=True, attribute="instrument.better")
    heading = fields.String(required=True)
    scores = fields.List(fields.Nested(ReadingSchema), required=True)
    words = fields.List(fields.String(), required=True)


class PatientEpisodeSchema(Schema):
    """One episode with what was measured in it."""

    episode_id = fields.String(required=True, attribute="episode.id")
    state = fields.String(required=True, attribute="episode.state")
    opened_at = InstantField(required=True, attribute="episode.opened_at")
    last_session_at = InstantField(required=True, attribute="episode.last_session_at")
    sessions = fields.Integer(required=True, attribute="episode.sessions")
    measured = fields.List(fields.Nested(MeasuredSchema), required=True)


class PatientResultsSchema(Schema):
    """A patient's episodes, the newest first."""

    patient_id = fields.String(required=True)
    language = fields.String(required=True)
    time_zone = fields.String(required=True)
    episodes = fields.List(fields.Nested(PatientEpisodeSchema), required=True)


class ResultsLinkSchema(Schema):
    """A link that shows a patient their own results until it expires; give it to nobody else."""

    path = fields.String(required=True, metadata={"description": "to be opened at this service's address"})
    expires_at = InstantField(required=True)
