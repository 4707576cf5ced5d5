"""Visit budgets over HTTP, to read: they change with holds, bookings and events."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask_smorest import Blueprint

from fascia.problem import NotFound
from fascia.web.access import access
from fascia.web.etag import set_etag
from fascia.web.pages import page_of
from fascia.web.unit import current_uow, query
from scheduling_svc.budget import store
from scheduling_svc.budget.budget import Budget
from scheduling_svc.budget.schemas import BudgetQuerySchema, BudgetSchema
from scheduling_svc.roles import READERS

blp = Blueprint("budget", __name__, description="The visits that a claim allows, promised and used")


@blp.route("/v1/claims/<claim_id>/budget", methods=["GET"])
@access(*READERS)
@query
@blp.response(200, BudgetSchema)
def get_budget(claim_id: str) -> dict[str, Any]:
    """The budget of a claim."""
    uow = current_uow()
    budget = store.find(uow, claim_id)
    if budget is None:
        raise NotFound("claim", claim_id)
    set_etag(budget.version)
    return _shown(budget, uow.now)


@blp.route("/v1/budgets", methods=["GET"])
@access(*READERS)
@query
@blp.arguments(BudgetQuerySchema, location="query")
@blp.response(200, page_of(BudgetSchema))
def list_budgets(wanted: dict[str, Any]) -> dict[str, Any]:
    """The budgets of all claims."""
    uow = current_uow()
    budgets, next_cursor = store.page(uow, wanted)
    return {"items": [_shown(budget, uow.now) for budget in budgets], "next_cursor": next_cursor}


def _shown(budget: Budget, now: datetime) -> dict[str, Any]:
    return {
        "claim_id": budget.claim_id,
        "patient_id": budget.patient_id,
        "version": budget.version,
        "authorised": budget.authorised,
        "reserved": budget.reserved(now),
        "consumed": len(budget.consumed),
        "remaining": budget.remaining(now),
        "reserved_visits": [reservation.id for reservation in budget.reservations if reservation.live(now)],
        "consumed_visits": list(budget.consumed),
        "prescriptions": [asdict(prescription) for prescription in budget.prescriptions],
    }
