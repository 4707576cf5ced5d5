"""The audit trail over HTTP."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import access
from fascia.web.pages import page_of
from fascia.web.unit import current_uow, query
from records_svc.audit import chaining, store
from records_svc.audit.schemas import AuditEntrySchema, AuditQuerySchema, VerificationSchema
from records_svc.roles import AUDITORS

blp = Blueprint("audit", __name__, description="Who read or wrote which clinical data")


@blp.route("/v1/audit", methods=["GET"])
@access(*AUDITORS)
@query
@blp.arguments(AuditQuerySchema, location="query")
@blp.response(200, page_of(AuditEntrySchema))
def list_audit_entries(wanted: dict[str, Any]) -> dict[str, Any]:
    """The audit trail, newest first."""
    entries, cursor = store.entry_page(current_uow(), wanted)
    return {"items": entries, "next_cursor": cursor}


@blp.route("/v1/audit/verification", methods=["GET"])
@access(*AUDITORS)
@query
@blp.response(200, VerificationSchema)
def verify_audit_trail() -> chaining.Verification:
    """Walk the chain and report every entry that was changed, removed or slipped in."""
    return chaining.verification(current_uow())
