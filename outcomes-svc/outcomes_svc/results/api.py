"""/v1/results: what a practice, its locations and its therapists achieved. As JSON, CSV, charts and a page."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from fascia.problem import Forbidden, NotFound, RuleViolation
from fascia.web.access import Role, access, current_principal
from fascia.web.unit import current_uow, query
from outcomes_svc.episodes.visibility import READERS
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.results.breakdown import ALL, By, Cell
from outcomes_svc.results.drawings import funnel_drawing, summary_drawing
from outcomes_svc.results.funnel import Measure, anonymous
from outcomes_svc.results.funnel_words import headline, notes
from outcomes_svc.results.group_page import group_page
from outcomes_svc.results.group_results import Comparison, PeriodResults, comparison_of, results_of, summary_of
from outcomes_svc.results.pages import Form, chart_answer, csv_answer, documented, page_answer, wanted_form
from outcomes_svc.results.period import period
from outcomes_svc.results.schemas import FORMATS, ComparisonSchema, FunnelQuerySchema, PeriodQuerySchema, SummarySchema
from outcomes_svc.results.tables import funnel_csv, summary_csv

blp = Blueprint("results", __name__, template_folder="templates", description="Results")

_FORMS = documented(Form.CSV, Form.SVG, Form.PNG, Form.HTML)


@blp.route("/v1/results/practice", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.AUDITOR)
@query
@blp.arguments(PeriodQuerySchema, location="query")
@blp.response(200, SummarySchema)
@blp.doc(responses=_FORMS)
def practice_results(asked: dict[str, Any]) -> Any:
    """What the practice achieved: how many improved, by how much, and how much of it is known."""
    return _group(asked, By.PRACTICE, ALL)


@blp.route("/v1/results/locations/<location_id>", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.AUDITOR)
@query
@blp.arguments(PeriodQuerySchema, location="query")
@blp.response(200, SummarySchema)
@blp.doc(responses=_FORMS)
def location_results(asked: dict[str, Any], location_id: str) -> Any:
    """What one location achieved; `none` stands for visits at patients' homes."""
    return _group(asked, By.LOCATION, location_id)


@blp.route("/v1/results/therapists/<therapist_id>", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.AUDITOR, Role.THERAPIST)
@query
@blp.arguments(PeriodQuerySchema, location="query")
@blp.response(200, SummarySchema)
@blp.doc(responses=_FORMS)
def therapist_results(asked: dict[str, Any], therapist_id: str) -> Any:
    """What one therapist achieved. A therapist sees their own results."""
    principal = current_principal()
    if not principal.has(*READERS) and principal.subject != therapist_id:
        raise Forbidden("not-your-results", "You can see your own results and, without names, the funnel of all.")
    return _group(asked, By.THERAPIST, therapist_id)


@blp.route("/v1/results/funnel", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.AUDITOR, Role.THERAPIST)
@query
@blp.arguments(FunnelQuerySchema, location="query")
@blp.response(200, ComparisonSchema)
@blp.doc(responses=documented(Form.CSV, Form.SVG, Form.PNG))
def compare_groups(asked: dict[str, Any]) -> Any:
    """Therapists or locations beside what chance does to groups of their size. A therapist sees no other's name."""
    found = _read(asked)
    by, measure = By(asked["by"]), asked["measure"] and Measure(asked["measure"])
    compared, own = _compared(found, by, measure, _whole(asked))
    form = wanted_form(asked, tuple(form for form in FORMATS if form != Form.HTML))
    if form is Form.CSV:
        return csv_answer(funnel_csv(compared.funnel, compared.measure), f"funnel-{by}-{found.period.last}")
    if form in (Form.SVG, Form.PNG):
        if compared.funnel is None:
            raise NotFound("group that is large enough to be compared", by.value)
        return chart_answer(funnel_drawing(compared.funnel, compared.completeness, found.period, own=own), form)
    return {
        "by": by,
        "measure": compared.measure,
        "period": found.period,
        "completeness": compared.completeness,
        "headline": headline(compared.funnel) if compared.funnel else "There is nothing to compare yet.",
        "notes": notes(compared.funnel) if compared.funnel else [],
        "funnel": compared.funnel,
    }


def _group(asked: dict[str, Any], by: By, group: str) -> Response | dict[str, Any]:
    found = _read(asked)
    cell = _whole(asked)._replace(by=by, group=group)
    summary = summary_of(found, cell)
    form = wanted_form(asked, FORMATS)
    if form is Form.CSV:
        return csv_answer(summary_csv(summary), f"results-{by}-{found.period.last}")
    if form in (Form.SVG, Form.PNG):
        return chart_answer(summary_drawing(summary, found.period), form)
    if form is Form.HTML:
        bys = (By.THERAPIST, By.LOCATION) if by is By.PRACTICE else (by,)
        compared = [_compared(found, each, None, _whole(asked)) for each in bys]
        return page_answer("results/group.html", page=group_page(summary, found.period, compared))
    return {
        "group": cell,
        "period": found.period,
        "completeness": summary.completeness,
        "whole": summary.whole,
        "by_condition": summary.by_condition,
        "by_instrument": summary.by_instrument,
        "models": {str(year): version for year, version in found.residuals.models.items()},
    }


def _compared(found: PeriodResults, by: By, measure: Measure | None, whole: Cell) -> tuple[Comparison, bool]:
    """The comparison as the caller may see it, and whether it is about the caller."""
    compared = comparison_of(found, by, measure, whole)
    principal = current_principal()
    if principal.has(*READERS):
        return compared, False
    if by is not By.THERAPIST:
        raise Forbidden("not-your-results", "Locations are compared for owners, admins and auditors.")
    seen = anonymous(compared.funnel, principal.subject) if compared.funnel else None
    return compared.seen_as(seen), True


def _read(asked: dict[str, Any]) -> PeriodResults:
    uow = current_uow()
    return results_of(uow, period(asked["first"], asked["last"], uow.now.date()))


def _whole(asked: dict[str, Any]) -> Cell:
    """All episodes that the query is about; raises RuleViolation for an instrument that does not ship."""
    instrument = asked["instrument"]
    if instrument is not None and shipped().current(instrument) is None:
        known = ", ".join(sorted({each.id for each in shipped().all()}))
        raise RuleViolation(
            "unknown-instrument", f"{instrument} is no instrument.", "instrument", f"Use one of {known}."
        )
    return Cell(By.PRACTICE, ALL, asked["condition"] or ALL, instrument or ALL)
