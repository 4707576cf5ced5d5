"""progress.*: what treatment has come to, for the reports that payers ask for (outcomes-svc)."""

from __future__ import annotations

from marshmallow import fields, validate

from fascia.contracts.catalogue import event
from fascia.contracts.event_schema import EventSchema, Instant, identifier

JUDGEMENTS = ("baseline", "improved", "unchanged", "worse", "not_comparable")
ACTIONS = ("continue", "re_evaluate", "discharge", "refer_back")


def _points(description: str) -> fields.Float:
    return fields.Float(allow_none=True, load_default=None, metadata={"description": description})


class MeasuredSchema(EventSchema):
    """One instrument: its first score, its latest, and what lies between, in points of the instrument."""

    instrument = fields.String(required=True)
    instrument_version = fields.String(required=True)
    baseline = fields.Float(required=True)
    baseline_at = Instant(required=True)
    current = fields.Float(required=True)
    current_at = Instant(required=True)
    change = _points("positive is better; null where only the baseline is there or nothing can be compared")
    judgement = fields.String(required=True, validate=validate.OneOf(JUDGEMENTS))
    rule = fields.String(
        allow_none=True, load_default=None, metadata={"description": "what judged: rci_and_mic, mdc_and_mic or mic"}
    )
    rci = _points("reliable change index, positive is better; null where no standard error is known")
    mic = _points("minimal important change")
    mic_share = _points("minimal important change as a share of the baseline")
    mdc = _points("minimal detectable change")


@event("progress.reported", producer="outcomes-svc", key="patient_id", phi=False)
class ProgressReported(EventSchema):
    """The progress report of an episode's first 6, 12, ... visits: its figures as they are now known."""

    report_id = identifier()
    patient_id = identifier()
    episode_id = identifier()
    therapist_id = identifier(metadata={"description": "who gave the last visit that is covered"})
    state = fields.String(
        load_default="reported",
        validate=validate.OneOf(("reported", "withdrawn")),
        metadata={"description": "withdrawn: by an amendment the episode has fewer visits"},
    )
    condition = fields.String(required=True, metadata={"description": "ICD-10-CM category, or unspecified"})
    visits = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    visited_at = fields.List(Instant(), required=True, metadata={"description": "the ends of the visits, in order"})
    instrument = fields.String(required=True, metadata={"description": "the instrument the episode is judged by"})
    primary = fields.Nested(MeasuredSchema, allow_none=True, load_default=None)
    function = fields.List(fields.Nested(MeasuredSchema), load_default=list)
    visits_per_week = fields.Float(allow_none=True, load_default=None)
    longest_gap_days = fields.Float(allow_none=True, load_default=None)
    requested = fields.Integer(load_default=0, strict=True)
    answered = fields.Integer(load_default=0, strict=True)
    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    reason = fields.String(required=True)
    reported_at = Instant(required=True)
