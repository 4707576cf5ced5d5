"""Shapes of /v1/results and of a patient's results."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from fascia.web.schemas import DateField, IdField, RequestSchema
from outcomes_svc.results.breakdown import By
from outcomes_svc.results.funnel import Measure

FORMATS = ("json", "csv", "svg", "png", "html")
_FORMAT = {"description": "instead of the header Accept"}


def _share(description: str) -> Any:
    return fields.Float(required=True, allow_none=True, metadata={"description": description})


class PeriodQuerySchema(RequestSchema):
    """Which episodes, and in which form."""

    first = DateField(
        data_key="from",
        load_default=None,
        metadata={"description": "first day of the first month in which episodes opened; twelve months by default"},
    )
    last = DateField(
        data_key="to",
        load_default=None,
        metadata={"description": "last day of the last month; this month by default"},
    )
    condition = fields.String(
        load_default=None,
        validate=validate.Regexp(r"[A-Z][0-9][0-9A-Z]$|unspecified$", error="Not a category of ICD-10-CM."),
        metadata={"description": "three characters of ICD-10-CM, or unspecified", "example": "M54"},
    )
    instrument = IdField(load_default=None, metadata={"description": "id, for example PEG"})
    format = fields.String(load_default=None, validate=validate.OneOf(FORMATS), metadata=_FORMAT)


class FunnelQuerySchema(PeriodQuerySchema):
    """Which groups are compared, and by what."""

    by = fields.String(load_default=By.THERAPIST.value, validate=validate.OneOf((By.THERAPIST, By.LOCATION)))
    measure = fields.String(
        load_default=None,
        validate=validate.OneOf([measure.value for measure in Measure]),
        metadata={"description": "residual where a prediction model is published, improved otherwise"},
    )


class FigureSchema(Schema):
    """A figure with its 95% interval and what it rests on. `missing` says why `value` is null."""

    value = fields.Float(required=True, allow_none=True)
    low = fields.Float(required=True, allow_none=True)
    high = fields.Float(required=True, allow_none=True)
    unit = fields.String(required=True)
    episodes = fields.Integer(required=True, metadata={"description": "what it rests on"})
    of = fields.Integer(required=True, metadata={"description": "closed episodes of the group"})
    completeness = _share("episodes / of")
    missing = fields.String(required=True, allow_none=True)


class CompletenessSchema(Schema):
    """How much is known. An episode may be excluded for several reasons."""

    episodes = fields.Integer(required=True)
    still_open = fields.Integer(required=True)
    closed = fields.Integer(required=True)
    with_baseline = fields.Integer(required=True)
    counted = fields.Integer(required=True)
    followed_up = fields.Integer(required=True)
    awaited = fields.Integer(required=True, metadata={"description": "not followed up, and there is still time"})
    share_with_baseline = _share("of the closed episodes")
    share_followed_up = _share("of the counted episodes")
    excluded = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class GroupFiguresSchema(Schema):
    """The figures of a group.

    Suppressed: fewer than 10 episodes with a known change, or needed to keep such a group from being computed.
    """

    key = fields.String(required=True)
    suppressed = fields.Boolean(required=True)
    improved = fields.Nested(FigureSchema, required=True, allow_none=True)
    residual = fields.Nested(FigureSchema, required=True, allow_none=True)
    mean_change = fields.Nested(FigureSchema, required=True, allow_none=True)
    response = fields.Nested(
        FigureSchema, required=True, allow_none=True, metadata={"description": "standardised response mean"}
    )


class PeriodSchema(Schema):
    """Whole months, both days included."""

    first = fields.Date(required=True, data_key="from")
    last = fields.Date(required=True, data_key="to")


class SummarySchema(Schema):
    """What a group achieved."""

    by = fields.String(required=True, attribute="group.by", metadata={"description": "practice, location or therapist"})
    group = fields.String(required=True, attribute="group.group", metadata={"description": "its id; * for all"})
    condition = fields.String(required=True, attribute="group.condition", metadata={"description": "* for all"})
    instrument = fields.String(required=True, attribute="group.instrument", metadata={"description": "* for all"})
    period = fields.Nested(PeriodSchema, required=True)
    completeness = fields.Nested(CompletenessSchema, required=True)
    whole = fields.Nested(GroupFiguresSchema, required=True)
    by_condition = fields.List(fields.Nested(GroupFiguresSchema), required=True)
    by_instrument = fields.List(fields.Nested(GroupFiguresSchema), required=True)
    models = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "version of the prediction model by the year in which episodes opened"},
    )


class LimitsSchema(Schema):
    """Control limits for a number of episodes."""

    episodes = fields.Float(required=True)
    low_99_8 = fields.Float(required=True, attribute="lowest")
    low_95 = fields.Float(required=True, attribute="low")
    high_95 = fields.Float(required=True, attribute="high")
    high_99_8 = fields.Float(required=True, attribute="highest")


class PointSchema(Schema):
    """A group of a funnel. `group` is null where the reader may not know who it is."""

    number = fields.Integer(required=True, metadata={"description": "as on the chart"})
    group = fields.String(required=True, allow_none=True)
    own = fields.Boolean(required=True)
    value = fields.Float(required=True)
    episodes = fields.Float(required=True, metadata={"description": "the effective number, for residuals"})
    followed_up = fields.Integer(required=True)
    of = fields.Integer(required=True, metadata={"description": "closed episodes of the group"})
    position = fields.String(required=True)
    limits = fields.Nested(LimitsSchema, required=True)


class OverdispersionSchema(Schema):
    """Whether groups differ by more than chance, and whether the limits were widened for it."""

    groups = fields.Integer(required=True)
    phi = fields.Float(required=True, allow_none=True)
    statistic = fields.Float(required=True, allow_none=True)
    p_value = fields.Float(required=True, allow_none=True)
    widened = fields.Boolean(required=True)


class CaseMixCheckSchema(Schema):
    """Whether residuals hang on what was predicted; where the model fits they do not."""

    episodes = fields.Integer(required=True)
    correlation = fields.Float(required=True, allow_none=True)
    p_value = fields.Float(required=True, allow_none=True)
    holds = fields.Boolean(required=True, allow_none=True)


class FunnelSchema(Schema):
    """Groups beside what chance alone does to groups of their size."""

    target = fields.Float(required=True)
    spread = fields.Float(required=True, allow_none=True)
    hidden = fields.Integer(required=True, metadata={"description": "groups that are not shown"})
    points = fields.List(fields.Nested(PointSchema), required=True)
    curve = fields.List(fields.Nested(LimitsSchema), required=True)
    overdispersion = fields.Nested(OverdispersionSchema, required=True)
    case_mix = fields.Nested(CaseMixCheckSchema, required=True, allow_none=True)


class ComparisonSchema(Schema):
    """A funnel, with how to read it in plain words; `funnel` is null where there is nothing to compare."""

    by = fields.String(required=True)
    measure = fields.String(required=True)
    period = fields.Nested(PeriodSchema, required=True)
    completeness = fields.Nested(CompletenessSchema, required=True)
    headline = fields.String(required=True)
    notes = fields.List(fields.String(), required=True)
    funnel = fields.Nested(FunnelSchema, required=True, allow_none=True)
