"""/v1/escalation-contact"""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import Role, access
from fascia.web.etag import required_version, set_etag
from fascia.web.unit import command, current_uow, query
from notify_svc.alerts.escalation_contact import EscalationContact
from notify_svc.alerts.schemas import EscalationContactRequestSchema, EscalationContactSchema
from notify_svc.alerts.store import escalation_contact, save_escalation_contact
from notify_svc.versions import expect

blp = Blueprint("escalation-contact", __name__, description="Whom to tell of an alert that nobody acknowledged")


@blp.route("/v1/escalation-contact", methods=["GET"])
@access(Role.OWNER, Role.ADMIN)
@query
@blp.response(200, EscalationContactSchema)
def get_escalation_contact() -> EscalationContact:
    """The contact; version 1 while nobody was named, and then an alert that waits reaches no one."""
    contact = escalation_contact(current_uow())
    set_etag(contact.version)
    return contact


@blp.route("/v1/escalation-contact", methods=["PUT"])
@access(Role.OWNER, Role.ADMIN)
@command
@blp.arguments(EscalationContactRequestSchema)
@blp.response(200, EscalationContactSchema)
def put_escalation_contact(body: dict[str, Any]) -> EscalationContact:
    """Name whom to tell, day and night."""
    uow = current_uow()
    present = escalation_contact(uow)
    expect(present.version, required_version())
    contact = present.named(body["name"], body["phone"], body["email"])
    save_escalation_contact(uow, contact)
    set_etag(contact.version)
    return contact
