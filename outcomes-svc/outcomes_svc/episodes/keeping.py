"""Keeping an episode: whichever way it closed, episode.closed says so once."""

from __future__ import annotations

from fascia.problem import NotFound, StaleVersion
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.episodes import store
from outcomes_svc.episodes.episode import DischargeReason, Episode, EpisodeState


def keep_episode(uow: UnitOfWork, before: Episode | None, after: Episode) -> Episode:
    """Write a new state and, where it closed or closed otherwise than was said, publish that; returns what was saved.

    The caller holds the lock of the patient.
    """
    saved = store.save_episode(uow, after)
    if saved.state is EpisodeState.CLOSED and (before is None or _ending(before) != _ending(saved)):
        uow.publish("episode.closed", _event_of(saved), sequence=saved.version)
    return saved


def discharge(uow: UnitOfWork, episode_id: str, based_on: int, by: str, reason: DischargeReason) -> Episode:
    """End an episode; raises NotFound, StaleVersion, or Conflict where it is not open."""
    found = get_episode(uow, episode_id)
    store.lock_patient(uow, found.patient_id)
    episode = get_episode(uow, episode_id)
    if episode.version != based_on:
        raise StaleVersion(based_on)
    return keep_episode(uow, episode, episode.ended_by(by, reason, uow.now))


def get_episode(uow: UnitOfWork, episode_id: str) -> Episode:
    """One episode; raises NotFound."""
    found = store.find_episode(uow, episode_id)
    if found is None:
        raise NotFound("episode", episode_id)
    return found


def _ending(episode: Episode) -> tuple[object, ...]:
    return episode.state, episode.close_reason, episode.closes_at


def _event_of(episode: Episode) -> dict[str, object]:
    return {
        "episode_id": episode.id,
        "version": episode.version,
        "patient_id": episode.patient_id,
        "condition": episode.condition,
        "instrument": episode.primary.instrument,
        "instrument_version": episode.primary.version,
        "reason": episode.close_reason,
        "opened_at": episode.opened_at,
        "closed_at": episode.closes_at,
        "sessions": episode.sessions,
    }
