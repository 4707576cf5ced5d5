"""Evaluations and clearances over HTTP."""

from __future__ import annotations

import threading
from typing import Any

from flask_smorest import Blueprint

from fascia.problem import NotFound
from fascia.web.access import access, current_principal
from fascia.web.etag import required_version, set_etag
from fascia.web.pages import PageQuerySchema, page_of
from fascia.web.principal import Role
from fascia.web.unit import command, current_uow, query
from records_svc.audit import store as trail
from records_svc.evaluation import assessment, diagnosis, store
from records_svc.evaluation.clearance import Clearance
from records_svc.evaluation.evaluation import Evaluation
from records_svc.evaluation.schemas import (
    ClearanceSchema,
    EvaluationAmendmentSchema,
    EvaluationDraftSchema,
    EvaluationEditSchema,
    EvaluationSchema,
    PresentFlagsSchema,
    findings_of,
)
from records_svc.intake.red_flags import screening
from records_svc.patients import store as patients
from records_svc.roles import CLINICAL_READERS, CLINICIANS, STAFF

blp = Blueprint("evaluation", __name__, description="May this patient be treated, and how")
# The code table takes 1.4 s to load: a web process does that beside its start, so that no clerk waits for it.
blp.record_once(lambda _: threading.Thread(target=diagnosis.preload, daemon=True).start())


@blp.route("/v1/patients/<patient_id>/evaluations", methods=["POST"])
@access(Role.THERAPIST, Role.ADMIN, Role.OWNER)
@command
@blp.arguments(EvaluationDraftSchema)
@blp.response(201, EvaluationSchema)
def draft_evaluation(body: dict[str, Any], patient_id: str) -> Evaluation:
    """Draft an evaluation."""
    return _tagged(
        assessment.draft_evaluation(
            current_uow(), patient_id, body["therapist_id"], findings_of(body), current_principal()
        )
    )


@blp.route("/v1/patients/<patient_id>/evaluations", methods=["GET"])
@access(*CLINICAL_READERS)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(EvaluationSchema))
def list_evaluations(wanted: dict[str, Any], patient_id: str) -> dict[str, Any]:
    """A patient's evaluations, newest first."""
    uow = current_uow()
    patients.exists(uow, patient_id)
    evaluations, cursor = store.page(uow, patient_id, wanted)
    trail.read(uow, "evaluation", None, patient_id, len(evaluations))
    return {"items": evaluations, "next_cursor": cursor}


@blp.route("/v1/evaluations/<evaluation_id>", methods=["GET"])
@access(*CLINICAL_READERS)
@query
@blp.response(200, EvaluationSchema)
def read_evaluation(evaluation_id: str) -> Evaluation:
    """One evaluation."""
    uow = current_uow()
    evaluation = store.get(uow, evaluation_id)
    trail.read(uow, "evaluation", evaluation_id, evaluation.patient_id)
    return _tagged(evaluation)


@blp.route("/v1/evaluations/<evaluation_id>", methods=["PUT"])
@access(Role.THERAPIST, Role.ADMIN, Role.OWNER)
@command
@blp.arguments(EvaluationEditSchema)
@blp.response(200, EvaluationSchema)
def edit_evaluation(body: dict[str, Any], evaluation_id: str) -> Evaluation:
    """Give a draft other content."""
    return _tagged(assessment.edit_evaluation(current_uow(), evaluation_id, findings_of(body), required_version()))


@blp.route("/v1/evaluations/<evaluation_id>/signature", methods=["POST"])
@access(*CLINICIANS)
@command
@blp.response(200, EvaluationSchema)
def sign_evaluation(evaluation_id: str) -> Evaluation:
    """Sign an evaluation; the patient's clearance follows from it."""
    return _tagged(
        assessment.sign_evaluation(current_uow(), evaluation_id, required_version(), current_principal().subject)
    )


@blp.route("/v1/evaluations/<evaluation_id>/amendments", methods=["POST"])
@access(*CLINICIANS)
@command
@blp.arguments(EvaluationAmendmentSchema)
@blp.response(200, EvaluationSchema)
def amend_evaluation(body: dict[str, Any], evaluation_id: str) -> Evaluation:
    """Amend a signed evaluation; what it said before stays in it."""
    return _tagged(
        assessment.amend_evaluation(
            current_uow(),
            evaluation_id,
            findings_of(body),
            body["reason"],
            required_version(),
            current_principal().subject,
        )
    )


@blp.route("/v1/patients/<patient_id>/red-flags", methods=["GET"])
@access(*CLINICAL_READERS)
@query
@blp.response(200, PresentFlagsSchema)
def list_present_red_flags(patient_id: str) -> dict[str, Any]:
    """The red flags that the patient's next evaluation has to deal with."""
    uow = current_uow()
    patients.exists(uow, patient_id)
    flags = assessment.flags_of(uow, patient_id)
    trail.read(uow, "red_flags", None, patient_id)
    return {"intake_signed": flags is not None, "items": flags or (), "result": screening(flags or ())}


@blp.route("/v1/patients/<patient_id>/clearance", methods=["GET"])
@access(*STAFF)
@query
@blp.response(200, ClearanceSchema)
def read_clearance(patient_id: str) -> Clearance:
    """The verdict in force."""
    uow = current_uow()
    clearance = store.clearance_of(uow, patient_id)
    if clearance is None:
        raise NotFound("clearance of a patient", patient_id)
    trail.read(uow, "clearance", patient_id, patient_id)
    set_etag(clearance.version)
    return clearance


def _tagged(evaluation: Evaluation) -> Evaluation:
    set_etag(evaluation.version)
    return evaluation
