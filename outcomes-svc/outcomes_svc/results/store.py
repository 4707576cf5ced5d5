"""Episode results out of what the other features store: six reads for a period, however many episodes it has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.episodes import store as episodes
from outcomes_svc.episodes.baseline_evaluation import BEFORE_FIRST_SESSION
from outcomes_svc.episodes.episode import LONGEST, Episode
from outcomes_svc.episodes.window import BASELINE_BEFORE, END_UNTIL
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.patients import store as patients
from outcomes_svc.patients.case_mix import case_mix
from outcomes_svc.results.episode_result import EpisodeResult
from outcomes_svc.results.rows import episode_result
from outcomes_svc.scoring import store as scores

Kept = TypeVar("Kept")

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


def episode_results(
    uow: UnitOfWork,
    *,
    opened_from: date,
    opened_until: date,
    therapist_id: str | None = None,
    location_id: str | None = None,
) -> list[EpisodeResult]:
    """The episodes that opened from `opened_from` on and before `opened_until` (days of UTC), by episode id.

    Excluded and open ones are among them, with the reason; void ones are not. Everything is read by bounded ranges of
    an index and joined here, because a query per episode would be thousands of trips.
    """
    since, until = _midnight(opened_from), _midnight(opened_until)
    opened = episodes.episodes_opened(uow, since, until)
    if not opened:
        return []
    sessions = _by(episodes.sessions_ended(uow, since, until + LONGEST), lambda kept: kept.episode_id or "")
    measured = scores.scores_measured(uow, since - BASELINE_BEFORE, until + END_UNTIL + _DAY)
    scores_of = _by(measured, lambda kept: kept.patient_id)
    signed = episodes.evaluations_signed(uow, since - BEFORE_FIRST_SESSION, until + LONGEST)
    evaluations_of = _by(signed, lambda kept: kept.patient_id)
    episodes_of = _by([*episodes.episodes_opened(uow, _LONG_AGO, since), *opened], lambda kept: kept.patient_id)
    people = patients.all_patients(uow)

    def result_of(episode: Episode) -> EpisodeResult:
        id_ = episode.patient_id
        mix = case_mix(episode, people.get(id_), evaluations_of[id_], episodes_of[id_], scores_of[id_])
        # As it stands now, whether or not the job that closes episodes has come by.
        return episode_result(episode.at(uow.now), sessions[episode.id], scores_of[id_], mix, shipped())

    ordered = sorted(opened, key=lambda episode: episode.id)
    # An episode that opened between two of the reads has no sessions here yet: the next request shows it.
    found = (result_of(episode) for episode in ordered if sessions[episode.id])
    return [
        result
        for result in found
        if therapist_id in (None, result.therapist_id) and location_id in (None, result.location_id)
    ]


def _by(kept: Iterable[Kept], key: Callable[[Kept], str]) -> dict[str, list[Kept]]:
    grouped: dict[str, list[Kept]] = defaultdict(list)
    for each in kept:
        grouped[key(each)].append(each)
    return grouped


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
