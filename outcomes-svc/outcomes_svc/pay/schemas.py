"""Shapes of /v1/pay: plans, recorded entries, runs and statements."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from fascia.problem import RuleViolation
from fascia.web.pages import PageQuerySchema
from fascia.web.schemas import DateField, IdField, InstantField, RequestSchema, ZoneField
from outcomes_svc.pay.month import Month
from outcomes_svc.pay.plan import DriveSource, Gates, OutcomePart, Rate, RateUnit, TravelPay, UnitRule
from outcomes_svc.pay.work import EntryKind


class MonthField(fields.String):
    """A calendar month, `YYYY-MM`."""

    fix = "Send YYYY-MM, such as 2027-05."

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Month:  # type: ignore[override]
        try:
            return Month.read(super()._deserialize(value, attr, data, **kwargs))
        except RuleViolation:
            raise ValidationError("Not a month.") from None

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else str(value)


class MoneyField(fields.Decimal):
    """A decimal number; text on the way out, so that no reader makes a float of it."""

    fix = "Send a number with a point, such as 11.50."

    def __init__(self, *, most: int = 1_000_000, **kwargs: Any) -> None:
        metadata = {"description": "a decimal number, as text or number", **kwargs.pop("metadata", {})}
        super().__init__(as_string=True, validate=validate.Range(-most, most), metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, bool) or len(str(value)) > 20 or "e" in str(value).lower():
            raise ValidationError("Not a decimal number.")
        return super()._deserialize(value, attr, data, **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else format(value, "f")


class RateSchema(RequestSchema):
    """A base rate. `service_type` null: every service type of the setting without a rate of its own."""

    setting = fields.String(required=True, metadata={"description": "clinic, hospital, private or mobile"})
    service_type = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 80))
    per = fields.Enum(RateUnit, by_value=True, load_default=RateUnit.UNIT, metadata={"description": "unit: 15 minutes"})
    amount = MoneyField(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Rate:
        return Rate(**data)


class TravelPaySchema(RequestSchema):
    """Pay for the way."""

    per_kilometre = MoneyField()
    per_minute = MoneyField()
    minutes_from = fields.Enum(DriveSource, by_value=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> TravelPay:
        return TravelPay(**data)


class GatesSchema(RequestSchema):
    """What an individual part needs, at least."""

    n_eff = MoneyField()
    reliability = MoneyField()
    follow_up = MoneyField()

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Gates:
        return Gates(**data)


class OutcomePartSchema(RequestSchema):
    """The part for results; with the defaults m = clip(0.10 * (0.7 * u + 0.3 * v) / 0.2, 0, 0.10)."""

    shadow_until = MonthField(required=True, metadata={"description": "the last month that is shown and not paid"})
    max_share = MoneyField()
    practice_weight = MoneyField()
    therapist_weight = MoneyField()
    full_effect = MoneyField()
    window_months = fields.Integer(strict=True)
    settled_days = fields.Integer(strict=True)
    gates = fields.Nested(GatesSchema)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> OutcomePart:
        return OutcomePart(**data)


class PlanRequestSchema(RequestSchema):
    """A new version of the practice's pay plan; earlier versions stay."""

    effective_from = MonthField(required=True)
    currency = fields.String(required=True)
    time_zone = ZoneField(required=True)
    rates = fields.List(fields.Nested(RateSchema), required=True, validate=validate.Length(1, 200))
    unit_rule = fields.Enum(UnitRule, by_value=True)
    hourly = MoneyField(allow_none=True)
    travel = fields.Nested(TravelPaySchema)
    outcome = fields.Nested(OutcomePartSchema, allow_none=True)
    zones = fields.Dict(
        keys=fields.String(), values=ZoneField(), metadata={"description": "therapists who work in another zone, by id"}
    )
    issue_on_day = fields.Integer(
        strict=True, allow_none=True, metadata={"description": "day of the next month on which statements go out"}
    )


class PlanSchema(PlanRequestSchema):
    """A version of the practice's pay plan."""

    version = fields.Integer(required=True)
    created_at = InstantField(required=True)


class EntryRequestSchema(RequestSchema):
    """Something of a therapist's day that is paid beside sessions."""

    therapist_id = IdField(required=True)
    kind = fields.Enum(EntryKind, by_value=True, required=True)
    date = DateField(required=True)
    quantity = MoneyField(required=True, metadata={"description": "hours, kilometres or minutes"})


class EntrySchema(Schema):
    """A recorded entry. A withdrawn one no longer counts."""

    entry_id = fields.String(required=True, attribute="id")
    version = fields.Integer(required=True)
    therapist_id = fields.String(required=True)
    kind = fields.String(required=True)
    date = DateField(required=True)
    quantity = MoneyField(required=True)
    recorded_at = InstantField(required=True)
    withdrawn_at = InstantField(required=True, allow_none=True)


class OfTherapistAndMonthSchema(PageQuerySchema):
    """The filters of lists of entries and statements."""

    therapist_id = IdField()
    month = fields.String(validate=validate.Regexp(r"^20\d{2}-(0[1-9]|1[0-2])$"), metadata={"description": "YYYY-MM"})


class MonthRequestSchema(RequestSchema):
    """Which month."""

    month = MonthField(required=True)


class RunSchema(Schema):
    """How far the statements of a month are. `issued` may stay below `therapists`: some have nothing to be paid."""

    month = MonthField(required=True)
    state = fields.String(required=True, metadata={"description": "running or done"})
    therapists = fields.Integer(required=True)
    waiting = fields.Function(lambda run: len(run.waiting), metadata={"type": "integer"})
    issued = fields.Integer(required=True)
    plan_version = fields.Integer(required=True)
    model_version = fields.String(required=True, allow_none=True)
    started_at = InstantField(required=True)


class StatementSchema(Schema):
    """A statement in a list; the document itself is at /v1/pay/statements/{statement_id}."""

    statement_id = fields.String(required=True, attribute="id")
    version = fields.Integer(required=True)
    therapist_id = fields.String(required=True)
    month = MonthField(required=True)
    sequence = fields.Integer(required=True, metadata={"description": "counts the therapist's statements from 1"})
    sha256 = fields.String(required=True)
    issued_at = InstantField(required=True)


class CorrectionSchema(Schema):
    """A line that comes out differently."""

    key = fields.String(required=True)
    cause = fields.String(required=True)
    reference = fields.String(required=True)
    before = MoneyField(required=True)
    after = MoneyField(required=True)
    difference = MoneyField(required=True)


class ReplaySchema(Schema):
    """Whether computing it again gave the same bytes, and if not, where they part."""

    equal = fields.Boolean(required=True)
    sha256 = fields.String(required=True, allow_none=True)
    difference = fields.String(required=True, allow_none=True)


class RecalculationSchema(Schema):
    """A statement computed again: from its own inputs, and from what the events left with the service."""

    statement_id = fields.String(required=True, attribute="statement.id")
    sha256 = fields.String(required=True, attribute="statement.sha256")
    kept = fields.Nested(ReplaySchema, required=True)
    projected = fields.Nested(ReplaySchema, required=True)


class DifferencesSchema(Schema):
    """Lines that come out differently now."""

    items = fields.List(fields.Nested(CorrectionSchema), required=True)
