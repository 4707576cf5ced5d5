"""/v1/scores: what was measured and what came of it."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import Role, access
from fascia.web.pages import page_of
from fascia.web.unit import current_uow, query
from outcomes_svc.episodes.reading import check_may_read
from outcomes_svc.scoring import store
from outcomes_svc.scoring.schemas import ScoreQuerySchema, ScoreSchema
from outcomes_svc.scoring.score import ScoreState

blp = Blueprint("scores", __name__, description="Scores")

_SHOWN = {
    None: (ScoreState.SCORED,),
    "refusals": (ScoreState.SCORED, ScoreState.REFUSED),
    "all": tuple(ScoreState),
}


@blp.route("/v1/scores", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.THERAPIST, Role.AUDITOR, Role.SERVICE)
@query
@blp.arguments(ScoreQuerySchema, location="query")
@blp.response(200, page_of(ScoreSchema))
def list_scores(filters: dict[str, Any]) -> dict[str, Any]:
    """List scores, oldest first. A therapist names a patient whom they treat."""
    uow = current_uow()
    check_may_read(uow, filters.get("patient_id"))
    states = (ScoreState(filters["state"]),) if "state" in filters else _SHOWN[filters.get("include")]
    items, cursor = store.score_page(uow, filters, states)
    return {"items": items, "next_cursor": cursor}
