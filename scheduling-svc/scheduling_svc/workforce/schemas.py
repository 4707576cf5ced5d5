"""The shapes of the workforce on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from fascia.web.schemas import DateField, IdField, InstantField, LocalTimeField, PhoneField, RequestSchema, TextField
from fascia.web.schemas import ZoneField as TimeZoneField
from scheduling_svc.workforce.place import SETTINGS, SITE_SETTINGS
from scheduling_svc.workforce.planning_policy import PlanningPolicy
from scheduling_svc.workforce.practice import DEFAULT_CIRCUITY, DEFAULT_KMH_BY_HOUR
from scheduling_svc.workforce.service_type import Kind
from scheduling_svc.workforce.therapist import MAIN_REGION

_OWN_ID = validate.Regexp(r"^[a-z0-9][a-z0-9-]{0,59}\Z", error="Use lower-case letters, digits and hyphens.")
_STATE = validate.Regexp(r"^[A-Z]{2}\Z", error="Not a two-letter state.")


def _of_day_or_week(values: list[float]) -> None:
    if len(values) not in (24, 168):
        raise ValidationError("Send 24 values for the hours of a day, or 168 for those of a week.")


def own_id() -> fields.String:
    """An id that the practice chooses; left out, one is made."""
    return fields.String(
        validate=_OWN_ID, load_default=None, metadata={"description": "own id; by default one is made"}
    )


def skills(meaning: str) -> fields.List[str]:
    """A list of skills or techniques, by the practice's own codes."""
    return fields.List(fields.String(validate=_OWN_ID), load_default=list, metadata={"description": meaning})


def _minutes_worth(default: int, what: str) -> fields.Integer:
    bounds = validate.Range(0, 240)
    return fields.Integer(load_default=default, strict=True, validate=bounds, metadata={"description": what})


def _is_area(corners: list[Any]) -> None:
    if len(corners) in (1, 2):
        raise ValidationError("An area has three corners at least.")


class CoordinatesSchema(RequestSchema):
    """WGS 84 degrees."""

    latitude = fields.Float(required=True, validate=validate.Range(-90, 90))
    longitude = fields.Float(required=True, validate=validate.Range(-180, 180))


class AddressSchema(RequestSchema):
    """A postal address on the map."""

    line = TextField(required=True)
    city = TextField(required=True)
    state = fields.String(required=True, validate=_STATE)
    postal_code = TextField(required=True, at_most=20)
    country = fields.String(load_default="US", validate=validate.Regexp(r"^[A-Z]{2}\Z"))
    coordinates = fields.Nested(CoordinatesSchema, required=True)


class PlanningPolicySchema(RequestSchema):
    """What the practice finds worth how many minutes of driving when visits are offered and days are planned."""

    continuity_minutes = _minutes_worth(
        PlanningPolicy.continuity_minutes, "that a patient sees the therapist who treated them before"
    )
    preference_minutes = _minutes_worth(
        PlanningPolicy.preference_minutes, "that a patient sees a therapist whom they prefer"
    )
    change_of_hands_minutes = _minutes_worth(
        PlanningPolicy.change_of_hands_minutes, "that a planned visit stays with its therapist"
    )
    fill_minutes = _minutes_worth(
        PlanningPolicy.fill_minutes, "that an offer leaves no gap too short for another visit"
    )
    scarce_skills_minutes = _minutes_worth(
        PlanningPolicy.scarce_skills_minutes,
        "that a therapist with a skill that only some have stays free for patients who need it",
    )
    unfairness = fields.Float(
        load_default=PlanningPolicy.unfairness,
        validate=validate.Range(0, 10),
        metadata={"description": "per minute by which one therapist's work lies above the mean"},
    )
    overtime_factor = fields.Integer(
        load_default=PlanningPolicy.overtime_factor,
        strict=True,
        validate=validate.Range(0, 100),
        metadata={"description": "per minute past the end of a shift"},
    )
    foresight_weeks = fields.Integer(
        load_default=PlanningPolicy.foresight_weeks,
        strict=True,
        validate=validate.Range(0, 8),
        metadata={"description": "past weeks that tell from where patients will call; 0: nothing is expected"},
    )


