"""appointment.*: visits promised to patients (scheduling-svc)."""

from __future__ import annotations

from marshmallow import fields, validate

from fascia.contracts.catalogue import event
from fascia.contracts.event_schema import EventSchema, Instant, identifier, setting_of_care


class AppointmentFields(EventSchema):
    """The state of an appointment after the change that the event reports."""

    appointment_id = identifier()
    version = fields.Integer(required=True, strict=True)
    calendar_sequence = fields.Integer(required=True, strict=True, metadata={"description": "iCalendar SEQUENCE"})
    patient_id = identifier()
    therapist_id = identifier()
    claim_id = identifier(required=False, allow_none=True, load_default=None)
    service_type = fields.String(required=True)
    setting = setting_of_care()
    location_id = identifier(required=False, allow_none=True, load_default=None)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    time_zone = fields.String(required=True, metadata={"description": "IANA name"})
    local_start = fields.String(required=True, metadata={"description": "wall time, YYYY-MM-DDTHH:MM"})
    promised_from = Instant(load_default=None, metadata={"description": "it begins then at the earliest"})
    promised_until = Instant(load_default=None, metadata={"description": "it begins then at the latest"})


@event("appointment.booked", producer="scheduling-svc", key="appointment_id", phi=False)
class AppointmentBooked(AppointmentFields):
    """A visit was promised to a patient."""


@event("appointment.moved", producer="scheduling-svc", key="appointment_id", phi=False)
class AppointmentMoved(AppointmentFields):
    """A visit keeps its id and has a new time, therapist or place."""

    tell_patient = fields.Boolean(
        load_default=True, metadata={"description": "false where the told time changed by less than is worth a message"}
    )


@event("appointment.progressed", producer="scheduling-svc", key="appointment_id", phi=False)
class AppointmentProgressed(AppointmentFields):
    """A visit was confirmed, or the therapist is on the way, has arrived or has begun."""

    status = fields.String(required=True, validate=validate.OneOf(("confirmed", "en_route", "arrived", "in_progress")))


@event("appointment.completed", producer="scheduling-svc", key="appointment_id", phi=False)
class AppointmentCompleted(AppointmentFields):
    """The visit took place; its note is still to be signed."""

    started_at = Instant(required=True)
    ended_at = Instant(required=True)


@event("appointment.cancelled", producer="scheduling-svc", key="appointment_id", phi=False)
class AppointmentCancelled(AppointmentFields):
    """A visit will not take place."""

    late = fields.Boolean(required=True, metadata={"description": "after the practice's cut-off"})
    reason = fields.String(
        required=True,
        validate=validate.OneOf(("patient", "practice", "clearance_withdrawn", "prescription_revoked", "no_show")),
    )
