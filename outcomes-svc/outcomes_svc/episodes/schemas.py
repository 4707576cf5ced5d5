"""Shapes of /v1/episodes."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fascia.web.pages import PageQuerySchema
from fascia.web.schemas import IdField, InstantField, RequestSchema
from outcomes_svc.episodes.episode import DischargeReason, EpisodeState


class EpisodeQuerySchema(PageQuerySchema):
    """The filters of a list of episodes."""

    patient_id = IdField()
    session_id = IdField()
    state = fields.String(validate=validate.OneOf([state.value for state in EpisodeState]))


class PrimarySchema(Schema):
    """The instrument that the episode is judged by."""

    instrument = fields.String(required=True)
    version = fields.String(required=True)
    stand_in = fields.Boolean(
        required=True, metadata={"description": "the instrument that fits best does not ship yet"}
    )


class DischargeRequestSchema(RequestSchema):
    """Why treatment ends."""

    reason = fields.Enum(DischargeReason, by_value=True, required=True)


class DischargeSchema(Schema):
    """Who ended treatment, when and why. It stands while no session came after it."""

    at = InstantField(required=True)
    by = fields.String(required=True)
    reason = fields.String(required=True)


class EpisodeSchema(Schema):
    """Sessions of one patient for one condition that belong together."""

    episode_id = fields.String(required=True, attribute="id")
    version = fields.Integer(required=True)
    patient_id = fields.String(required=True)
    condition = fields.String(required=True, metadata={"description": "ICD-10-CM category, or unspecified"})
    state = fields.String(required=True)
    close_reason = fields.String(required=True, allow_none=True)
    discharge = fields.Nested(DischargeSchema, required=True, allow_none=True)
    primary = fields.Nested(PrimarySchema, required=True)
    opened_at = InstantField(required=True)
    last_session_at = InstantField(required=True)
    closes_at = InstantField(required=True, metadata={"description": "unless another session comes before"})
    sessions = fields.Integer(required=True)