class PracticeSchema(RequestSchema):
    """Settings of the practice."""

    name = TextField(required=True)
    time_zone = TimeZoneField(required=True)
    cancellation_cutoff_hours = fields.Integer(load_default=24, strict=True, validate=validate.Range(0, 168))
    hold_minutes = fields.Integer(load_default=10, strict=True, validate=validate.Range(1, 120))
    early_start_minutes = fields.Integer(
        load_default=60,
        strict=True,
        allow_none=True,
        validate=validate.Range(0, 1440),
        metadata={"description": "how early a visit may begin; null: no limit"},
    )
    slot_minutes = fields.Integer(load_default=15, strict=True, validate=validate.OneOf((5, 10, 15, 20, 30, 60)))
    circuity = fields.Float(
        load_default=DEFAULT_CIRCUITY, validate=validate.Range(1, 3), metadata={"description": "road by great circle"}
    )
    kmh_by_hour = fields.List(
        fields.Float(validate=validate.Range(5, 130)),
        load_default=lambda: list(DEFAULT_KMH_BY_HOUR),
        validate=_of_day_or_week,
        metadata={"description": "km/h by hour of the local day or, with 168 values, of the week from Monday on"},
    )
    drive_overhead_minutes = fields.Float(
        load_default=0.0,
        validate=validate.Range(0, 30),
        metadata={"description": "minutes of every estimated drive that pass off the road"},
    )
    road_factor_by_hour = fields.List(
        fields.Float(validate=validate.Range(0.2, 10)),
        load_default=lambda: [1.0] * 24,
        validate=_of_day_or_week,
        metadata={"description": "what drives take beside the free roads of a routing engine, by hour as above"},
    )
    road_overhead_minutes = fields.Float(
        load_default=0.0,
        validate=validate.Range(0, 30),
        metadata={"description": "minutes of every drive by the routing engine that pass off the road"},
    )
    promise_minutes = fields.Integer(
        load_default=0,
        strict=True,
        validate=validate.Range(0, 480),
        metadata={"description": "length of the window that a mobile patient is promised; 0: an exact time"},
    )
    tell_moves_minutes = fields.Integer(
        load_default=10,
        strict=True,
        validate=validate.Range(0, 240),
        metadata={"description": "a told time that changes by no more than this is not worth a message"},
    )
    late_warning_minutes = fields.Integer(
        load_default=10,
        strict=True,
        validate=validate.Range(0, 240),
        metadata={"description": "a promise this close to breaking is brought to the dispatcher"},
    )
    publish_automatically = fields.Boolean(
        load_default=False, metadata={"description": "whether plans of the night go out without an approval"}
    )
    route_link_hours = fields.Integer(
        load_default=4,
        strict=True,
        validate=validate.Range(0, 24),
        metadata={"description": "how long after the end of its day a therapist's link to the route still opens it"},
    )
    planning = fields.Nested(
        PlanningPolicySchema, load_default=lambda: dict(vars(PlanningPolicy())), metadata={"description": "weights"}
    )
    version = fields.Integer(dump_only=True)


class LocationSchema(RequestSchema):
    """A site of the practice."""

    id = own_id()
    name = TextField(required=True)
    setting = fields.String(required=True, validate=validate.OneOf(SITE_SETTINGS))
    address = fields.Nested(AddressSchema, required=True)
    time_zone = TimeZoneField(required=True)
    version = fields.Integer(dump_only=True)


class RoomSchema(RequestSchema):
    """A room of a location."""

    id = own_id()
    location_id = IdField(required=True)
    name = TextField(required=True)
    version = fields.Integer(dump_only=True)


class ServiceTypeSchema(RequestSchema):
    """A kind of visit."""

    code = fields.String(required=True, validate=_OWN_ID)
    name = TextField(required=True)
    kind = fields.Enum(Kind, by_value=True, load_default=Kind.TREATMENT)
    minutes = fields.Integer(required=True, strict=True, validate=validate.Range(5, 480))
    settings = fields.List(
        fields.String(validate=validate.OneOf(SETTINGS)),
        load_default=lambda: list(SETTINGS),
        validate=validate.Length(min=1),
    )
    requires_prescription = fields.Boolean(load_default=False)
    skills = skills("what a therapist must have learnt to give it")
    therapists = fields.Integer(
        load_default=1,
        strict=True,
        validate=validate.Range(1, 2),
        metadata={"description": "2: a tandem visit of two therapists at one time"},
    )
    version = fields.Integer(dump_only=True)


