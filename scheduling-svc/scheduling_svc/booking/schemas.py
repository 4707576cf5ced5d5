"""The shapes of offers, holds and appointments on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from fascia.web.pages import PageQuerySchema
from fascia.web.schemas import DateField, IdField, InstantField, LocalTimeField, RequestSchema, ZoneField
from scheduling_svc.booking.appointment import PROGRESS, Reason, Status
from scheduling_svc.booking.hold import HoldState
from scheduling_svc.travel.travel import Because, Source
from scheduling_svc.workforce.place import SETTINGS
from scheduling_svc.workforce.schemas import skills

_BY_PEOPLE = (Reason.PATIENT, Reason.PRACTICE, Reason.NO_SHOW)


def _setting() -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(SETTINGS))


class OffersRequestSchema(RequestSchema):
    """What a patient needs and when it would suit them."""

    patient_id = IdField(required=True)
    service_type = fields.String(required=True)
    setting = _setting()
    claim_id = IdField(load_default=None, allow_none=True)
    earliest = InstantField(required=True, data_key="from")
    latest = InstantField(required=True, data_key="to", metadata={"description": "the latest start"})
    therapist_id = IdField(load_default=None, allow_none=True)
    location_id = IdField(load_default=None, allow_none=True)
    skills = skills("techniques asked for beside those of the service")
    instead_of = IdField(
        load_default=None,
        allow_none=True,
        metadata={"description": "the appointment that would be moved: it is in nobody's way"},
    )
    limit = fields.Integer(load_default=10, strict=True, validate=validate.Range(1, 200))
    apart_minutes = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(0, 24 * 60),
        metadata={
            "description": "two windows of one therapist open at least so far apart (by default half of a window): "
            "the more, the more variety, the less, the cheaper the first offers"
        },
    )


class VisitFieldsSchema(Schema):
    """Who, what, where and when."""

    patient_id = fields.String(required=True)
    service_type = fields.String(required=True)
    setting = fields.String(required=True)
    claim_id = fields.String(required=True, allow_none=True)
    therapist_id = fields.String(required=True)
    location_id = fields.String(required=True, allow_none=True)
    room_id = fields.String(required=True, allow_none=True)
    starts_at = InstantField(required=True)
    ends_at = InstantField(required=True)
    local_start = fields.String(required=True)
    time_zone = fields.String(required=True)
    promised_from = InstantField(required=True, metadata={"description": "it begins then at the earliest"})
    promised_until = InstantField(required=True, metadata={"description": "it begins then at the latest"})
    skills = fields.List(fields.String(), required=True)
    asked_for = fields.Boolean(required=True, metadata={"description": "this therapist and no other"})
    partner_id = fields.String(required=True, allow_none=True, metadata={"description": "the other half of a tandem"})


class PartsSchema(Schema):
    """Why an offer ranks where it does: what it costs, part by part, in minutes of driving."""

    driving = fields.Integer(required=True, metadata={"description": "what the therapists drive more"})
    overtime = fields.Integer(required=True, metadata={"description": "the way home ends after the shift"})
    continuity = fields.Float(required=True, metadata={"description": "another therapist knows the patient better"})
    preference = fields.Integer(required=True, metadata={"description": "the patient prefers other therapists"})
    fairness = fields.Float(required=True, metadata={"description": "the therapist has more to do than the others"})
    fill = fields.Float(required=True, metadata={"description": "it leaves a gap that nobody can use"})
    foresight = fields.Float(
        required=True, metadata={"description": "what it costs more, or less, once expected visits are made, too"}
    )
    scarcity = fields.Integer(
        required=True,
        metadata={"description": "they have learnt what this visit does not need and others lack"},
    )
    total = fields.Float(required=True)


class OfferSchema(VisitFieldsSchema):
    """A visit that could be booked now: send it unchanged to POST /v1/holds."""

    added_drive_minutes = fields.Integer(required=True, metadata={"description": "what the therapists drive more"})
    parts = fields.Nested(PartsSchema, required=True)
    second_therapist_id = fields.String(
        required=True, allow_none=True, metadata={"description": "who comes along, for a tandem visit"}
    )


class TravelBasisSchema(Schema):
    """What the drive times rest on by which it was judged."""

    source = fields.Enum(Source, by_value=True, required=True)
    estimated = fields.Integer(required=True, metadata={"description": "drives estimated where roads were asked"})
    because = fields.List(fields.Enum(Because, by_value=True), required=True)


class OffersSchema(Schema):
    """Offers in order of what they cost, then time; an empty list means that nobody is free."""

    items = fields.List(fields.Nested(OfferSchema), required=True)
    travel = fields.Nested(TravelBasisSchema, required=True)


class SlotSchema(RequestSchema):
    """A slot: an offer as it was given, or the same fields written by hand.

    When it begins is told by `starts_at` or by `local_start` with `time_zone`.
    """

    patient_id = IdField(required=True)
    service_type = fields.String(required=True)
    setting = _setting()
    claim_id = IdField(load_default=None, allow_none=True)
    therapist_id = IdField(required=True)
    location_id = IdField(load_default=None, allow_none=True)
    room_id = IdField(load_default=None, allow_none=True)
    starts_at = InstantField(load_default=None)
    ends_at = InstantField(load_default=None)
    local_start = LocalTimeField(load_default=None, zone_field="time_zone")
    time_zone = ZoneField(load_default=None)
    promised_from = InstantField(load_default=None)
    promised_until = InstantField(load_default=None)
    skills = skills("techniques asked for beside those of the service")
    asked_for = fields.Boolean(load_default=False, metadata={"description": "this therapist and no other"})
    second_therapist_id = IdField(
        load_default=None, allow_none=True, metadata={"description": "who comes along, for a tandem visit"}
    )
    partner_id = IdField(load_default=None, allow_none=True, metadata={"description": "of the offer; not used"})
    added_drive_minutes = fields.Integer(load_default=None, metadata={"description": "of the offer; not used"})
    parts = fields.Dict(load_default=None, allow_none=True, metadata={"description": "of the offer; not used"})

    @validates_schema
    def _says_when(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("starts_at") is None and data.get("local_start") is None:
            raise ValidationError({"starts_at": ["Missing data for required field."]})
        if data.get("local_start") is not None and data.get("time_zone") is None:
            raise ValidationError({"time_zone": ["Missing data for required field."]})


class HoldSchema(VisitFieldsSchema):
    """A slot that is kept for a few minutes."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.Enum(HoldState, by_value=True, required=True)
    expires_at = InstantField(required=True)
    drive_minutes = fields.Integer(required=True)
    added_drive_minutes = fields.Integer(required=True)


