"""Shapes of consent on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load

from fascia.web.schemas import InstantField, RequestSchema
from notify_svc.contacts.contact import Channel, Consent, Contact


class ConsentRequestSchema(RequestSchema):
    """What the patient agreed to."""

    sms = fields.Boolean(required=True)
    email = fields.Boolean(required=True)

    @post_load
    def _consent(self, data: dict[str, Any], **_: Any) -> Consent:
        return Consent(**data)


class ChannelConsentSchema(Schema):
    """Where one channel stands."""

    consent = fields.Boolean(required=True)
    opted_out_at = InstantField(required=True, allow_none=True)
    may_message = fields.Boolean(required=True)
    refusal = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "deceased, opted_out, no_consent or no_address; null when the channel may be used"},
    )


class ContactConsentSchema(Schema):
    """Whether a patient may be messaged, by channel."""

    patient_id = fields.String(required=True)
    version = fields.Integer(required=True)
    sms = fields.Nested(ChannelConsentSchema, required=True)
    email = fields.Nested(ChannelConsentSchema, required=True)


def consent_view(contact: Contact) -> dict[str, Any]:
    """A contact as ContactConsentSchema dumps it."""

    def channel(name: Channel) -> dict[str, Any]:
        refusal = contact.refusal(name)
        return {
            "consent": contact.consent.given(name),
            "opted_out_at": contact.opted_out.get(name),
            "may_message": refusal is None,
            "refusal": refusal,
        }

    return {
        "patient_id": contact.patient_id,
        "version": contact.version,
        "sms": channel("sms"),
        "email": channel("email"),
    }