class LicenceSchema(RequestSchema):
    """A state's licence; both days are included."""

    state = fields.String(required=True, validate=_STATE)
    number = TextField(required=True, at_most=60)
    valid_from = DateField(required=True)
    valid_until = DateField(required=True)

    @validates_schema
    def _in_order(self, data: dict[str, Any], **_: Any) -> None:
        if data["valid_until"] < data["valid_from"]:
            raise ValidationError({"valid_until": ["It is before valid_from."]})


class TherapistSchema(RequestSchema):
    """A therapist; name, contact and home are stored sealed."""

    id = own_id()
    name = TextField(required=True)
    phone = PhoneField(load_default=None, allow_none=True)
    email = fields.Email(load_default=None, allow_none=True)
    home = fields.Nested(CoordinatesSchema, required=True)
    time_zone = TimeZoneField(required=True)
    licences = fields.List(fields.Nested(LicenceSchema), required=True)
    service_types = fields.List(fields.String(), required=True)
    settings = fields.List(fields.String(validate=validate.OneOf(SETTINGS)), required=True)
    max_drive_minutes = fields.Integer(load_default=60, strict=True, validate=validate.Range(1, 480))
    active = fields.Boolean(load_default=True)
    skills = skills("what they have learnt beside the service types, techniques, too")
    max_day_drive_minutes = fields.Integer(
        load_default=None,
        strict=True,
        allow_none=True,
        validate=validate.Range(1, 1440),
        metadata={"description": "bounds the driving of a day; max_drive_minutes bounds each single drive"},
    )
    max_overtime_minutes = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 240))
    service_area = fields.List(
        fields.Nested(CoordinatesSchema),
        load_default=list,
        validate=_is_area,
        metadata={"description": "corners of the area in which they visit homes; empty: everywhere"},
    )
    region = fields.String(
        load_default=MAIN_REGION,
        validate=_OWN_ID,
        metadata={"description": "days are planned region by region"},
    )
    version = fields.Integer(dump_only=True)


class TherapistShownSchema(TherapistSchema):
    """A therapist as shown: home and contact are null for whoever has no business with them."""

    home = fields.Nested(CoordinatesSchema, required=True, allow_none=True)


class ShiftBreakRequestSchema(RequestSchema):
    """A pause: it begins between two wall times of the shift's day."""

    local_earliest = LocalTimeField(required=True)
    local_latest = LocalTimeField(required=True)
    minutes = fields.Integer(required=True, strict=True, validate=validate.Range(5, 240))


class ShiftBreakSchema(Schema):
    """A pause: it begins between two moments."""

    earliest = InstantField(required=True)
    latest = InstantField(required=True)
    minutes = fields.Integer(required=True)


class ShiftRequestSchema(RequestSchema):
    """Working time in wall time; without `location_id` a mobile shift from home."""

    local_start = LocalTimeField(required=True, zone_field="time_zone")
    local_end = LocalTimeField(required=True, zone_field="time_zone")
    time_zone = TimeZoneField(load_default=None)
    location_id = IdField(load_default=None, allow_none=True)
    breaks = fields.List(fields.Nested(ShiftBreakRequestSchema), load_default=list, validate=validate.Length(max=4))
    depot_id = IdField(
        load_default=None,
        allow_none=True,
        metadata={"description": "the location at which a mobile shift begins and ends; by default the home"},
    )


class ShiftSchema(Schema):
    """A shift with its moments."""

    id = fields.String(required=True)
    date = DateField(required=True)
    setting = fields.String(required=True)
    location_id = fields.String(required=True, allow_none=True)
    starts_at = InstantField(required=True)
    ends_at = InstantField(required=True)
    local_start = fields.String(required=True)
    local_end = fields.String(required=True)
    time_zone = fields.String(required=True)
    breaks = fields.List(fields.Nested(ShiftBreakSchema), required=True)
    depot_id = fields.String(required=True, allow_none=True)
