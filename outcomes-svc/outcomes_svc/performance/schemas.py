"""Shapes of /v1/prediction-models."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fascia.web.schemas import InstantField, RequestSchema
from outcomes_svc.performance.publication import EARLIEST


class ModelRequestSchema(RequestSchema):
    """Which year's episodes to fit a model on."""

    year = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(EARLIEST, 9999),
        metadata={"description": "the year in which the episodes opened; all their end scores must have come"},
    )


class MeasureSchema(Schema):
    """An instrument, in one version, that the model knows; spreads in points of the instrument."""

    measure = fields.String(required=True)
    change = fields.Float(required=True, metadata={"description": "standard deviation of change"})
    sigma = fields.Float(required=True, metadata={"description": "standard deviation of residuals"})


class TermSchema(Schema):
    """One coefficient, in standard deviations of change, and what it says."""

    column = fields.String(required=True)
    coefficient = fields.Float(required=True)
    words = fields.String(required=True)


class ExpectedChangeSchema(Schema):
    """What somebody with this baseline is expected to gain, other things being average; in points."""

    measure = fields.String(required=True)
    baseline = fields.Float(required=True)
    change = fields.Float(required=True)


class PredictionModelSchema(Schema):
    """A frozen prediction model, with everything that it rests on."""

    year = fields.Integer(required=True, attribute="model.year")
    version = fields.String(required=True, attribute="model.version", metadata={"description": "hash of the content"})
    frozen_at = InstantField(required=True)
    frozen_by = fields.String(required=True)
    episodes = fields.Integer(required=True, attribute="model.episodes")
    therapists = fields.Integer(required=True, attribute="model.therapists")
    penalty = fields.Float(required=True, attribute="model.penalty")
    intercept = fields.Float(required=True, attribute="model.intercept")
    measures = fields.List(fields.Nested(MeasureSchema), required=True, attribute="model.scales")
    terms = fields.List(fields.Nested(TermSchema), required=True)
    baseline_curve = fields.List(fields.Nested(ExpectedChangeSchema), required=True)
    document = fields.Dict(
        required=True, metadata={"description": "the whole model: with it anybody can compute a prediction again"}
    )
