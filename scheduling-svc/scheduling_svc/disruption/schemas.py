"""The shapes of disruptions and promises at risk on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from fascia.web.pages import PageQuerySchema
from fascia.web.schemas import DateField, IdField, InstantField, RequestSchema
from scheduling_svc.booking.appointment import Reason
from scheduling_svc.disruption.disruption import Cause, Kind, Way
from scheduling_svc.disruption.risk import RiskState
from scheduling_svc.disruption.telling import Level
from scheduling_svc.workforce.schemas import CoordinatesSchema

_NEEDS: dict[Kind, tuple[str, ...]] = {
    Kind.THERAPIST_AWAY: ("therapist_id",),
    Kind.VISIT_CANCELLED: ("appointment_id",),
    Kind.NO_SHOW: ("appointment_id",),
    Kind.OVERRUN: ("appointment_id", "minutes"),
    Kind.URGENT_VISIT: ("patient_id", "service_type", "until"),
    Kind.ROAD_BLOCKED: ("centre", "radius_km"),
}
_MAY_HAVE: dict[Kind, tuple[str, ...]] = {
    Kind.THERAPIST_AWAY: ("since", "until"),
    Kind.VISIT_CANCELLED: ("reason",),
    Kind.NO_SHOW: (),
    Kind.OVERRUN: (),
    Kind.URGENT_VISIT: ("since", "claim_id", "skills"),
    Kind.ROAD_BLOCKED: ("since", "until", "factor", "delay_minutes", "other"),
}
_BY_PEOPLE = (Reason.PATIENT.value, Reason.PRACTICE.value)


class DisruptionRequestSchema(RequestSchema):
    """What went wrong. Which fields it takes depends on `kind`; every other field is refused.

    therapist_away: therapist_id, since, until (left out: all of the day). visit_cancelled: appointment_id, reason.
    no_show: appointment_id. overrun: appointment_id, minutes. urgent_visit: patient_id, service_type, until (it begins
    by then), since, claim_id, skills. road_blocked: centre, radius_km, since, until, factor, delay_minutes, other.
    """

    kind = fields.Enum(Kind, by_value=True, required=True)
    therapist_id = IdField()
    appointment_id = IdField()
    patient_id = IdField()
    service_type = fields.String(validate=validate.Length(min=1, max=120))
    claim_id = IdField(allow_none=True)
    skills = fields.List(fields.String(validate=validate.Length(min=1, max=60)), validate=validate.Length(max=20))
    since = InstantField(metadata={"description": "from when; left out: from now, or the beginning of the day"})
    until = InstantField(metadata={"description": "until when; left out: to the end of the day"})
    reason = fields.String(validate=validate.OneOf(_BY_PEOPLE))
    minutes = fields.Integer(
        strict=True, validate=validate.Range(1, 240), metadata={"description": "longer by so much"}
    )
    centre = fields.Nested(CoordinatesSchema)
    radius_km = fields.Float(validate=validate.Range(min=0, max=200, min_inclusive=False))
    factor = fields.Float(validate=validate.Range(1, 10), metadata={"description": "times as long; default 1.5"})
    delay_minutes = fields.Integer(strict=True, validate=validate.Range(0, 240), metadata={"description": "longer by"})
    other = fields.Nested(
        CoordinatesSchema, metadata={"description": "only the way between both circles is blocked: a bridge, a pass"}
    )

    @validates_schema
    def _fits_its_kind(self, data: dict[str, Any], **_: Any) -> None:
        kind = data.get("kind")
        if kind is None:
            return
        errors = {name: ["Missing data for required field."] for name in _NEEDS[kind] if name not in data}
        allowed = {"kind", *_NEEDS[kind], *_MAY_HAVE[kind]}
        errors |= {name: [f"Does not belong to {kind.value}."] for name in data if name not in allowed}
        if errors:
            raise ValidationError(errors)


class ProposalSchema(Schema):
    """One way to deal with a promise in danger."""

    kind = fields.Enum(Way, by_value=True, required=True)
    therapist_id = fields.String(required=True, allow_none=True)
    starts_at = InstantField(required=True, allow_none=True)
    added_drive_minutes = fields.Integer(required=True, allow_none=True)


class ReplannedSchema(Schema):
    """A visit that is made otherwise than before; `told`: its patient hears of the new time."""

    appointment_id = fields.String(required=True)
    therapist_before = fields.String(required=True)
    starts_before = InstantField(required=True)
    therapist_id = fields.String(required=True)
    starts_at = InstantField(required=True)
    told = fields.Boolean(required=True)


class BrokenSchema(Schema):
    """A promise that no plan keeps; `expected_at` null: nobody can make the visit."""

    appointment_id = fields.String(required=True)
    patient_id = fields.String(required=True)
    therapist_id = fields.String(required=True)
    promised_until = InstantField(required=True)
    expected_at = InstantField(required=True, allow_none=True)
    why = fields.String(required=True)
    proposals = fields.List(fields.Nested(ProposalSchema), required=True)


class DisruptionSchema(Schema):
    """Something that went wrong, and the day after it was planned anew."""

    id = fields.String(required=True)
    date = DateField(required=True)
    kind = fields.Enum(Kind, by_value=True, required=True)
    reported_at = InstantField(required=True)
    reported_by = fields.String(required=True)
    regions = fields.List(fields.String(), required=True)
    replanned = fields.List(fields.Nested(ReplannedSchema), required=True)
    broken = fields.List(fields.Nested(BrokenSchema), required=True)
    keeps_promises = fields.Boolean(required=True)
    hands_changed = fields.Integer(required=True)
    appointment_id = fields.String(
        required=True, allow_none=True, metadata={"description": "the appointment of an urgent visit"}
    )
    solving_ms = fields.Integer(required=True)


class RiskSchema(Schema):
    """A promise in danger."""

    appointment_id = fields.String(required=True, attribute="id", metadata={"description": "it has one promise"})
    version = fields.Integer(required=True)
    state = fields.Enum(RiskState, by_value=True, required=True)
    patient_id = fields.String(required=True)
    date = DateField(required=True)
    therapist_id = fields.String(required=True, attribute="danger.therapist_id")
    cause = fields.Enum(Cause, by_value=True, required=True, attribute="danger.cause")
    promised_until = InstantField(required=True, attribute="danger.promised_until")
    expected_at = InstantField(required=True, allow_none=True, attribute="danger.expected_at")
    late_minutes = fields.Integer(required=True, attribute="danger.late_minutes")
    broken = fields.Boolean(required=True, attribute="danger.broken")
    proposals = fields.List(fields.Nested(ProposalSchema), required=True, attribute="danger.proposals")
    raised_at = InstantField(required=True)
    acknowledged_by = fields.String(required=True, allow_none=True)
    acknowledged_at = InstantField(required=True, allow_none=True)
    resolved_at = InstantField(required=True, allow_none=True)


class RisksQuerySchema(PageQuerySchema):
    """Which promises."""

    all = fields.Boolean(load_default=False, metadata={"description": "with those that are in danger no more"})


class EtaSchema(Schema):
    """When a visit that has not begun is expected."""

    appointment_id = fields.String(required=True)
    patient_id = fields.String(required=True)
    arrives_at = InstantField(required=True)
    starts_at = InstantField(required=True, metadata={"description": "when it is expected to begin"})
    planned_at = InstantField(required=True)
    told_at = InstantField(required=True, metadata={"description": "the patient's appointment"})
    promised_until = InstantField(required=True)
    delayed_minutes = fields.Integer(required=True, metadata={"description": "behind the plan"})
    late_minutes = fields.Integer(required=True, metadata={"description": "past the promise; negative: to spare"})
    promise = fields.Enum(Level, by_value=True, required=True, metadata={"description": "its danger"})


class EtasSchema(Schema):
    """A therapist's day as it runs."""

    therapist_id = fields.String(required=True)
    date = DateField(required=True)
    items = fields.List(fields.Nested(EtaSchema), required=True)
