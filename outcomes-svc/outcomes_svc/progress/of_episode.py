"""Use cases: read an episode's progress and its progress report."""

from __future__ import annotations

from dataclasses import dataclass

from fascia.problem import NotFound
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.assessments import store as assessments
from outcomes_svc.episodes import store as episodes
from outcomes_svc.episodes.episode import Episode, EpisodeState
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.progress.course import InstrumentCourse, courses
from outcomes_svc.progress.report import ProgressReport, report
from outcomes_svc.progress.suggestion import Suggestion, suggest
from outcomes_svc.scoring import store as scores


@dataclass(frozen=True)
class EpisodeProgress:
    """An episode with the courses of its instruments; `suggestion` is None once it has ended."""

    episode: Episode
    instruments: tuple[InstrumentCourse, ...]
    suggestion: Suggestion | None


def episode_to_read(uow: UnitOfWork, episode_id: str) -> Episode:
    """The episode as it stands now; raises NotFound, also where its sessions turned out to belong elsewhere."""
    episode = episodes.find_episode(uow, episode_id)
    if episode is None or episode.state is EpisodeState.VOID:
        raise NotFound("episode", episode_id)
    return episode.at(uow.now)


def progress_of(uow: UnitOfWork, episode: Episode) -> EpisodeProgress:
    """Scores over time with their signals, and what they suggest after the visits so far."""
    own = [score for score in scores.scores_of(uow, episode.patient_id) if score.episode_id == episode.id]
    found = tuple(courses(own, episode.primary, shipped()))
    if episode.state is not EpisodeState.OPEN:
        return EpisodeProgress(episode, found, None)
    primary = next((course for course in found if course.primary), None)
    treated_for = episode.last_session_at - episode.opened_at
    return EpisodeProgress(episode, found, suggest(primary, episode.sessions, treated_for))


def report_of(uow: UnitOfWork, episode: Episode, visits: int) -> ProgressReport:
    """The progress report over the first `visits` visits; raises RuleViolation where there are fewer."""
    patient_id = episode.patient_id
    return report(
        episode,
        episodes.sessions_of(uow, patient_id),
        scores.scores_of(uow, patient_id),
        assessments.assessments_of(uow, patient_id),
        visits,
        shipped(),
    )
