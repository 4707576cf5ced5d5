"""What one episode's scores and requests say about how it was measured. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from outcomes_svc.assessments.assessment import Assessment, Purpose
from outcomes_svc.episodes.episode import CloseReason, Episode
from outcomes_svc.episodes.treated_session import TreatedSession
from outcomes_svc.episodes.window import in_baseline_window, is_own
from outcomes_svc.gaming.course import ended_at_peak
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.results.episode_result import EpisodeResult
from outcomes_svc.results.score_range import score_range
from outcomes_svc.scoring.score import Score, ScoreState

SEVERAL_ITEMS = 3
"""Items that a questionnaire needs before one answer throughout says anything."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Marks:
    """See WatchTable; None where it cannot be known."""

    result: EpisodeResult
    began: bool = True
    end_day: float | None = None
    at_peak: float | None = None
    followed_by: float | None = None
    irregular: str | None = None
    important: float | None = None
    best: float | None = None
    same_answer: float | None = None
    item_seconds: float | None = None
    in_visit: float | None = None

    @classmethod
    def nothing(cls, row: EpisodeResult) -> Marks:
        """Of a case that never began."""
        return cls(result=row, began=False)


def marks_of(
    result: EpisodeResult,
    episode: Episode,
    scores: Sequence[Score],
    asked: Sequence[Assessment],
    sessions: Sequence[TreatedSession],
) -> Marks:
    """The marks of an episode from its scores and requests and its patient's sessions."""
    own = _own(episode, scores)
    end = next((score for score in own if score.id == result.end_score_id), None)
    instrument = shipped().find(result.instrument, result.instrument_version)
    important = float(instrument.mic.absolute) if instrument and instrument.mic else None
    if instrument is None or end is None or end.value is None or result.end_at is None:
        return Marks(result=result, irregular=_irregular(episode, own, asked), important=important)
    low, high = score_range(instrument)
    best = end.value == (high if instrument.better.sign > 0 else low)
    seconds = next((request.answered_in_seconds for request in asked if request.id == end.assessment_id), None)
    return Marks(
        result=result,
        end_day=(result.end_at - result.opened_at) / _DAY,
        at_peak=_at_peak(result, episode, own, end.value),
        irregular=_irregular(episode, own, asked),
        important=important,
        best=float(best),
        same_answer=_same_answer(end, best=best),
        item_seconds=None if seconds is None else seconds / len(end.answers),
        in_visit=float(_during(end.measured_at, sessions)),
    )


def _own(episode: Episode, scores: Iterable[Score]) -> list[Score]:
    """The patient's own scores of the locked instrument, in order of time."""
    primary = (episode.primary.instrument, episode.primary.version)
    found = [
        score
        for score in scores
        if is_own(score)
        and score.state is ScoreState.SCORED
        and (score.instrument, score.instrument_version) == primary
    ]
    return sorted(found, key=lambda score: (score.measured_at, score.id))


def _at_peak(result: EpisodeResult, episode: Episode, own: Sequence[Score], end: float) -> float | None:
    assert result.end_at is not None, "the caller looked"
    opened = result.opened_at
    course = [
        ((score.measured_at - opened) / _DAY, score.value)
        for score in own
        if score.value is not None and score.id != result.baseline_score_id
    ]
    by_discharge = episode.close_reason is CloseReason.DISCHARGED and episode.discharge is not None
    discharged = (episode.discharge.at - opened) / _DAY if by_discharge and episode.discharge else None
    mark = ended_at_peak(course, ((result.end_at - opened) / _DAY, end), discharged, result.better)
    return None if mark != mark else mark  # NaN is not equal to itself


def _irregular(episode: Episode, own: Iterable[Score], asked: Iterable[Assessment]) -> str | None:
    if episode.primary.stand_in:
        return "stand_in_instrument"
    if any(
        request.purpose is Purpose.BASELINE and request.instrument != episode.primary.instrument for request in asked
    ):
        return "other_instrument_asked"
    given = [score for score in own if in_baseline_window(episode.opened_at, score.measured_at)]
    return "baseline_answered_again" if len(given) > 1 else None


def _same_answer(end: Score, *, best: bool) -> float | None:
    """Whoever is well answers everything alike: at the best score it says nothing."""
    if best or len(end.answers) < SEVERAL_ITEMS:
        return None
    return float(len(set(end.answers.values())) == 1)


def _during(at: datetime, sessions: Iterable[TreatedSession]) -> bool:
    return any(session.started_at <= at <= session.ended_at for session in sessions)
