"""/v1/pay: plans, what the office records, statements, exports and replay."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from fascia.problem import Conflict, NotFound
from fascia.web.access import Role, access, current_principal
from fascia.web.etag import set_etag
from fascia.web.pages import PageQuerySchema, page_of, write_cursor
from fascia.web.unit import command, current_uow, query
from outcomes_svc.pay import schemas, store
from outcomes_svc.pay.entry import PayEntry
from outcomes_svc.pay.issue import issue_month
from outcomes_svc.pay.month import Month
from outcomes_svc.pay.payroll import payroll
from outcomes_svc.pay.plan import PayPlan
from outcomes_svc.pay.planning import add_plan, get_plan, record_entry, withdraw_entry
from outcomes_svc.pay.recalculation import Recalculation, difference_today, recalculate
from outcomes_svc.pay.run import PayRun, RunState
from outcomes_svc.pay.visibility import check_may_see, shown_to, whose

blp = Blueprint("pay", __name__, description="Pay")

_ANSWER = {"200": {"description": "the document, byte for byte as it was issued", "content": {"application/json": {}}}}
_CSV = {"200": {"description": "a line per therapist (RFC 4180)", "content": {"text/csv": {}}}}


@blp.route("/v1/pay/plans", methods=["POST"])
@access(Role.OWNER, Role.ADMIN)
@command
@blp.arguments(schemas.PlanRequestSchema)
@blp.response(201, schemas.PlanSchema)
def create_plan(body: dict[str, Any]) -> PayPlan:
    """Add a version of the practice's pay plan. Earlier versions are kept as they are and go on to explain the past."""
    return add_plan(current_uow(), body, current_principal().subject)


@blp.route("/v1/pay/plans", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.BILLER, Role.AUDITOR, Role.THERAPIST)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(schemas.PlanSchema))
def list_plans(filters: dict[str, Any]) -> dict[str, Any]:
    """List the versions of the pay plan, oldest first."""
    after = int(filters["cursor"] or 0)
    found = [plan for plan in store.plans(current_uow()) if plan.version > after]
    page = found[: filters["limit"]]
    more = len(found) > len(page)
    shown = [shown_to(current_principal(), plan) for plan in page]
    return {"items": shown, "next_cursor": write_cursor(str(page[-1].version)) if more else None}


@blp.route("/v1/pay/plans/<int:version>", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.BILLER, Role.AUDITOR, Role.THERAPIST)
@query
@blp.response(200, schemas.PlanSchema)
def show_plan(version: int) -> PayPlan:
    """One version of the pay plan."""
    set_etag(version)
    return shown_to(current_principal(), get_plan(current_uow(), version))


@blp.route("/v1/pay/hours", methods=["POST"])
@access(Role.OWNER, Role.ADMIN, Role.BILLER)
@command
@blp.arguments(schemas.EntryRequestSchema)
@blp.response(201, schemas.EntrySchema)
def create_entry(body: dict[str, Any]) -> PayEntry:
    """Record paid hours, kilometres or driven minutes of a therapist's day."""
    return record_entry(current_uow(), body, current_principal().subject)


@blp.route("/v1/pay/hours", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.BILLER, Role.AUDITOR, Role.THERAPIST)
@query
@blp.arguments(schemas.OfTherapistAndMonthSchema, location="query")
@blp.response(200, page_of(schemas.EntrySchema))
def list_entries(filters: dict[str, Any]) -> dict[str, Any]:
    """List what was recorded, withdrawn entries among it. A therapist sees their own."""
    therapist_id = whose(current_principal(), filters.get("therapist_id"))
    items, cursor = store.entry_page(current_uow(), {**filters, "therapist_id": therapist_id})
    return {"items": items, "next_cursor": cursor}


@blp.route("/v1/pay/hours/<entry_id>/withdrawal", methods=["POST"])
@access(Role.OWNER, Role.ADMIN, Role.BILLER)
@command
@blp.response(200, schemas.EntrySchema)
def withdraw(entry_id: str) -> PayEntry:
    """Take a recorded entry back. Where its month was issued, the next statement corrects it."""
    return withdraw_entry(current_uow(), entry_id, current_principal().subject)


