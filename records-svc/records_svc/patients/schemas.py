"""Shapes of patients on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from fascia.web.pages import PageQuerySchema
from fascia.web.schemas import DateField, InstantField, RequestSchema, TextField, ZoneField
from records_svc.patients.contact import Address, ContactConsent, Coordinates
from records_svc.patients.patient import SEXES, PatientDetails


class CoordinatesSchema(RequestSchema):
    """WGS 84 degrees."""

    latitude = fields.Float(required=True, validate=validate.Range(-90, 90))
    longitude = fields.Float(required=True, validate=validate.Range(-180, 180))

    @post_load
    def _coordinates(self, data: dict[str, Any], **_: Any) -> Coordinates:
        return Coordinates(**data)


class AddressSchema(RequestSchema):
    """A postal address. A visit at home needs its coordinates."""

    line = TextField(required=True)
    city = TextField(required=True)
    state = TextField(at_most=80, required=True, metadata={"description": "two letters in the US"})
    postal_code = TextField(at_least=0, at_most=20, required=True)
    country = TextField(at_most=2, load_default="US", metadata={"description": "ISO 3166-1, two letters"})
    coordinates = fields.Nested(CoordinatesSchema, load_default=None, allow_none=True)

    @post_load
    def _address(self, data: dict[str, Any], **_: Any) -> Address:
        return Address(**data)


class ContactConsentSchema(RequestSchema):
    """Which channels the patient agreed to be messaged on."""

    sms = fields.Boolean(load_default=False)
    email = fields.Boolean(load_default=False)

    @post_load
    def _consent(self, data: dict[str, Any], **_: Any) -> ContactConsent:
        return ContactConsent(**data)


class PatientChangeSchema(RequestSchema):
    """What may be changed; what is left out stays. The address and the consent are replaced as a whole."""

    given_name = TextField(at_most=100)
    family_name = TextField(at_most=100)
    birth_date = DateField()
    phone = TextField(
        at_most=40, allow_none=True, metadata={"description": "kept as E.164; a US number without +1 is fine"}
    )
    email = TextField(at_most=254, allow_none=True)
    address = fields.Nested(AddressSchema, allow_none=True)
    time_zone = ZoneField()
    language = TextField(at_most=35, metadata={"description": "BCP 47"})
    contact_consent = fields.Nested(ContactConsentSchema)
    door_notes = TextField(at_least=0, at_most=500, metadata={"description": "how to get in, for the therapist"})
    deceased = fields.Boolean()
    sex = fields.String(allow_none=True, validate=validate.OneOf(SEXES), metadata={"description": "null: not known"})


class PatientRegistrationSchema(RequestSchema):
    """A new patient."""

    given_name = TextField(at_most=100, required=True)
    family_name = TextField(at_most=100, required=True)
    birth_date = DateField(required=True)
    time_zone = ZoneField(required=True)
    phone = TextField(at_most=40, load_default=None, allow_none=True, metadata={"description": "kept as E.164"})
    email = TextField(at_most=254, load_default=None, allow_none=True)
    address = fields.Nested(AddressSchema, load_default=None, allow_none=True)
    language = TextField(at_most=35, load_default="en", metadata={"description": "BCP 47"})
    contact_consent = fields.Nested(ContactConsentSchema, load_default=ContactConsent())
    door_notes = TextField(at_least=0, at_most=500, load_default="")
    sex = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(SEXES),
        metadata={"description": "null: not known; results are adjusted for it"},
    )

    @post_load
    def _details(self, data: dict[str, Any], **_: Any) -> PatientDetails:
        return PatientDetails(**data)


class PatientQuerySchema(PageQuerySchema):
    """Which patients to list."""

    phone = TextField(at_most=40, load_default=None, metadata={"description": "exactly this number"})


class PatientSchema(Schema):
    """A patient."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    given_name = fields.String(required=True)
    family_name = fields.String(required=True)
    birth_date = fields.Date(required=True)
    phone = fields.String(required=True, allow_none=True, metadata={"description": "E.164"})
    email = fields.String(required=True, allow_none=True)
    address = fields.Nested(AddressSchema, required=True, allow_none=True)
    time_zone = fields.String(required=True)
    language = fields.String(required=True)
    contact_consent = fields.Nested(ContactConsentSchema, required=True)
    door_notes = fields.String(required=True)
    deceased = fields.Boolean(required=True)
    sex = fields.String(required=True, allow_none=True)
    imported = fields.Boolean(required=True)
    registered_at = InstantField(required=True)
    updated_at = InstantField(required=True)
