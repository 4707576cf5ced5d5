"""/v1/patients/{id}/progress-reports: read only; outcomes-svc makes the figures."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.problem import Forbidden
from fascia.web.access import Role, access, current_principal
from fascia.web.pages import PageQuerySchema, page_of
from fascia.web.unit import current_uow, query
from records_svc.audit import store as trail
from records_svc.notes.store import has_visit
from records_svc.patients import store as patients
from records_svc.progress import store
from records_svc.progress.schemas import ProgressReportSchema
from records_svc.roles import CLINICAL_READERS

blp = Blueprint("progress", __name__, description="Progress reports")


@blp.route("/v1/patients/<patient_id>/progress-reports", methods=["GET"])
@access(*CLINICAL_READERS)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(ProgressReportSchema))
def list_progress_reports(wanted: dict[str, Any], patient_id: str) -> dict[str, Any]:
    """The progress reports of a patient, oldest first. A therapist reads those of patients whom they see."""
    uow, principal = current_uow(), current_principal()
    patients.exists(uow, patient_id)
    readers = [role for role in CLINICAL_READERS if role is not Role.THERAPIST]
    if not principal.has(*readers) and not has_visit(uow, principal.subject, patient_id):
        raise Forbidden("not-your-patient", "You have no visit with this patient.")
    reports, cursor = store.page(uow, patient_id, wanted)
    trail.read(uow, "progress-report", None, patient_id, len(reports))
    return {"items": reports, "next_cursor": cursor}