@blp.route("/v1/pay/statements", methods=["POST"])
@access(Role.OWNER, Role.ADMIN)
@command
@blp.arguments(schemas.MonthRequestSchema)
@blp.response(201, schemas.RunSchema)
@blp.alt_response(200, schema=schemas.RunSchema, description="issued before; nothing was done")
@blp.alt_response(202, schema=schemas.RunSchema, description="begun; GET /v1/pay/runs/{month} shows how far it is")
def issue_statements(body: dict[str, Any]) -> tuple[PayRun, int]:
    """Issue the statements of a month that is over, one for each therapist, each once."""
    run, new = issue_month(current_uow(), body["month"], current_principal().subject)
    return run, 202 if run.state is RunState.RUNNING else 201 if new else 200


@blp.route("/v1/pay/runs/<month>", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.BILLER, Role.AUDITOR)
@query
@blp.response(200, schemas.RunSchema)
def show_run(month: str) -> PayRun:
    """How far the statements of a month have come."""
    return _run(month)


@blp.route("/v1/pay/statements", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.BILLER, Role.AUDITOR, Role.THERAPIST)
@query
@blp.arguments(schemas.OfTherapistAndMonthSchema, location="query")
@blp.response(200, page_of(schemas.StatementSchema))
def list_statements(filters: dict[str, Any]) -> dict[str, Any]:
    """List statements, oldest first. A therapist sees their own."""
    therapist_id = whose(current_principal(), filters.get("therapist_id"))
    items, cursor = store.statement_page(current_uow(), {**filters, "therapist_id": therapist_id})
    return {"items": items, "next_cursor": cursor}


@blp.route("/v1/pay/statements/<statement_id>", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.BILLER, Role.AUDITOR, Role.THERAPIST)
@query
@blp.doc(responses=_ANSWER)
def show_statement(statement_id: str) -> Response:
    """A statement, byte for byte as it was issued."""
    found = readable(statement_id)
    set_etag(found.version)
    return Response(found.content, content_type="application/json")


@blp.route("/v1/pay/statements/<statement_id>/replay", methods=["POST"])
@access(Role.OWNER, Role.ADMIN, Role.BILLER, Role.AUDITOR, Role.THERAPIST)
@query
@blp.response(200, schemas.RecalculationSchema)
def replay_statement(statement_id: str) -> Recalculation:
    """Compute a statement again and compare its bytes. Changes nothing."""
    return recalculate(current_uow(), readable(statement_id))


@blp.route("/v1/pay/statements/<statement_id>/differences", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.BILLER, Role.AUDITOR, Role.THERAPIST)
@query
@blp.response(200, schemas.DifferencesSchema)
def show_differences(statement_id: str) -> dict[str, Any]:
    """What of a statement comes out differently by what is known now; the next statement corrects it, or has."""
    return {"items": difference_today(current_uow(), readable(statement_id))}


@blp.route("/v1/pay/payroll", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.BILLER, Role.AUDITOR)
@query
@blp.arguments(schemas.MonthRequestSchema, location="query")
@blp.doc(responses=_CSV)
def export_payroll(filters: dict[str, Any]) -> Response:
    """A month's statements as CSV for payroll, a line per therapist."""
    run = _run(str(filters["month"]))
    if run.state is RunState.RUNNING:
        raise Conflict("still-running", "Some statements of this month are still to be issued.", "month", "Ask again.")
    text = payroll(found.content for found in store.statements_of_month(current_uow(), run.month))
    named = {"Content-Disposition": f'attachment; filename="payroll-{run.month}.csv"'}
    return Response(text, content_type="text/csv; charset=utf-8; header=present", headers=named)


def readable(statement_id: str) -> store.IssuedStatement:
    """A statement that the caller may see; raises NotFound."""
    found = store.get_statement(current_uow(), statement_id)
    check_may_see(current_principal(), found.therapist_id, "pay statement", statement_id)
    return found


def _run(month: str) -> PayRun:
    run = store.find_run(current_uow(), Month.read(month))
    if run is None:
        raise NotFound("pay run of the month", month)
    return run
