"""Shapes of /v1/pay/simulations."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

from fascia.web.schemas import DateField, RequestSchema
from outcomes_svc.pay.month import Month
from outcomes_svc.pay.plan import Gates, OutcomePart
from outcomes_svc.pay.schemas import GatesSchema, MoneyField

_WHOLE = Decimal(1)
_NEVER = Month(2000, 1)


class TriedPartSchema(RequestSchema):
    """An outcome part to try; what is left out is as in a new plan."""

    max_share = MoneyField(most=1)
    practice_weight = MoneyField(most=1)
    therapist_weight = MoneyField(most=1)
    full_effect = MoneyField(most=3)
    gates = fields.Nested(GatesSchema)

    @validates_schema
    def _weights(self, data: dict[str, Any], **_: Any) -> None:
        for name, value in data.items():
            if name != "gates" and value < 0:
                raise ValidationError("It is negative.", name)
        if data.get("full_effect") == 0:
            raise ValidationError("An effect of nothing cannot earn the whole share.", "full_effect")
        default = OutcomePart(shadow_until=_NEVER)
        weights = [data.get(name, getattr(default, name)) for name in ("practice_weight", "therapist_weight")]
        if sum(weights) != _WHOLE:
            raise ValidationError("The two weights do not add up to 1.", "practice_weight")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> OutcomePart:
        gates = data.pop("gates", None) or Gates()
        return OutcomePart(shadow_until=_NEVER, gates=gates, **data)


class SimulationRequestSchema(RequestSchema):
    """Which episodes to pay, and by which outcome part."""

    opened_from = DateField(required=True, data_key="from", metadata={"description": "first day of opening, UTC"})
    opened_until = DateField(
        required=True, data_key="until", metadata={"description": "first day no longer among them"}
    )
    outcome = fields.Nested(
        TriedPartSchema,
        load_default=None,
        allow_none=True,
        metadata={"description": "null: as in the practice's newest plan, or as in a new one"},
    )


class SimulatedGateSchema(Schema):
    """One gate."""

    name = fields.String(required=True)
    value = fields.Float(required=True)
    needed = fields.Float(required=True)
    passed = fields.Boolean(required=True)


class SimulatedTherapistSchema(Schema):
    """What one therapist would have got on top of base pay."""

    therapist_id = fields.String(required=True)
    episodes = fields.Integer(required=True)
    followed_up = fields.Integer(required=True)
    n_eff = fields.Float(required=True)
    mean_residual = fields.Float(required=True, allow_none=True)
    reliability = fields.Float(required=True)
    effect = fields.Float(required=True)
    qualifies = fields.Boolean(required=True)
    gates = fields.List(fields.Nested(SimulatedGateSchema), required=True)
    practice_rate = MoneyField(required=True, metadata={"description": "what the practice's share alone gives"})
    rate = MoneyField(required=True, metadata={"description": "share of base pay"})
    base = MoneyField(required=True, allow_none=True, metadata={"description": "null without a pay plan's rates"})
    amount = MoneyField(required=True, allow_none=True)


class PastPaySchema(Schema):
    """What a plan would have paid. Nothing of it is kept."""

    opened_from = fields.Date(required=True, data_key="from")
    opened_until = fields.Date(required=True, data_key="until")
    model_version = fields.String(required=True)
    model_source = fields.String(required=True, metadata={"description": "frozen or fitted_for_this"})
    model_year = fields.Integer(required=True)
    practice_effect = fields.Float(required=True)
    standard_error = fields.Float(required=True)
    tau2 = fields.Float(required=True)
    sigma2 = fields.Float(required=True)
    currency = fields.String(required=True, allow_none=True)
    therapists = fields.List(fields.Nested(SimulatedTherapistSchema), required=True)
    excluded = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
