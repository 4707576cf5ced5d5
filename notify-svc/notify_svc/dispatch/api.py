"""/v1/dispatch-contact"""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import Role, access
from fascia.web.etag import required_version, set_etag
from fascia.web.unit import command, current_uow, query
from notify_svc.alerts.escalation_contact import EscalationContact
from notify_svc.alerts.schemas import EscalationContactRequestSchema, EscalationContactSchema
from notify_svc.dispatch.store import dispatch_contact, save_dispatch_contact
from notify_svc.versions import expect

blp = Blueprint("dispatch-contact", __name__, description="Whom to warn of a promise at risk")


@blp.route("/v1/dispatch-contact", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.DISPATCHER)
@query
@blp.response(200, EscalationContactSchema)
def get_dispatch_contact() -> EscalationContact:
    """The contact; version 1 while nobody was named, and then warnings go to the escalation contact."""
    contact = dispatch_contact(current_uow())
    set_etag(contact.version)
    return contact


@blp.route("/v1/dispatch-contact", methods=["PUT"])
@access(Role.OWNER, Role.ADMIN, Role.DISPATCHER)
@command
@blp.arguments(EscalationContactRequestSchema)
@blp.response(200, EscalationContactSchema)
def put_dispatch_contact(body: dict[str, Any]) -> EscalationContact:
    """Name who watches over the days of the therapists."""
    uow = current_uow()
    present = dispatch_contact(uow)
    expect(present.version, required_version())
    contact = present.named(body["name"], body["phone"], body["email"])
    save_dispatch_contact(uow, contact)
    set_etag(contact.version)
    return contact
