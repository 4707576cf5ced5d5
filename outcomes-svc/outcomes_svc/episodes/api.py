"""/v1/episodes: which sessions belong together."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import Role, access, current_principal
from fascia.web.etag import required_version, set_etag
from fascia.web.pages import page_of
from fascia.web.unit import command, current_uow, query
from outcomes_svc.episodes import store
from outcomes_svc.episodes.episode import Episode
from outcomes_svc.episodes.keeping import discharge, get_episode
from outcomes_svc.episodes.reading import check_may_read
from outcomes_svc.episodes.schemas import DischargeRequestSchema, EpisodeQuerySchema, EpisodeSchema

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


@blp.route("/v1/episodes/<episode_id>", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.THERAPIST, Role.AUDITOR, Role.SERVICE)
@query
@blp.response(200, EpisodeSchema)
def show_episode(episode_id: str) -> Episode:
    """One episode."""
    episode = get_episode(current_uow(), episode_id)
    check_may_read(current_uow(), episode.patient_id)
    set_etag(episode.version)
    return episode


@blp.route("/v1/episodes/<episode_id>/discharge", methods=["POST"])
@access(Role.OWNER, Role.ADMIN, Role.THERAPIST)
@command
@blp.arguments(DischargeRequestSchema)
@blp.response(200, EpisodeSchema)
def discharge_patient(body: dict[str, Any], episode_id: str) -> Episode:
    """End treatment. The patient is still asked by the calendar: the moment of a discharge does not choose the end.

    A session for the same condition within 60 days of the last one opens the episode again.
    """
    uow = current_uow()
    check_may_read(uow, get_episode(uow, episode_id).patient_id)
    episode = discharge(uow, episode_id, required_version(), current_principal().subject, body["reason"])
    set_etag(episode.version)
    return episode
