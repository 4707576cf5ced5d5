"""/v1/instruments/{id}/licence: the licence that a practice holds for an instrument which belongs to somebody."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import Role, access, current_principal
from fascia.web.etag import set_etag
from fascia.web.unit import command, current_uow, query
from outcomes_svc.licences.licence import Terms
from outcomes_svc.licences.recording import LicenceState, end_licence, licence_state, record_licence
from outcomes_svc.licences.schemas import LicenceRequestSchema, LicenceStateSchema

blp = Blueprint("licences", __name__, description="Licences of instruments")


@blp.route("/v1/instruments/<instrument_id>/licence", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.AUDITOR, Role.SERVICE)
@query
@blp.response(200, LicenceStateSchema)
def get_licence(instrument_id: str) -> LicenceState:
    """The licences of the practice for an instrument, with their whole history."""
    return _shown(licence_state(current_uow(), instrument_id))


@blp.route("/v1/instruments/<instrument_id>/licence", methods=["PUT"])
@access(Role.OWNER, Role.ADMIN)
@command
@blp.arguments(LicenceRequestSchema)
@blp.response(200, LicenceStateSchema)
def put_licence(body: dict[str, Any], instrument_id: str) -> LicenceState:
    """Record a licence, or correct the one with the same reference. Who said so, and when, stays in the history."""
    terms = Terms(**{name: value for name, value in body.items() if name != "terms_seen"})
    return _shown(record_licence(current_uow(), instrument_id, terms, current_principal().subject))


@blp.route("/v1/instruments/<instrument_id>/licence", methods=["DELETE"])
@access(Role.OWNER, Role.ADMIN)
@command
@blp.response(200, LicenceStateSchema)
def delete_licence(instrument_id: str) -> LicenceState:
    """End the licences for an instrument: today is the last day. What was scored before stays as it is."""
    return _shown(end_licence(current_uow(), instrument_id, current_principal().subject))


def _shown(state: LicenceState) -> LicenceState:
    if state.version:
        set_etag(state.version)
    return state
