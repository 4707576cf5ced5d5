"""GET and POST /q/{token}: the page on which a patient answers, reached by the signed link of a message.

GET never changes anything, because mail scanners and link previews follow links. There is no CSRF token: the page uses
no cookie and no login, so another site has no standing of the visitor to abuse; it would have to know the signed link
itself, and whoever knows that may answer.
"""

from __future__ import annotations

import base64
from hashlib import sha256
from importlib import resources
from typing import Any

from flask import Response, render_template, request
from flask_smorest import Blueprint
from markupsafe import Markup

from fascia.links import QUESTIONNAIRE, Link, read_link
from fascia.problem import Problem
from fascia.web.access import Principal, Role, public
from fascia.web.headers import page_policy
from fascia.web.unit import command, current_runtime, current_uow, query
from outcomes_svc.assessments.asked import asked, with_questions
from outcomes_svc.assessments.assessment import AnswersRefused, AssessmentState
from outcomes_svc.assessments.questionnaire import Questionnaire
from outcomes_svc.assessments.submit_answers import submit_answers
from outcomes_svc.patient_page.form import answers_of_form
from outcomes_svc.scoring.scale import Fault

blp = Blueprint("questionnaire", __name__, template_folder="templates", description="The patient's page")

_STYLE = resources.files("outcomes_svc.patient_page").joinpath("templates", "page.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_BODY_DOC: dict[str, Any] = {
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {"type": "object", "description": "one field per item, named by its code"}
        }
    }
}


def _link(token: str) -> Link:
    runtime = current_runtime()
    return read_link(runtime.keyring, QUESTIONNAIRE, token, runtime.clock.now())


def _holder(token: str) -> Principal:
    """Whoever holds the link acts as a patient of its practice, on the one assessment that it names."""
    link = _link(token)
    return Principal(f"link:{link.subject}", link.practice_id, frozenset({Role.PATIENT}))


@blp.route("/q/<token>", methods=["GET"])
@public("signed link", principal=_holder)
@query
@blp.doc(responses={"200": {"description": "the page", "content": {"text/html": {}}}})
def show_questions(token: str) -> Response:
    """Show the questions, or what became of them."""
    return _page(asked(current_uow(), _link(token).subject))


@blp.route("/q/<token>", methods=["POST"])
@public("signed link", principal=_holder)
@command
@blp.doc(requestBody=_BODY_DOC, responses={"200": {"description": "the page", "content": {"text/html": {}}}})
def take_answers(token: str) -> Response:
    """Score the answers and say so, or show the questions again with what is wrong."""
    uow = current_uow()
    found = asked(uow, _link(token).subject)
    if found.state is not AssessmentState.REQUESTED:
        return _page(found)
    answers = answers_of_form(request.form.to_dict(flat=False))
    try:
        answered = submit_answers(uow, found.assessment.id, answers)
    except AnswersRefused as refused:
        return _page(found, faults=refused.faults, given=answers)
    return _page(with_questions(uow, answered))


@blp.errorhandler(Problem)
def _show_problem(problem: Problem) -> Response:
    """A person reads this, so a problem is a page here."""
    # Whether an assessment exists is nobody's business who holds no genuine link.
    return _html("unavailable.html", problem.status, expired=problem.status == 410, later=problem.status >= 500)


def _page(found: Questionnaire, faults: tuple[Fault, ...] = (), given: dict[str, object] | None = None) -> Response:
    if found.state is AssessmentState.ANSWERED:
        return _html("answered.html", 200, answered_at=found.assessment.answered_at)
    if found.state is AssessmentState.EXPIRED:
        return _html("unavailable.html", 410, expired=True)
    by_item = {fault.item: fault for fault in reversed(faults)}
    marked = [item.code for item in found.items if item.code in by_item]
    general = next((fault for fault in faults if fault.item not in marked), None)
    return _html(
        "questions.html",
        422 if faults else 200,
        found=found,
        faults=by_item,
        marked=marked,
        general=general,
        given=given or {},
    )


def _html(template: str, status: int, **values: Any) -> Response:
    page_policy(_POLICY)
    return Response(
        # The style is ours and its hash is in the policy; escaping would change both.
        render_template(f"questionnaire/{template}", style=Markup(_STYLE), **values),  # noqa: S704
        status=status,
        content_type="text/html; charset=utf-8",
    )
