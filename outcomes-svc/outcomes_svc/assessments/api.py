"""/v1/assessments: what patients are asked, and answers from clients that speak JSON."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import Role, access, current_principal
from fascia.web.etag import set_etag
from fascia.web.pages import page_of
from fascia.web.unit import command, current_uow, query
from outcomes_svc.assessments.asked import asked, asked_page, with_questions
from outcomes_svc.assessments.questionnaire import Questionnaire
from outcomes_svc.assessments.schemas import AnswersSchema, AssessmentQuerySchema, AssessmentSchema
from outcomes_svc.assessments.submit_answers import submit_answers
from outcomes_svc.episodes.reading import check_may_read
from outcomes_svc.findings.api import noting_refusals
from outcomes_svc.findings.finding import AssessmentOfAnother

blp = Blueprint("assessments", __name__, description="Assessments")


@blp.route("/v1/assessments", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.THERAPIST, Role.AUDITOR, Role.SERVICE, Role.PATIENT)
@query
@blp.arguments(AssessmentQuerySchema, location="query")
@blp.response(200, page_of(AssessmentSchema))
def list_assessments(filters: dict[str, Any]) -> dict[str, Any]:
    """List assessments, oldest first. A patient sees their own; a therapist names a patient whom they treat."""
    uow = current_uow()
    principal = current_principal()
    if principal.roles == {Role.PATIENT}:
        filters = {**filters, "patient_id": principal.subject}
    else:
        check_may_read(uow, filters.get("patient_id"))
    items, cursor = asked_page(uow, filters)
    return {"items": items, "next_cursor": cursor}


@blp.route("/v1/assessments/<assessment_id>", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.THERAPIST, Role.AUDITOR, Role.SERVICE, Role.PATIENT)
@query
@blp.response(200, AssessmentSchema)
def get_assessment(assessment_id: str) -> Questionnaire:
    """One assessment with its questions."""
    found = asked(current_uow(), assessment_id)
    _check_own(found)
    if current_principal().roles != {Role.PATIENT}:
        check_may_read(current_uow(), found.assessment.patient_id)
    set_etag(found.assessment.version)
    return found


@blp.route("/v1/assessments/<assessment_id>/answers", methods=["POST"])
@access(Role.PATIENT, Role.SERVICE)
@noting_refusals
@command
@blp.arguments(AnswersSchema)
@blp.response(201, AssessmentSchema)
def answer_assessment(body: dict[str, Any], assessment_id: str) -> Questionnaire:
    """Answer an assessment, once. The score is stored and published in the same transaction."""
    uow = current_uow()
    _check_own(asked(uow, assessment_id))
    # A system that sends answers cannot say that no member of staff filled them in.
    handed_over = not current_principal().has(Role.PATIENT)
    shown = {"shown_version": body["instrument_version"], "wording": body["wording"]}
    answered = submit_answers(uow, assessment_id, body["answers"], **shown, handed_over=handed_over)
    set_etag(answered.version)
    return with_questions(uow, answered)


def _check_own(found: Questionnaire) -> None:
    """A patient has their own assessments only; of others they do not learn that they exist."""
    principal = current_principal()
    if principal.roles == {Role.PATIENT} and found.assessment.patient_id != principal.subject:
        raise AssessmentOfAnother("assessment", found.assessment.id)
