"""Timed work: close episodes whose time has run out."""

from __future__ import annotations

from collections.abc import Callable

from fascia.runtime import Runtime
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.episodes import store
from outcomes_svc.episodes.keeping import keep_episode

BATCH = 200


def close_due_episodes(runtime: Runtime) -> None:
    """Close what is due, one transaction per episode; a tick in another process meanwhile does no harm.

    At most BATCH per practice and tick: the rest is still due at the next one.
    """
    for practice_id in runtime.practices("episodes"):
        reading = runtime.reading(practice_id)
        for episode in store.due_to_close(reading, reading.now, BATCH):
            runtime.transaction(practice_id, _closing(episode.id, episode.patient_id))


def _closing(episode_id: str, patient_id: str) -> Callable[[UnitOfWork], None]:
    def work(uow: UnitOfWork) -> None:
        store.lock_patient(uow, patient_id)
        episode = store.find_episode(uow, episode_id)
        if episode is not None and episode.at(uow.now) != episode:
            keep_episode(uow, episode, episode.at(uow.now))

    return work
