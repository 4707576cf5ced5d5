"""/v1/alerts: what a person must look at, and that they did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_smorest import Blueprint

from fascia.store.unit_of_work import UnitOfWork
from fascia.web.access import Role, access, current_principal
from fascia.web.etag import required_version, set_etag
from fascia.web.pages import page_of
from fascia.web.unit import command, current_runtime, current_uow, query
from outcomes_svc.alerts import store, watching
from outcomes_svc.alerts.alert import Alert
from outcomes_svc.alerts.schemas import AcknowledgementSchema, AlertDetailSchema, AlertQuerySchema, AlertSchema
from outcomes_svc.assessments.course import score_id_of
from outcomes_svc.assessments.store import get_assessment
from outcomes_svc.episodes.reading import check_may_read

blp = Blueprint("alerts", __name__, description="Answers that a person must look at")

_DESK = (Role.OWNER, Role.ADMIN)


@blp.route("/v1/alerts", methods=["GET"])
@access(*_DESK, Role.THERAPIST, Role.AUDITOR)
@query
@blp.arguments(AlertQuerySchema, location="query")
@blp.response(200, page_of(AlertSchema))
def list_alerts(filters: dict[str, Any]) -> dict[str, Any]:
    """List alerts, oldest first. A therapist sees those to themselves, or of one patient whom they treat."""
    uow, principal = current_uow(), current_principal()
    if not principal.has(*_DESK, Role.AUDITOR):
        if filters.get("patient_id"):
            check_may_read(uow, filters["patient_id"])
        else:
            filters = {**filters, "therapist_id": principal.subject}
    items, cursor = store.alert_page(uow, filters)
    return {"items": items, "next_cursor": cursor}


@blp.route("/v1/alerts/<alert_id>", methods=["GET"])
@access(*_DESK, Role.THERAPIST)
@query
@blp.response(200, AlertDetailSchema)
def get_alert(alert_id: str) -> Alert:
    """One alert with its history."""
    alert = _mine(current_uow(), alert_id)
    set_etag(alert.version)
    return alert


@blp.route("/v1/alerts/<alert_id>/acknowledgement", methods=["POST"])
@access(*_DESK, Role.THERAPIST)
@command
@blp.arguments(AcknowledgementSchema)
@blp.response(200, AlertDetailSchema)
def acknowledge_alert(body: dict[str, Any], alert_id: str) -> Alert:
    """Say that you looked, and what was done. Who and when stay in the history; the alert is told of no more."""
    uow = current_uow()
    _mine(uow, alert_id)
    alert = watching.acknowledge(uow, alert_id, required_version(), current_principal().subject, body["note"])
    set_etag(alert.version)
    return alert


def note_unfinished(assessment_id: str, answers: Mapping[str, object]) -> None:
    """Alert about answers that were turned away, in a transaction of its own: the refused command leaves nothing."""
    principal = current_principal()

    def work(uow: UnitOfWork) -> None:
        assessment = get_assessment(uow, assessment_id)
        watching.watch_unfinished(uow, assessment, answers, score_id_of(uow, (assessment.id, assessment.instrument)))

    current_runtime().transaction(principal.practice_id, work, principal=principal)


def _mine(uow: UnitOfWork, alert_id: str) -> Alert:
    """An alert that the caller may see: a therapist's own, or of a patient whom they treat."""
    alert = watching.get_alert(uow, alert_id)
    if alert.therapist_id != current_principal().subject:
        check_may_read(uow, alert.patient_id)
    return alert
