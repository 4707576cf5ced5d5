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
from fascia.store.unit_of_work import UnitOfWork
from fascia.web.access import Principal, Role, public
from fascia.web.headers import page_policy
from fascia.web.unit import command, current_runtime, current_uow, query
from outcomes_svc.alerts.api import note_unfinished
from outcomes_svc.assessments.assessment import AnswersRefused, Assessment, AssessmentState
from outcomes_svc.assessments.store import get_assessment
from outcomes_svc.assessments.submit_answers import submit_answers
from outcomes_svc.findings.api import note_turned_away
from outcomes_svc.findings.finding import FindingCode
from outcomes_svc.patient_page.form import OPENED, WORDING, Given, read_form, seconds_open
from outcomes_svc.patient_page.refusal import Refusal, refusal
from outcomes_svc.patient_page.showing import Reader, guidance_after, reader_of, sheet_of
from outcomes_svc.patient_page.texts import Texts, spoken, texts_for

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
    uow = current_uow()
    return _page(uow, get_assessment(uow, _link(token).subject))


@blp.route("/q/<token>", methods=["POST"])
@public("signed link", principal=_holder)
@command
@blp.doc(requestBody=_BODY_DOC, responses={"200": {"description": "the page", "content": {"text/html": {}}}})
def take_answers(token: str) -> Response:
    """Score the answers and say so, or show the questions again with what is wrong."""
    uow = current_uow()
    assessment = get_assessment(uow, _link(token).subject)
    state = assessment.state(uow.now)
    if state is not AssessmentState.REQUESTED:
        late = state is AssessmentState.EXPIRED
        note_turned_away(assessment.id, FindingCode.ASSESSMENT_EXPIRED if late else FindingCode.ALREADY_ANSWERED)
        return _page(uow, assessment)
    reader = _reader(uow, assessment)
    sheet = sheet_of(uow, assessment, reader, request.form.get(WORDING))
    given = read_form(request.form.to_dict(flat=False), sheet)
    if given.faults:
        note_turned_away(assessment.id, FindingCode.ANSWERS_REFUSED)
        note_unfinished(assessment.id, given.answers)
        return _questions(uow, assessment, given, refusal(sheet, reader.texts, given.faults))
    try:
        seconds = seconds_open(request.form.get(OPENED, ""), uow.now)
        answered = submit_answers(uow, assessment.id, given.answers, wording=sheet.wording, seconds=seconds)
    except AnswersRefused as refused:
        note_turned_away(assessment.id, FindingCode.ANSWERS_REFUSED, refused.faults)
        note_unfinished(assessment.id, given.answers)
        return _questions(uow, assessment, given, refusal(sheet, reader.texts, given.faults, refused.faults))
    return _page(uow, answered)


@blp.errorhandler(Problem)
def _show_problem(problem: Problem) -> Response:
    """A person reads this, so a problem is a page here. Whether an assessment exists is not told to a forged link."""
    which = "expired" if problem.status == 410 else "later" if problem.status >= 500 else "broken"
    return _unavailable(which, problem.status, texts_for(_browser_languages()))


def _page(uow: UnitOfWork, assessment: Assessment) -> Response:
    state, reader = assessment.state(uow.now), _reader(uow, assessment)
    if state is AssessmentState.EXPIRED:
        return _unavailable("expired", 410, reader.texts)
    if state is AssessmentState.REQUESTED or assessment.answered_at is None:
        return _questions(uow, assessment, Given({}, {}, {}), None)
    texts, at, zone = reader.texts, assessment.answered_at, reader.time_zone
    arrived = texts.say("arrived", date=texts.date(at, zone), time=texts.time(at, zone))
    guidance = guidance_after(uow, assessment, reader, assessment.answers or {})
    return _html("answered.html", 200, texts, arrived=arrived, guidance=guidance)


def _questions(uow: UnitOfWork, assessment: Assessment, given: Given, refused: Refusal | None) -> Response:
    reader = _reader(uow, assessment)
    shown = request.form.get(WORDING) if refused else None
    sheet = sheet_of(uow, assessment, reader, shown)
    opened = request.form.get(OPENED, "") if refused else str(int(uow.now.timestamp()))
    values = {"sheet": sheet, "given": given.shown, "refused": refused, "opened": opened}
    guidance = guidance_after(uow, assessment, reader, given.answers)
    return _html("questions.html", 422 if refused else 200, reader.texts, guidance=guidance, **values)


def _unavailable(which: str, status: int, texts: Texts) -> Response:
    return _html("unavailable.html", status, texts, which=which)


def _reader(uow: UnitOfWork, assessment: Assessment) -> Reader:
    chosen = request.args.get("lang", "")
    return reader_of(uow, assessment.patient_id, chosen if chosen in spoken() else None, _browser_languages())


def _browser_languages() -> tuple[str, ...]:
    return tuple(tag for tag, _ in request.accept_languages if tag != "*")


def _html(template: str, status: int, texts: Texts, **values: Any) -> Response:
    page_policy(_POLICY)
    others = [known for tag, known in sorted(spoken().items()) if tag != texts.tag]
    return Response(
        # The style is ours and its hash is in the policy; escaping would change both.
        render_template(f"questionnaire/{template}", style=Markup(_STYLE), t=texts, others=others, **values),  # noqa: S704
        status=status,
        content_type="text/html; charset=utf-8",
    )
