"""/v1/episodes: which sessions belong together."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import Role, access
from fascia.web.pages import page_of
from fascia.web.unit import current_uow, query
from outcomes_svc.episodes import store
from outcomes_svc.episodes.reading import check_may_read
from outcomes_svc.episodes.schemas import EpisodeQuerySchema, EpisodeSchema

blp = Blueprint("episodes", __name__, description="Episodes of care")


@blp.route("/v1/episodes", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.THERAPIST, Role.AUDITOR, Role.SERVICE)
@query
@blp.arguments(EpisodeQuerySchema, location="query")
@blp.response(200, page_of(EpisodeSchema))
def list_episodes(filters: dict[str, Any]) -> dict[str, Any]:
    """List episodes, oldest first. A therapist names a patient whom they treat."""
    uow = current_uow()
    check_may_read(uow, filters.get("patient_id"))
    items, cursor = store.episode_page(uow, filters)
    return {"items": items, "next_cursor": cursor}
