"""The shapes of the waitlist on the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from fascia.web.pages import PageQuerySchema
from fascia.web.schemas import DateField, IdField, RequestSchema
from scheduling_svc.waitlist.entry import EntryState

_CLOCK = validate.Regexp(r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z", error="Not a time of day, HH:MM.")


class HoursSchema(RequestSchema):
    """A part of the day by the wall clock in which the visit may begin."""

    begin = fields.String(required=True, validate=_CLOCK)
    end = fields.String(required=True, validate=_CLOCK)


class EntrySchema(RequestSchema):
    """A wish for one mobile visit on any of some days."""

    id = fields.String(dump_only=True)
    version = fields.Integer(dump_only=True)
    patient_id = IdField(required=True)
    service_type = fields.String(required=True)
    claim_id = IdField(load_default=None, allow_none=True)
    skills = fields.List(fields.String(validate=validate.Length(1, 60)), load_default=list)
    from_day = DateField(required=True)
    to_day = DateField(required=True, metadata={"description": "included"})
    hours = fields.List(fields.Nested(HoursSchema), load_default=list, validate=validate.Length(max=10))
    prize_minutes = fields.Integer(
        load_default=60,
        strict=True,
        validate=validate.Range(1, 1440),
        metadata={"description": "how much driving the practice would accept for it"},
    )
    book = fields.Boolean(load_default=False, metadata={"description": "book it where it is placed, without asking"})
    state = fields.Enum(EntryState, by_value=True, dump_only=True)
    hold_id = fields.String(
        dump_only=True, allow_none=True, metadata={"description": "the hold or the appointment that it was placed as"}
    )


class WaitlistQuerySchema(PageQuerySchema):
    """Whose wishes."""

    patient_id = IdField(load_default=None)
