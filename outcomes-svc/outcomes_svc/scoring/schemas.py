"""Shapes of /v1/scores."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fascia.web.pages import PageQuerySchema
from fascia.web.schemas import IdField, InstantField
from outcomes_svc.scoring.score import ScoreState


class ScoreQuerySchema(PageQuerySchema):
    """The filters of a list of scores."""

    patient_id = IdField()
    session_id = IdField()
    episode_id = IdField()
    assessment_id = IdField()
    instrument = IdField()
    state = fields.String(
        validate=validate.OneOf([state.value for state in ScoreState]),
        metadata={"description": "one state alone: scored, refused or withdrawn; goes before `include`"},
    )
    include = fields.String(
        validate=validate.OneOf(("refusals", "all")),
        metadata={"description": "refusals: also what could not be scored; all: also what was withdrawn"},
    )


class FaultSchema(Schema):
    """Why answers could not be scored."""

    code = fields.String(required=True)
    item = fields.String(required=True, allow_none=True)
    message = fields.String(required=True)
    fix = fields.String(required=True)


class ScoreSchema(Schema):
    """A score with its inputs. `value` is null unless `state` is scored; `change` is positive when better.

    All of it follows from what was measured, so it is the same however often and whenever that was worked out.
    """

    score_id = fields.String(required=True, attribute="id")
    state = fields.String(required=True, metadata={"description": "scored, refused or withdrawn"})
    source = fields.String(
        required=True, metadata={"description": "where it was taken: evaluation, session or patient"}
    )
    answered_by = fields.String(required=True, metadata={"description": "patient, therapist or unknown"})
    patient_id = fields.String(required=True)
    episode_id = fields.String(required=True)
    therapist_id = fields.String(required=True, allow_none=True)
    session_id = fields.String(required=True, allow_none=True)
    assessment_id = fields.String(required=True, allow_none=True)
    instrument = fields.String(required=True)
    instrument_version = fields.String(required=True, allow_none=True)
    answers = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)
    rule = fields.String(required=True, allow_none=True)
    value = fields.Float(required=True, allow_none=True)
    standard_error = fields.Float(
        required=True, allow_none=True, metadata={"description": "of this score, in its points; null where unknown"}
    )
    band = fields.String(required=True, allow_none=True, metadata={"description": "the name of how high the score is"})
    parts = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        required=True,
        metadata={"description": "further scores of the same form by their code; change is judged on `value` alone"},
    )
    change = fields.Float(required=True, allow_none=True)
    judgement = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "baseline, improved, unchanged, worse or not_comparable"},
    )
    change_rule = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "what judged the change: rci_and_mic, mdc_and_mic or mic"},
    )
    rci = fields.Float(
        required=True, allow_none=True, metadata={"description": "reliable change index, positive is better"}
    )
    no_rci = fields.String(
        required=True, allow_none=True, metadata={"description": "why a change has no reliable change index"}
    )
    compared_items = fields.List(fields.String(), required=True)
    baseline_id = fields.String(required=True, allow_none=True)
    refusals = fields.List(fields.Nested(FaultSchema), required=True, attribute="faults")
    measured_at = InstantField(required=True)
