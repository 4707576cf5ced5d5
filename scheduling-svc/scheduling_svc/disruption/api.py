"""Disruptions, promises at risk and live times over HTTP."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import access
from fascia.web.etag import set_etag
from fascia.web.pages import PageQuerySchema, page_of
from fascia.web.path_date import path_date
from fascia.web.principal import Principal
from fascia.web.unit import beforehand, command, current_uow, query
from scheduling_svc.disruption import live, responding, store
from scheduling_svc.disruption.beforehand import ask_roads
from scheduling_svc.disruption.disruption import Disruption
from scheduling_svc.disruption.live import Expected
from scheduling_svc.disruption.risk import Risk
from scheduling_svc.disruption.schemas import (
    DisruptionRequestSchema,
    DisruptionSchema,
    EtasSchema,
    RiskSchema,
    RisksQuerySchema,
)
from scheduling_svc.roles import DESK, READERS, require_own
from scheduling_svc.workforce import store as workforce

blp = Blueprint("disruptions", __name__, description="The day goes wrong: disruptions, promises at risk, live times")


@blp.route("/v1/days/<day>/disruptions", methods=["POST"])
@access(*DESK)
@beforehand(ask_roads)
@command
@blp.arguments(DisruptionRequestSchema)
@blp.response(201, DisruptionSchema)
def report_disruption(fields: dict[str, Any], day: str) -> Disruption:
    """Say what went wrong: the rest of the day is planned anew at once. No promise is broken that can be kept."""
    kind = fields.pop("kind")
    disruption = responding.report(current_uow(), path_date(day), kind, fields, _subject())
    set_etag(disruption.version)
    return disruption


@blp.route("/v1/days/<day>/disruptions", methods=["GET"])
@access(*DESK)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(DisruptionSchema))
def list_disruptions(wanted: dict[str, Any], day: str) -> dict[str, Any]:
    """What went wrong on a day, in the order in which it was reported."""
    items, next_cursor = store.disruptions_page(current_uow(), path_date(day), wanted)
    return {"items": items, "next_cursor": next_cursor}


@blp.route("/v1/disruptions/<disruption_id>", methods=["GET"])
@access(*DESK)
@query
@blp.response(200, DisruptionSchema)
def get_disruption(disruption_id: str) -> Disruption:
    """One disruption and what was changed for it."""
    disruption = store.get_disruption(current_uow(), disruption_id)
    set_etag(disruption.version)
    return disruption


@blp.route("/v1/days/<day>/promises-at-risk", methods=["GET"])
@access(*DESK)
@query
@blp.arguments(RisksQuerySchema, location="query")
@blp.response(200, page_of(RiskSchema))
def list_risks(wanted: dict[str, Any], day: str) -> dict[str, Any]:
    """The promises of a day that are in danger, each with what could be done."""
    items, next_cursor = store.risks_page(current_uow(), path_date(day), wanted)
    return {"items": items, "next_cursor": next_cursor}


@blp.route("/v1/promises-at-risk/<appointment_id>/acknowledgement", methods=["POST"])
@access(*DESK)
@command
@blp.response(200, RiskSchema)
def acknowledge_risk(appointment_id: str) -> Risk:
    """Somebody sees to it. Saying so twice changes nothing."""
    uow = current_uow()
    known = store.get_risk(uow, appointment_id)
    risk = known.acknowledged(_subject(), uow.now)
    stored = risk if risk is known else store.save_risk(uow, risk)
    set_etag(stored.version)
    return stored


@blp.route("/v1/therapists/<therapist_id>/days/<day>/etas", methods=["GET"])
@access(*READERS)
@query
@blp.response(200, EtasSchema)
def get_etas(therapist_id: str, day: str) -> dict[str, Any]:
    """When each visit that has not begun is expected, by what has happened so far."""
    uow = current_uow()
    require_own(uow, therapist_id)
    workforce.directory(uow).therapist(therapist_id)
    on = path_date(day)
    items = [_eta(one) for one in live.expected_today(uow, therapist_id, on)]
    return {"therapist_id": therapist_id, "date": on, "items": items}


def _eta(one: Expected) -> dict[str, Any]:
    eta = one.eta
    return {
        "appointment_id": one.appointment.id,
        "patient_id": one.appointment.visit.patient_id,
        "arrives_at": eta.arrives_at,
        "starts_at": eta.starts_at,
        "planned_at": eta.planned,
        "told_at": one.appointment.starts_at,
        "promised_until": eta.promised_until,
        "delayed_minutes": eta.delayed,
        "late_minutes": eta.late,
        "promise": one.level,
    }


def _subject() -> str:
    principal = current_uow().principal
    assert isinstance(principal, Principal)
    return principal.subject
