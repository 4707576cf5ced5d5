"""Drive times over HTTP: where they come from, and their calibration."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import access
from fascia.web.etag import required_version, set_etag
from fascia.web.pages import PageQuerySchema, page_of
from fascia.web.unit import command, current_uow, query
from scheduling_svc.roles import MANAGERS, READERS
from scheduling_svc.travel import calibrating, store
from scheduling_svc.travel.describing import describe
from scheduling_svc.travel.proposal import Proposal
from scheduling_svc.travel.schemas import CalibrationRequestSchema, CalibrationSchema, TravelSchema

blp = Blueprint("travel", __name__, description="Drive times and their calibration")


@blp.route("/v1/travel", methods=["GET"])
@access(*READERS)
@query
@blp.response(200, TravelSchema)
def get_travel() -> dict[str, Any]:
    """Where drive times come from, and by how many drives they were calibrated."""
    return describe(current_uow())


@blp.route("/v1/travel/calibrations", methods=["POST"])
@access(*MANAGERS)
@query
@blp.arguments(CalibrationRequestSchema)
@blp.response(201, CalibrationSchema)
def propose_calibration(wanted: dict[str, Any]) -> Proposal:
    """Fit drive times to the practice's own drives, and show what that would change. Changes no drive time yet."""
    return calibrating.make_proposal(current_uow(), **wanted)


@blp.route("/v1/travel/calibrations", methods=["GET"])
@access(*READERS)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(CalibrationSchema))
def list_calibrations(wanted: dict[str, Any]) -> dict[str, Any]:
    """Calibrations, newest first, applied or not."""
    calibrations, next_cursor = store.calibrations_page(current_uow(), wanted)
    return {"items": calibrations, "next_cursor": next_cursor}


@blp.route("/v1/travel/calibrations/<calibration_id>", methods=["GET"])
@access(*READERS)
@query
@blp.response(200, CalibrationSchema)
def get_calibration(calibration_id: str) -> Proposal:
    """One calibration."""
    return store.get_calibration(current_uow(), calibration_id)


@blp.route("/v1/travel/calibrations/<calibration_id>/application", methods=["POST"])
@access(*MANAGERS)
@command
@blp.response(201, CalibrationSchema)
def apply_calibration(calibration_id: str) -> Proposal:
    """Apply a calibration to the practice; If-Match names the version of the practice's settings."""
    version = required_version()
    applied = calibrating.apply_proposal(current_uow(), calibration_id, version)
    set_etag(version + 1)
    return applied