class BookingRequestSchema(RequestSchema):
    """Either `hold_id`, or the slot itself to book in one step."""

    hold_id = IdField(load_default=None)
    slot = fields.Nested(SlotSchema, load_default=None, metadata={"description": "books without a hold"})

    @validates_schema
    def _one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        if (data.get("hold_id") is None) == (data.get("slot") is None):
            raise ValidationError({"hold_id": ["Send either hold_id or slot."]})


class ChangeSchema(Schema):
    """One step of an appointment's history."""

    status = fields.Enum(Status, by_value=True, required=True)
    at = InstantField(required=True)


class AppointmentSchema(VisitFieldsSchema):
    """A visit promised to a patient."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    date = DateField(required=True)
    status = fields.Enum(Status, by_value=True, required=True)
    calendar_sequence = fields.Integer(required=True)
    cancelled_because = fields.Enum(Reason, by_value=True, required=True, allow_none=True)
    late = fields.Boolean(required=True)
    started_at = InstantField(required=True, allow_none=True)
    ended_at = InstantField(required=True, allow_none=True)
    session_id = fields.String(required=True, allow_none=True)
    history = fields.List(fields.Nested(ChangeSchema), required=True)


class AppointmentsQuerySchema(PageQuerySchema):
    """Which appointments."""

    patient_id = IdField(load_default=None)
    therapist_id = IdField(load_default=None)
    claim_id = IdField(load_default=None)
    date = DateField(load_default=None, metadata={"description": "the local day of the visit"})
    status = fields.Enum(Status, by_value=True, load_default=None)


class CancellationSchema(RequestSchema):
    """Why it does not take place."""

    reason = fields.String(required=True, validate=validate.OneOf([reason.value for reason in _BY_PEOPLE]))


class ProgressSchema(RequestSchema):
    """The next step."""

    status = fields.String(required=True, validate=validate.OneOf([status.value for status in PROGRESS]))
