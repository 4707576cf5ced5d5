"""The shapes of drive times on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields

from fascia.web.schemas import DateField, InstantField, RequestSchema
from scheduling_svc.travel.travel import Source


class TravelErrorSchema(Schema):
    """Minutes by which drive times are off."""

    mean = fields.Float(required=True, metadata={"description": "of the errors without their signs"})
    p90 = fields.Float(required=True)
    bias = fields.Float(required=True, metadata={"description": "above 0: drives take less than was said"})


class TravelEvidenceSchema(Schema):
    """How far off a source of drive times is before and after, the latter on drives that the fit had not seen."""

    drives = fields.Integer(required=True)
    before = fields.Nested(TravelErrorSchema, required=True)
    after = fields.Nested(TravelErrorSchema, required=True)


class TravelSettingsSchema(Schema):
    """What a calibration changes of the practice's settings."""

    kmh_by_hour = fields.List(fields.Float(), required=True)
    drive_overhead_minutes = fields.Float(required=True)
    road_factor_by_hour = fields.List(fields.Float(), required=True)
    road_overhead_minutes = fields.Float(required=True)


class CalibrationRequestSchema(RequestSchema):
    """Which days to look at, both included; by default the last 90."""

    first = DateField(load_default=None, allow_none=True, data_key="from")
    last = DateField(load_default=None, allow_none=True, data_key="to")


class CalibrationSchema(Schema):
    """A calibration, and whether it was applied."""

    id = fields.String(required=True)
    first = DateField(required=True, data_key="from")
    last = DateField(required=True, data_key="to")
    made_at = InstantField(required=True)
    applied_at = InstantField(required=True, allow_none=True)
    proposed = fields.Nested(TravelSettingsSchema, required=True)
    estimate = fields.Nested(TravelEvidenceSchema, required=True)
    roads = fields.Nested(
        TravelEvidenceSchema,
        required=True,
        allow_none=True,
        metadata={"description": "null where the routing engine told too few of the drives"},
    )
    doubts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "drives that were left out, by reason"},
    )


class RoadsSchema(Schema):
    """The routing engine as this process sees it."""

    answers = fields.Boolean(required=True, metadata={"description": "false: drives are estimated for now"})
    silence = fields.String(required=True, allow_none=True, metadata={"description": "why it did not tell last time"})


class TravelSchema(Schema):
    """Where this practice's drive times come from."""

    source = fields.Enum(Source, by_value=True, required=True)
    roads = fields.Nested(RoadsSchema, required=True, allow_none=True)
    circuity = fields.Float(required=True)
    settings = fields.Nested(TravelSettingsSchema, required=True)
    calibration = fields.Nested(
        CalibrationSchema, required=True, allow_none=True, metadata={"description": "the one applied last"}
    )
    calibrated = fields.Boolean(
        required=True, metadata={"description": "whether the settings are still those that it proposed"}
    )
