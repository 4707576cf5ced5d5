"""Plans over HTTP."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import access
from fascia.web.etag import required_version, set_etag
from fascia.web.pages import PageQuerySchema, page_of
from fascia.web.unit import command, current_uow, query
from scheduling_svc.plans import making, store
from scheduling_svc.plans.record import Part, PlanRecord
from scheduling_svc.plans.schemas import ApprovalSchema, PlanRequestSchema, PlanSchema, PlanShortSchema
from scheduling_svc.roles import DESK
from scheduling_svc.travel.travel import Basis, Because, Source

blp = Blueprint("plans", __name__, description="Plans of the days of a region, or of all")
Shown = dict[str, Any]


@blp.route("/v1/plans", methods=["POST"])
@access(*DESK)
@command
@blp.arguments(PlanRequestSchema)
@blp.response(202, PlanSchema)
def ask_for_plan(fields: dict[str, Any]) -> Shown:
    """Have days planned. The answer names the plan; read it again to see how far it is."""
    uow = current_uow()
    effort = making.effort_of(fields["seed"], fields["rounds"], fields["seconds"])
    made_by = uow.principal.subject if uow.principal else ""
    plan = making.ask_for_plan(
        uow, fields["dates"], region=fields["region"], effort=effort, approve=fields["approve"], made_by=made_by
    )
    return _plan(plan)


@blp.route("/v1/plans", methods=["GET"])
@access(*DESK)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(PlanShortSchema))
def list_plans(wanted: dict[str, Any]) -> Shown:
    """Plans in the order in which they were asked for."""
    plans, next_cursor = store.plans_page(current_uow(), wanted)
    return {"items": plans, "next_cursor": next_cursor}


@blp.route("/v1/plans/<plan_id>", methods=["GET"])
@access(*DESK)
@query
@blp.response(200, PlanSchema)
def get_plan(plan_id: str) -> Shown:
    """A plan: how far it is, its routes, its cost by part, what binds, what was left out and why, and what changes."""
    return _plan(store.get_plan(current_uow(), plan_id))


@blp.route("/v1/plans/<plan_id>/approval", methods=["POST"])
@access(*DESK)
@command
@blp.arguments(ApprovalSchema)
@blp.response(200, PlanSchema)
def approve_plan(fields: dict[str, Any], plan_id: str) -> Shown:
    """Carry out a plan, all of it or nothing. If-Match names the version that was looked at."""
    uow = current_uow()
    plan = making.at_version(store.get_plan(uow, plan_id), required_version())
    return _plan(making.approve(uow, plan, fields["publish"]))


def _plan(plan: PlanRecord) -> Shown:
    parts = store.parts_of(current_uow(), plan)
    set_etag(plan.version)
    return {
        **vars(plan),
        **vars(plan.effort),
        "progress": round(sum(map(_progress, parts)) / len(parts), 3),
        "parts": [{**vars(part), "progress": round(_progress(part), 3), "solution": _solution(part)} for part in parts],
        "outcome": plan.outcome or None,
    }


def _progress(part: Part) -> float:
    return part.progress(current_uow().now)


def _solution(part: Part) -> Shown | None:
    if part.solution is None:
        return None
    shown = part.solution["shown"]
    told = shown["travel"]
    basis = Basis(Source(told["source"]), told["estimated"], tuple(map(Because, told["because"])))
    return {**shown, "travel": basis}
