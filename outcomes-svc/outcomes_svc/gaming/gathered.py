"""From episodes, sessions, scores, requests and evaluations to the columns that are watched. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

import numpy as np

from outcomes_svc.assessments.assessment import Assessment
from outcomes_svc.episodes.episode import CloseReason, Episode, EpisodeState
from outcomes_svc.episodes.treated_session import TreatedSession
from outcomes_svc.gaming.intake import NotBegun
from outcomes_svc.gaming.marks import Marks, marks_of
from outcomes_svc.gaming.watched import WatchTable
from outcomes_svc.performance.case_table import UNKNOWN, CaseTable, Factor, Numbers, factor_of, table_of
from outcomes_svc.results.episode_result import EpisodeResult
from outcomes_svc.scoring.score import Score

Kept = TypeVar("Kept")
FOLLOWED_WITHIN = timedelta(days=60)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is stored of a period. `results` are of the episodes that opened in it; `episodes` also of 60 days after.
    `evaluator_of` says who evaluated a patient for an episode, by episode id."""

    results: Sequence[EpisodeResult]
    episodes: Sequence[Episode]
    sessions: Sequence[TreatedSession]
    scores: Sequence[Score]
    asked: Sequence[Assessment]
    evaluator_of: Mapping[str, str]
    not_begun: Sequence[NotBegun]


def gathered(known: Known, now: datetime) -> WatchTable:
    """The columns, in the order of ids: episodes, then evaluations after which nothing began."""
    marks = list(_marks(known, now))
    rows = [*(mark.result for mark in marks), *(case.row for case in known.not_begun)]
    evaluators = [
        *(known.evaluator_of.get(mark.result.episode_id) for mark in marks),
        *(case.evaluation.therapist_id for case in known.not_begun),
    ]
    cases, evaluator = _with_everybody(table_of(rows), evaluators)
    setting = np.where([False] * len(marks) + [True] * len(known.not_begun), UNKNOWN, cases.setting.codes)
    nothing = [Marks.nothing(case.row) for case in known.not_begun]
    every = [*marks, *nothing]

    def column(of: Callable[[Marks], float | None]) -> Numbers:
        return np.array([np.nan if (value := of(mark)) is None else value for mark in every], dtype=np.float64)

    return WatchTable(
        ids=tuple(row.episode_id for row in rows),
        cases=replace(cases, setting=replace(cases.setting, codes=setting)),
        evaluator=evaluator.codes,
        began=np.array([mark.began for mark in every], dtype=bool),
        counts=np.array([mark.result.counts and mark.result.baseline is not None for mark in every], dtype=bool),
        mid_course=column(lambda mark: mark.result.mid_course),
        end_day=column(lambda mark: mark.end_day),
        at_peak=column(lambda mark: mark.at_peak),
        followed_by=column(lambda mark: mark.followed_by),
        irregular=factor_of(mark.irregular for mark in every),
        important=column(lambda mark: mark.important),
        best=column(lambda mark: mark.best),
        same_answer=column(lambda mark: mark.same_answer),
        item_seconds=column(lambda mark: mark.item_seconds),
        in_visit=column(lambda mark: mark.in_visit),
    )


def _marks(known: Known, now: datetime) -> Iterator[Marks]:
    episodes = {episode.id: episode for episode in known.episodes}
    of_patient = _by(known.episodes, lambda episode: episode.patient_id)
    scores = _by(known.scores, lambda score: score.episode_id)
    asked = _by(known.asked, lambda request: request.episode_id)
    sessions = _by(known.sessions, lambda session: session.patient_id)
    for result in sorted(known.results, key=lambda row: row.episode_id):
        episode = episodes[result.episode_id]
        found = marks_of(result, episode, scores[episode.id], asked[episode.id], sessions[episode.patient_id])
        yield replace(
            found, began=_went_on(episode), followed_by=_followed_by(episode, of_patient[episode.patient_id], now)
        )


def _went_on(episode: Episode) -> bool:
    """Whether treatment went on after its first session; one that is still open may yet."""
    stopped = episode.state is EpisodeState.CLOSED and episode.close_reason is not CloseReason.AFTER_180_DAYS
    return not (episode.sessions == 1 and stopped)


def _followed_by(episode: Episode, others: Iterable[Episode], now: datetime) -> float | None:
    if now < episode.opened_at + FOLLOWED_WITHIN:
        return None
    return float(
        any(
            other.condition != episode.condition
            and other.state is not EpisodeState.VOID
            and timedelta(0) < other.opened_at - episode.opened_at <= FOLLOWED_WITHIN
            for other in others
        )
    )


def _with_everybody(cases: CaseTable, evaluators: Sequence[str | None]) -> tuple[CaseTable, Factor]:
    """Therapists and evaluators under one list of names."""
    names = sorted({*cases.therapist.levels, *(name for name in evaluators if name is not None)})
    therapist = Factor(levels=tuple(names), codes=cases.therapist.recoded(names))
    evaluator = factor_of(evaluators)
    return replace(cases, therapist=therapist), Factor(levels=tuple(names), codes=evaluator.recoded(names))


def _by(kept: Iterable[Kept], key: Callable[[Kept], str]) -> dict[str, list[Kept]]:
    grouped: dict[str, list[Kept]] = defaultdict(list)
    for each in kept:
        grouped[key(each)].append(each)
    return grouped
