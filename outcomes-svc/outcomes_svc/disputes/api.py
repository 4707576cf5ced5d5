"""Disputes: /v1/pay/statements/{statement_id}/disputes and /v1/pay/disputes."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.problem import Forbidden, StaleVersion
from fascia.web.access import Role, access, current_principal
from fascia.web.etag import required_version, set_etag
from fascia.web.pages import page_of
from fascia.web.unit import command, current_uow, query
from outcomes_svc.disputes import store
from outcomes_svc.disputes.deciding import open_dispute, recalculated, reject, uphold
from outcomes_svc.disputes.dispute import Dispute
from outcomes_svc.disputes.schemas import DecisionSchema, DisputeQuerySchema, DisputeRequestSchema, DisputeSchema
from outcomes_svc.pay import store as pay
from outcomes_svc.pay.visibility import check_may_see, whose

blp = Blueprint("disputes", __name__, description="Disputes about pay")


@blp.route("/v1/pay/statements/<statement_id>/disputes", methods=["POST"])
@access(Role.THERAPIST)
@command
@blp.arguments(DisputeRequestSchema)
@blp.response(201, DisputeSchema)
def dispute_statement(body: dict[str, Any], statement_id: str) -> dict[str, Any]:
    """Say that lines of one's own statement are wrong, within 30 days of its issue."""
    uow = current_uow()
    statement = pay.get_statement(uow, statement_id)
    check_may_see(current_principal(), statement.therapist_id, "pay statement", statement_id)
    if statement.therapist_id != current_principal().subject:
        raise Forbidden("not-your-statement", "A statement is disputed by the therapist whom it pays.")
    return _shown(open_dispute(uow, statement, body["lines"], body["reason"]))


@blp.route("/v1/pay/disputes", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.AUDITOR, Role.THERAPIST)
@query
@blp.arguments(DisputeQuerySchema, location="query")
@blp.response(200, page_of(DisputeSchema))
def list_disputes(filters: dict[str, Any]) -> dict[str, Any]:
    """List disputes, oldest first; open ones without recalculation. A therapist sees their own."""
    therapist_id = whose(current_principal(), filters.get("therapist_id"))
    items, cursor = store.dispute_page(current_uow(), {**filters, "therapist_id": therapist_id})
    return {
        "items": [{"dispute": dispute, "recalculation": dispute.difference} for dispute in items],
        "next_cursor": cursor,
    }


@blp.route("/v1/pay/disputes/<dispute_id>", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.AUDITOR, Role.THERAPIST)
@query
@blp.response(200, DisputeSchema)
def show_dispute(dispute_id: str) -> dict[str, Any]:
    """One dispute, with what the disputed lines come to by what is known now."""
    dispute = store.get_dispute(current_uow(), dispute_id)
    check_may_see(current_principal(), dispute.therapist_id, "dispute", dispute_id)
    return _shown(dispute)


@blp.route("/v1/pay/disputes/<dispute_id>/decision", methods=["POST"])
@access(Role.OWNER, Role.ADMIN)
@command
@blp.arguments(DecisionSchema)
@blp.response(200, DisputeSchema)
def decide_dispute(body: dict[str, Any], dispute_id: str) -> dict[str, Any]:
    """Uphold or reject a dispute. What is upheld becomes a correction line of the therapist's next statement."""
    uow, by = current_uow(), current_principal().subject
    dispute, version = store.get_dispute(uow, dispute_id), required_version()
    if version != dispute.version:
        raise StaleVersion(version)
    if body["outcome"] == "rejected":
        return _shown(reject(uow, dispute, by, body["explanation"]))
    return _shown(uphold(uow, dispute, by, body["explanation"], body["rulings"]))


def _shown(dispute: Dispute) -> dict[str, Any]:
    set_etag(dispute.version)
    return {"dispute": dispute, "recalculation": recalculated(current_uow(), dispute)}
