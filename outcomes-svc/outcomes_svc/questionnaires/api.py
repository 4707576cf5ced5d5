"""/v1/questionnaires: wording of instruments, imported as FHIR R4 Questionnaires."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from fascia.web.access import Role, access, current_principal
from fascia.web.body import body_limit, strict_json
from fascia.web.pages import PageQuerySchema, page_of
from fascia.web.problems import UnsupportedMedia
from fascia.web.unit import command, current_uow, query
from outcomes_svc.questionnaires import store
from outcomes_svc.questionnaires.asking import askable_instruments
from outcomes_svc.questionnaires.import_questionnaire import import_questionnaire
from outcomes_svc.questionnaires.imported import ImportedQuestionnaire
from outcomes_svc.questionnaires.retiring import retire_questionnaire
from outcomes_svc.questionnaires.schemas import (
    AskableListSchema,
    ImportQuerySchema,
    QuestionnaireSchema,
    QuestionnaireSummarySchema,
)

blp = Blueprint("questionnaires", __name__, description="Wording of instruments")

MEDIA_TYPE = "application/fhir+json"
MAX_BYTES = 1_000_000
_R4 = ("4.0", "4.0.0", "4.0.1")
_READERS = (Role.OWNER, Role.ADMIN, Role.THERAPIST, Role.AUDITOR, Role.SERVICE)


@blp.route("/v1/questionnaires", methods=["POST"])
@access(Role.OWNER, Role.ADMIN)
@command
@body_limit(MAX_BYTES)
@blp.doc(requestBody={"required": True, "content": {MEDIA_TYPE: {"schema": {"type": "object"}}}})
@blp.arguments(ImportQuerySchema, location="query")
@blp.response(201, QuestionnaireSchema)
@blp.alt_response(200, schema=QuestionnaireSchema, description="it was imported before")
def import_wording(wanted: dict[str, Any]) -> tuple[ImportedQuestionnaire, int]:
    """Import a FHIR R4 Questionnaire (application/fhir+json). What binds to no instrument is listed by linkId."""
    _check_media()
    resource = strict_json(request.get_data(cache=True))
    imported, new = import_questionnaire(
        current_uow(), resource, language=wanted["language"], mapping=wanted["map"], by=current_principal().subject
    )
    return imported, 201 if new else 200


@blp.route("/v1/questionnaires", methods=["GET"])
@access(*_READERS)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(QuestionnaireSummarySchema))
def list_questionnaires(filters: dict[str, Any]) -> dict[str, Any]:
    """List what was imported, oldest first."""
    items, cursor = store.questionnaire_page(current_uow(), filters)
    return {"items": items, "next_cursor": cursor}


@blp.route("/v1/questionnaires/<questionnaire_id>", methods=["GET"])
@access(*_READERS)
@query
@blp.response(200, QuestionnaireSchema)
def get_questionnaire(questionnaire_id: str) -> ImportedQuestionnaire:
    """One import with its wordings."""
    return store.get_questionnaire(current_uow(), questionnaire_id)


@blp.route("/v1/questionnaires/<questionnaire_id>/resource", methods=["GET"])
@access(*_READERS)
@query
@blp.doc(responses={"200": {"description": "the resource", "content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}})
def get_resource(questionnaire_id: str) -> Response:
    """The FHIR resource of an import, with all that was in it."""
    return Response(store.resource_of(current_uow(), questionnaire_id), content_type=MEDIA_TYPE)


@blp.route("/v1/questionnaires/<questionnaire_id>/retirement", methods=["POST"])
@access(Role.OWNER, Role.ADMIN)
@command
@blp.response(200, QuestionnaireSchema)
def retire_wording(questionnaire_id: str) -> ImportedQuestionnaire:
    """Show its wordings to nobody from now on. What was shown stays readable; a wording is never changed."""
    return retire_questionnaire(current_uow(), questionnaire_id)


@blp.route("/v1/askable-instruments", methods=["GET"])
@access(*_READERS)
@query
@blp.response(200, AskableListSchema)
def list_askable() -> dict[str, Any]:
    """Which instruments the practice can ask its patients today, and what is missing for the others."""
    return {"items": askable_instruments(current_uow())}


def _check_media() -> None:
    if request.mimetype not in (MEDIA_TYPE, "application/json"):
        detail = f"This route reads a FHIR Questionnaire. Send Content-Type: {MEDIA_TYPE}."
        raise UnsupportedMedia("unsupported-media-type", detail)
    version = request.mimetype_params.get("fhirversion", "4.0")
    if version not in _R4:
        detail = f"This route reads FHIR R4, not {version[:20]}. Send an R4 (4.0.1) resource and fhirVersion=4.0."
        raise UnsupportedMedia("unsupported-fhir-version", detail)
