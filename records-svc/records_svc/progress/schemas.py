"""Shapes of progress reports on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields

from fascia.web.schemas import InstantField


class MeasuredSchema(Schema):
    """One instrument of a report, in its points; `change` and `rci` are positive when better."""

    instrument = fields.String(required=True)
    instrument_version = fields.String(required=True)
    baseline = fields.Float(required=True)
    baseline_at = InstantField(required=True)
    current = fields.Float(required=True)
    current_at = InstantField(required=True)
    change = fields.Float(required=True, allow_none=True)
    judgement = fields.String(required=True)
    rule = fields.String(
        required=True, allow_none=True, metadata={"description": "what judged: rci_and_mic, mdc_and_mic or mic"}
    )
    rci = fields.Float(required=True, allow_none=True, metadata={"description": "reliable change index"})
    mic = fields.Float(required=True, allow_none=True, metadata={"description": "minimal important change"})
    mic_share = fields.Float(required=True, allow_none=True, metadata={"description": "as a share of the baseline"})
    mdc = fields.Float(required=True, allow_none=True, metadata={"description": "minimal detectable change"})


class ProgressReportSchema(Schema):
    """The figures of an episode's first 6, 12, ... visits, as payers ask for them."""

    report_id = fields.String(required=True, attribute="id")
    patient_id = fields.String(required=True)
    episode_id = fields.String(required=True)
    therapist_id = fields.String(required=True, metadata={"description": "who gave the last of these visits"})
    condition = fields.String(required=True, metadata={"description": "ICD-10-CM category, or unspecified"})
    visits = fields.Integer(required=True)
    visited_at = fields.List(InstantField(), required=True)
    instrument = fields.String(required=True, metadata={"description": "the instrument the episode is judged by"})
    primary = fields.Nested(MeasuredSchema, required=True, allow_none=True)
    function = fields.List(fields.Nested(MeasuredSchema), required=True)
    visits_per_week = fields.Float(required=True, allow_none=True)
    longest_gap_days = fields.Float(required=True, allow_none=True)
    requested = fields.Integer(required=True, metadata={"description": "questionnaires"})
    answered = fields.Integer(required=True)
    action = fields.String(required=True, metadata={"description": "what the figures suggest; a person decides"})
    reason = fields.String(required=True)
    reported_at = InstantField(required=True)
