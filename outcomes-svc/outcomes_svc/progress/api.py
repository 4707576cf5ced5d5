"""/v1/episodes/{id}/progress and /v1/episodes/{id}/progress-report."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import Role, access
from fascia.web.unit import current_uow, query
from outcomes_svc.episodes.episode import Episode
from outcomes_svc.episodes.reading import check_may_read
from outcomes_svc.progress.of_episode import EpisodeProgress, episode_to_read, progress_of, report_of
from outcomes_svc.progress.report import ProgressReport
from outcomes_svc.progress.schemas import EpisodeProgressSchema, ProgressReportSchema, ReportQuerySchema

blp = Blueprint("progress", __name__, description="Progress of an episode")

_READERS = (Role.OWNER, Role.ADMIN, Role.THERAPIST, Role.AUDITOR, Role.SERVICE)


@blp.route("/v1/episodes/<episode_id>/progress", methods=["GET"])
@access(*_READERS)
@query
@blp.response(200, EpisodeProgressSchema)
def get_progress(episode_id: str) -> EpisodeProgress:
    """Scores over time with change, trend and signals, and what they suggest. A therapist reads their own patients."""
    return progress_of(current_uow(), _readable(episode_id))


@blp.route("/v1/episodes/<episode_id>/progress-report", methods=["GET"])
@access(*_READERS)
@query
@blp.arguments(ReportQuerySchema, location="query")
@blp.response(200, ProgressReportSchema)
def get_progress_report(wanted: dict[str, Any], episode_id: str) -> ProgressReport:
    """The figures of the progress report over the first visits, six unless told otherwise."""
    return report_of(current_uow(), _readable(episode_id), wanted["visits"])


def _readable(episode_id: str) -> Episode:
    episode = episode_to_read(current_uow(), episode_id)
    check_may_read(current_uow(), episode.patient_id)
    return episode
