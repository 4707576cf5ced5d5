"""Intakes over HTTP."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import access
from fascia.web.pages import PageQuerySchema, page_of
from fascia.web.unit import command, current_uow, query
from records_svc.audit import store as trail
from records_svc.intake import store, submission
from records_svc.intake.intake import Answers, Intake
from records_svc.intake.red_flags import rules
from records_svc.intake.schemas import IntakeRequestSchema, IntakeSchema, RedFlagRulesSchema
from records_svc.patients import store as patients
from records_svc.roles import CLINICAL_READERS, REGISTRARS, STAFF

blp = Blueprint("intake", __name__, description="What patients say and sign before the first visit")


@blp.route("/v1/red-flags", methods=["GET"])
@access(*STAFF)
@blp.response(200, RedFlagRulesSchema)
def list_red_flags() -> dict[str, Any]:
    """The questions of the intake, with what a yes means and where the rule comes from."""
    return {"items": list(rules().values())}


@blp.route("/v1/patients/<patient_id>/intakes", methods=["POST"])
@access(*REGISTRARS)
@command
@blp.arguments(IntakeRequestSchema)
@blp.response(201, IntakeSchema)
def take_intake(filled_in: Answers, patient_id: str) -> Intake:
    """Take a signed intake."""
    return submission.take_intake(current_uow(), patient_id, filled_in)


@blp.route("/v1/patients/<patient_id>/intakes", methods=["GET"])
@access(*CLINICAL_READERS)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(IntakeSchema))
def list_intakes(wanted: dict[str, Any], patient_id: str) -> dict[str, Any]:
    """A patient's intakes, newest first; the first one counts."""
    uow = current_uow()
    patients.exists(uow, patient_id)
    intakes, cursor = store.page(uow, patient_id, wanted)
    trail.read(uow, "intake", None, patient_id, len(intakes))
    return {"items": intakes, "next_cursor": cursor}
