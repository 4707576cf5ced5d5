"""/v1/instruments: what can be measured, and where each fact about it comes from."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import Role, access
from fascia.web.pages import page_of, write_cursor
from fascia.web.unit import query
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.instruments.schemas import InstrumentQuerySchema, InstrumentSchema

blp = Blueprint("instruments", __name__, description="Instruments")


@blp.route("/v1/instruments", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.DISPATCHER, Role.THERAPIST, Role.BILLER, Role.AUDITOR, Role.SERVICE, Role.PATIENT)
@query
@blp.arguments(InstrumentQuerySchema, location="query")
@blp.response(200, page_of(InstrumentSchema))
def list_instruments(filters: dict[str, Any]) -> dict[str, Any]:
    """List what can be measured: each version with items, scoring rule, thresholds, licence terms and sources."""
    # A place that sorts as the list does: by id, then by version as a number.
    known = [(f"{found.id} {found.version:0>6}", found) for found in shipped().all()]
    wanted = [
        (place, found)
        for place, found in known
        if found.id == filters.get("instrument", found.id)
        and found.family == filters.get("family", found.family)
        and place > (filters["cursor"] or "")
    ]
    page = wanted[: filters["limit"]]
    more = len(wanted) > len(page)
    return {"items": [found for _, found in page], "next_cursor": write_cursor(page[-1][0]) if more else None}
