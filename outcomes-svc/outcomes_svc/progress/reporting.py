"""Use case: tell the other services what the progress report of each sixth visit says, whenever that changes."""

from __future__ import annotations

from collections.abc import Sequence

from fascia.ids import derived_id
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.assessments.assessment import Assessment
from outcomes_svc.episodes.episode import Episode
from outcomes_svc.episodes.treated_session import TreatedSession
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.progress import store
from outcomes_svc.progress.reported import to_tell
from outcomes_svc.progress.suggestion import REPORT_EVERY
from outcomes_svc.scoring.score import Score


def report_progress(
    uow: UnitOfWork,
    patient_id: str,
    episodes: Sequence[Episode],
    sessions: Sequence[TreatedSession],
    scores: Sequence[Score],
    asked: Sequence[Assessment],
    sequence: int,
) -> None:
    """Publish progress.reported for each report that is new, changed or holds no more.

    All of it is the patient's, as it is now; the caller holds the patient's lock, `sequence` is its number.
    """
    if len(sessions) < REPORT_EVERY:
        return  # sessions are never taken away, so nothing was told before either
    known = store.told_of(uow, patient_id)
    before = {each.id: each.figures for each in known}
    changed = to_tell(
        episodes,
        sessions,
        scores,
        asked,
        told=known,
        name=lambda episode_id, visits: derived_id(episode_id, uow.practice_id, "progress", str(visits)),
        catalogue=shipped(),
    )
    for told in changed:
        store.put_told(uow, told)
        if told.figures == before.get(told.id):
            continue
        data = {**told.figures, "report_id": told.id, "reported_at": uow.now}
        uow.publish("progress.reported", data, sequence=sequence)
