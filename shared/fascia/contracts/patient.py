"""patient.*: who the practice cares for (records-svc)."""

from __future__ import annotations

from marshmallow import fields, validate

from fascia.contracts.catalogue import event
from fascia.contracts.event_schema import AddressSchema, EventSchema, identifier

SEXES = ("female", "male", "other")


class ContactConsentSchema(EventSchema):
    """Which channels the patient agreed to be messaged on."""

    sms = fields.Boolean(required=True)
    email = fields.Boolean(required=True)


class PatientFields(EventSchema):
    """The state of a patient that other services keep a projection of."""

    patient_id = identifier()
    version = fields.Integer(required=True, strict=True)
    given_name = fields.String(required=True)
    family_name = fields.String(required=True)
    birth_date = fields.Date(required=True)
    phone = fields.String(allow_none=True, load_default=None, metadata={"description": "E.164"})
    email = fields.String(allow_none=True, load_default=None)
    address = fields.Nested(AddressSchema, allow_none=True, load_default=None)
    time_zone = fields.String(required=True, metadata={"description": "IANA name"})
    language = fields.String(load_default="en", validate=validate.Length(min=2, max=35))
    contact_consent = fields.Nested(ContactConsentSchema, required=True)
    door_notes = fields.String(load_default="", metadata={"description": "how to get in, for the therapist"})
    sex = fields.String(
        allow_none=True,
        load_default=None,
        validate=validate.OneOf(SEXES),
        metadata={"description": "as recorded; null where it is not known. Results are adjusted for it"},
    )
    deceased = fields.Boolean(load_default=False, metadata={"description": "nobody may be messaged or booked any more"})


@event("patient.registered", producer="records-svc", key="patient_id", phi=True)
class PatientRegistered(PatientFields):
    """A person became a patient of the practice."""


@event("patient.updated", producer="records-svc", key="patient_id", phi=True)
class PatientUpdated(PatientFields):
    """A patient's name, contact, address or consent changed; carries the whole new state."""
