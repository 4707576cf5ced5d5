"""visit.*: a visit of today as it runs, apart from what was promised (scheduling-svc)."""

from __future__ import annotations

from marshmallow import fields, validate

from fascia.contracts.catalogue import event
from fascia.contracts.event_schema import EventSchema, Instant, identifier, setting_of_care


@event("visit.eta_changed", producer="scheduling-svc", key="appointment_id", phi=False)
class VisitEtaChanged(EventSchema):
    """The time at which a visit is expected to begin differs from what the patient was last told.

    The appointment itself is as it was: its promise is not moved by a therapist who is late. `estimate` counts these
    events of one visit from 1, so that a message with an older estimate is never sent after a newer one.
    """

    appointment_id = identifier()
    version = fields.Integer(required=True, strict=True, metadata={"description": "of the appointment"})
    estimate = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    patient_id = identifier()
    therapist_id = identifier()
    setting = setting_of_care()
    starts_at = Instant(required=True, metadata={"description": "what the patient was told at first"})
    told_at = Instant(required=True, metadata={"description": "the expected beginning that was told last"})
    expected_at = Instant(required=True, metadata={"description": "when the visit is now expected to begin"})
    promised_until = Instant(required=True, metadata={"description": "the promise: it begins by then"})
    late_minutes = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=0),
        metadata={"description": "past the promise; 0: kept"},
    )
    time_zone = fields.String(required=True, metadata={"description": "IANA name"})
    local_expected = fields.String(required=True, metadata={"description": "wall time, YYYY-MM-DDTHH:MM"})
    tell_patient = fields.Boolean(load_default=True)


@event("visit.given_up", producer="scheduling-svc", key="given_up_id", phi=False)
class VisitGivenUp(EventSchema):
    """A therapist on the road says that they cannot make a visit. It is still promised: somebody must find a way."""

    given_up_id = identifier(metadata={"description": "APPOINTMENT:THERAPIST"})
    version = fields.Integer(required=True, strict=True)
    appointment_id = identifier()
    therapist_id = identifier()
    patient_id = identifier()
    date = fields.Date(required=True)
    time_zone = fields.String(required=True, metadata={"description": "IANA name"})
    starts_at = Instant(required=True, metadata={"description": "what the patient was told"})
    local_start = fields.String(required=True, metadata={"description": "wall time, YYYY-MM-DDTHH:MM"})
    promised_until = Instant(required=True, metadata={"description": "the promise: it begins by then"})
    why = fields.String(required=True, validate=validate.OneOf(("late", "ill", "no_entry", "other")))
    said_at = Instant(required=True, metadata={"description": "when it was tapped on the phone"})
