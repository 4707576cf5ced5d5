"""/v1/findings, and how views that take answers note what they turn away."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask_smorest import Blueprint
from pymongo.errors import DuplicateKeyError

from fascia.problem import Problem
from fascia.store.unit_of_work import UnitOfWork
from fascia.web.access import Role, access, current_principal
from fascia.web.pages import page_of
from fascia.web.unit import current_runtime, current_uow, query
from outcomes_svc.alerts.api import note_unfinished
from outcomes_svc.assessments import store as assessments
from outcomes_svc.assessments.assessment import AnswersRefused
from outcomes_svc.episodes.reading import check_may_read
from outcomes_svc.findings import store
from outcomes_svc.findings.finding import FindingCode, code_of
from outcomes_svc.findings.noting import note_refusal
from outcomes_svc.findings.schemas import FindingQuerySchema, FindingSchema
from outcomes_svc.scoring.faults import Fault

blp = Blueprint("findings", __name__, description="What led to no score")

View = TypeVar("View", bound=Callable[..., Any])


@blp.route("/v1/findings", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.THERAPIST, Role.AUDITOR, Role.SERVICE)
@query
@blp.arguments(FindingQuerySchema, location="query")
@blp.response(200, page_of(FindingSchema))
def list_findings(filters: dict[str, Any]) -> dict[str, Any]:
    """List what led to no score, oldest first. A therapist names a patient whom they treat."""
    uow = current_uow()
    check_may_read(uow, filters.get("patient_id"))
    items, cursor = store.finding_page(uow, filters)
    return {"items": items, "next_cursor": cursor}


def noting_refusals(view: View) -> View:
    """Note what the view below, a `@command` with `assessment_id` in its path, turns away.

    The refused command leaves nothing behind, so the finding is written in a transaction of its own after it.
    """

    @wraps(view)
    def noted(*args: Any, **path: Any) -> Any:
        try:
            return view(*args, **path)
        except Problem as problem:
            code = code_of(problem)
            if code is not None:
                faults = problem.faults if isinstance(problem, AnswersRefused) else ()
                note_turned_away(path["assessment_id"], code, faults)
            if isinstance(problem, AnswersRefused):
                note_unfinished(path["assessment_id"], problem.given)
            raise

    return noted  # type: ignore[return-value]


def note_turned_away(assessment_id: str, code: FindingCode, faults: tuple[Fault, ...] = ()) -> None:
    """Note that answers to an assessment were turned away, in a transaction of its own."""
    principal = current_principal()

    def work(uow: UnitOfWork) -> None:
        assessment = assessments.get_assessment(uow, assessment_id)
        note_refusal(uow, assessment, code, principal.subject, faults)

    def once() -> None:
        current_runtime().transaction(principal.practice_id, work, principal=principal)

    try:
        once()
    except DuplicateKeyError:
        once()  # the same thing was noted at the same moment: now it is there to be counted
