"""Shapes of an episode's progress and of its progress report."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fascia.web.schemas import InstantField, RequestSchema
from outcomes_svc.episodes.schemas import PrimarySchema
from outcomes_svc.progress.suggestion import REPORT_EVERY
from outcomes_svc.scoring.schemas import ScoreSchema


class ReportQuerySchema(RequestSchema):
    """Which visits a report covers."""

    visits = fields.Integer(
        load_default=REPORT_EVERY,
        validate=validate.Range(1, 500),
        metadata={"description": "the first so many visits of the episode"},
    )


class ThresholdsSchema(Schema):
    """What a change of the instrument is held against, in its points."""

    mic = fields.Float(required=True, allow_none=True, metadata={"description": "minimal important change"})
    mic_share = fields.Float(
        required=True, allow_none=True, metadata={"description": "the same as a share of the baseline"}
    )
    mdc = fields.Float(required=True, allow_none=True, metadata={"description": "minimal detectable change"})


class TrendSchema(Schema):
    """A straight line through the scores; positive is better."""

    per_week = fields.Float(required=True, metadata={"description": "points per week"})
    low = fields.Float(required=True, metadata={"description": "lower end of the 95 % interval"})
    high = fields.Float(required=True)
    scores = fields.Integer(required=True)
    weeks = fields.Float(required=True)
    flat = fields.Boolean(required=True, metadata={"description": "the interval covers no change"})


class PlateauSchema(Schema):
    """Nothing moves any more: three scores or more over at least four weeks."""

    run = fields.Nested(TrendSchema, required=True)
    last_change = fields.Float(required=True)
    noise = fields.Float(required=True, metadata={"description": "points below which a step is none"})
    noise_from = fields.String(required=True, metadata={"description": "mdc, standard_error or mic"})


class DeteriorationSchema(Schema):
    """The latest score is worse by what matters and more than measurement error."""

    against = fields.String(required=True, metadata={"description": "baseline, or best: the best score so far"})
    reference = fields.String(required=True, metadata={"description": "id of the score that it is held against"})
    latest = fields.String(required=True)
    since = InstantField(required=True, metadata={"description": "when the reference was measured"})
    change = fields.Float(required=True, attribute="change.value")
    rule = fields.String(required=True, attribute="change.rule")


class InstrumentCourseSchema(Schema):
    """One instrument in one episode: its scores in order of time, each with its change since the first."""

    instrument = fields.String(required=True, attribute="instrument.id")
    instrument_version = fields.String(required=True, attribute="instrument.version")
    name = fields.String(required=True, attribute="instrument.name")
    better = fields.String(required=True, attribute="instrument.better", metadata={"description": "lower or higher"})
    primary = fields.Boolean(required=True)
    about_function = fields.Boolean(required=True)
    thresholds = fields.Nested(ThresholdsSchema, required=True)
    scores = fields.List(fields.Nested(ScoreSchema), required=True)
    trend = fields.Nested(TrendSchema, required=True, allow_none=True, attribute="signals.trend")
    plateau = fields.Nested(PlateauSchema, required=True, allow_none=True, attribute="signals.plateau")
    deterioration = fields.Nested(
        DeteriorationSchema, required=True, allow_none=True, attribute="signals.deterioration"
    )


class SuggestionSchema(Schema):
    """What to consider. A person decides."""

    action = fields.String(required=True, metadata={"description": "continue, re_evaluate, discharge or refer_back"})
    reason = fields.String(required=True)
    text = fields.String(required=True)
    figures = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True)


class EpisodeProgressSchema(Schema):
    """What treatment has come to so far."""

    episode_id = fields.String(required=True, attribute="episode.id")
    patient_id = fields.String(required=True, attribute="episode.patient_id")
    condition = fields.String(required=True, attribute="episode.condition")
    state = fields.String(required=True, attribute="episode.state")
    primary = fields.Nested(PrimarySchema, required=True, attribute="episode.primary")
    visits = fields.Integer(required=True, attribute="episode.sessions")
    opened_at = InstantField(required=True, attribute="episode.opened_at")
    last_visit_at = InstantField(required=True, attribute="episode.last_session_at")
    instruments = fields.List(fields.Nested(InstrumentCourseSchema), required=True)
    suggestion = fields.Nested(SuggestionSchema, required=True, allow_none=True)


class VisitSchema(Schema):
    """One visit that a report covers."""

    session_id = fields.String(required=True, attribute="id")
    ended_at = InstantField(required=True)
    therapist_id = fields.String(required=True)
    treated_minutes = fields.Integer(required=True)


class ReportedMeasureSchema(Schema):
    """One instrument of a report: the first score, the latest, and what lies between."""

    instrument = fields.String(required=True, attribute="instrument.id")
    instrument_version = fields.String(required=True, attribute="instrument.version")
    name = fields.String(required=True, attribute="instrument.name")
    thresholds = fields.Nested(ThresholdsSchema, required=True)
    baseline = fields.Nested(ScoreSchema, required=True)
    current = fields.Nested(ScoreSchema, required=True)


class AdherenceSchema(Schema):
    """How treatment was kept up and how the patient answered."""

    visits_per_week = fields.Float(required=True, allow_none=True)
    longest_gap_days = fields.Float(required=True, allow_none=True)
    requested = fields.Integer(required=True, metadata={"description": "questionnaires"})
    answered = fields.Integer(required=True)
    response_rate = fields.Float(required=True, allow_none=True)


class ProgressReportSchema(Schema):
    """The figures of a progress report."""

    episode_id = fields.String(required=True)
    patient_id = fields.String(required=True)
    therapist_id = fields.String(required=True, metadata={"description": "who gave the last of these visits"})
    visits = fields.Integer(required=True)
    sessions = fields.List(fields.Nested(VisitSchema), required=True)
    first_visit_at = InstantField(required=True)
    last_visit_at = InstantField(required=True)
    primary_instrument = fields.String(required=True)
    primary_version = fields.String(required=True)
    primary = fields.Nested(
        ReportedMeasureSchema, required=True, allow_none=True, metadata={"description": "null where it was not scored"}
    )
    function = fields.List(
        fields.Nested(ReportedMeasureSchema), required=True, metadata={"description": "what the patient can do"}
    )
    adherence = fields.Nested(AdherenceSchema, required=True)
    suggestion = fields.Nested(SuggestionSchema, required=True)
