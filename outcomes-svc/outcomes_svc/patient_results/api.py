"""/v1/patients/{id}/results and GET /r/{token}: a patient's scores in plain words.

The link is made by staff who may read the patient, carries the patient's id only and shows what is known when it is
opened. It changes nothing, so that a mail scanner that follows it does no harm.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response
from flask_smorest import Blueprint

from fascia.links import Link, read_link, sign_link
from fascia.problem import NotFound, Problem
from fascia.web.access import Principal, Role, access, public
from fascia.web.unit import command, current_runtime, current_uow, query
from outcomes_svc.episodes.reading import check_may_read
from outcomes_svc.patient_results.read import PatientResults, check_is_known, results_of_patient
from outcomes_svc.patient_results.schemas import (
    FORMATS,
    PatientResultsQuerySchema,
    PatientResultsSchema,
    ResultsLinkSchema,
)
from outcomes_svc.results.drawings import course_drawing
from outcomes_svc.results.pages import Form, chart_answer, documented, page_answer, wanted_form
from outcomes_svc.results.plain_words import day_words

RESULTS_LINK = "patient-results"
OPEN_FOR = timedelta(days=14)

blp = Blueprint("patient_results", __name__, template_folder="templates", description="A patient's results")
page_blp = Blueprint("own_results", __name__, description="A patient's results, behind a signed link")


@blp.route("/v1/patients/<patient_id>/results", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.THERAPIST, Role.AUDITOR)
@query
@blp.arguments(PatientResultsQuerySchema, location="query")
@blp.response(200, PatientResultsSchema)
@blp.doc(responses=documented(Form.HTML, Form.SVG, Form.PNG))
def show_patient_results(asked: dict[str, Any], patient_id: str) -> Any:
    """A patient's scores by episode, with what they say in plain words. A therapist names a patient whom they treat."""
    uow = current_uow()
    check_may_read(uow, patient_id)
    found = results_of_patient(uow, patient_id, asked["language"])
    form = wanted_form(asked, FORMATS)
    if form is Form.HTML:
        return _page(found)
    if form in (Form.SVG, Form.PNG):
        if found.latest is None:
            raise NotFound("score of patient", patient_id)
        return chart_answer(course_drawing(found.latest, found.language), form)
    return found


@blp.route("/v1/patients/<patient_id>/results/links", methods=["POST"])
@access(Role.OWNER, Role.ADMIN, Role.THERAPIST)
@command
@blp.response(201, ResultsLinkSchema)
def make_results_link(patient_id: str) -> dict[str, Any]:
    """Make a signed link with which the patient can see their own results for 14 days."""
    uow = current_uow()
    check_may_read(uow, patient_id)
    check_is_known(uow, patient_id)
    expires_at = uow.now + OPEN_FOR
    token = sign_link(current_runtime().keyring, RESULTS_LINK, patient_id, uow.practice_id, expires_at)
    return {"path": f"/r/{token}", "expires_at": expires_at}


def _link(token: str) -> Link:
    runtime = current_runtime()
    return read_link(runtime.keyring, RESULTS_LINK, token, runtime.clock.now())


def _holder(token: str) -> Principal:
    """Whoever holds the link acts as the patient that it names, and reads their results alone."""
    link = _link(token)
    return Principal(f"link:{link.subject}", link.practice_id, frozenset({Role.PATIENT}))


@page_blp.route("/r/<token>", methods=["GET"])
@public("signed link", principal=_holder)
@query
@page_blp.doc(responses={"200": {"description": "the page", "content": {"text/html": {}}}})
def show_own_results(token: str) -> Response:
    """A patient's own results, behind a signed link."""
    return _page(results_of_patient(current_uow(), _link(token).subject))


@page_blp.errorhandler(Problem)
def _show_problem(problem: Problem) -> Response:
    """A person reads this, so a problem is a page here."""
    answer = page_answer("patient_results/unavailable.html", expired=problem.status == 410)
    answer.status_code = problem.status
    return answer


def _page(found: PatientResults) -> Response:
    return page_answer(
        "patient_results/results.html",
        found=found,
        day=lambda day: day_words(day, found.language),
        language=found.language,
        drawings={
            (episode.episode.id, measured.instrument.id): course_drawing(measured, found.language)
            for episode in found.episodes
            for measured in episode.measured
            if len(measured.readings) > 1
        },
    )
