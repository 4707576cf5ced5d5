"""/v1/contacts/{patient_id}/consent"""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import Role, access
from fascia.web.etag import required_version, set_etag
from fascia.web.unit import command, current_uow, query
from notify_svc.contacts.contact import Consent
from notify_svc.contacts.schemas import ConsentRequestSchema, ContactConsentSchema, consent_view
from notify_svc.contacts.store import Contacts
from notify_svc.versions import expect

blp = Blueprint("contacts", __name__, description="Whether patients may be messaged")


@blp.route("/v1/contacts/<patient_id>/consent", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.DISPATCHER, Role.AUDITOR, Role.SERVICE)
@query
@blp.response(200, ContactConsentSchema)
def get_consent(patient_id: str) -> dict[str, Any]:
    """Consent and opt-out of a patient, by channel."""
    contact = Contacts(current_uow()).get(patient_id)
    set_etag(contact.version)
    return consent_view(contact)


@blp.route("/v1/contacts/<patient_id>/consent", methods=["PUT"])
@access(Role.OWNER, Role.ADMIN, Role.DISPATCHER)
@command
@blp.arguments(ConsentRequestSchema)
@blp.response(200, ContactConsentSchema)
def put_consent(consent: Consent, patient_id: str) -> dict[str, Any]:
    """Record what the patient agreed to. Consent given again ends an opt-out: If-Match proves that it was seen."""
    contacts = Contacts(current_uow())
    present = contacts.get(patient_id)
    expect(present.version, required_version())
    contact = present.with_consent(consent)
    contacts.save(contact)
    set_etag(contact.version)
    return consent_view(contact)
