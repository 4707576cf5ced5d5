"""From what is known of a patient to the case mix of an episode. Pure.

Nothing that came later than 24 hours after visit 1 enters: what is learnt during treatment depends on treatment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from outcomes_svc.episodes.baseline_evaluation import BaselineEvaluation, episode_of
from outcomes_svc.episodes.episode import Episode, EpisodeState
from outcomes_svc.episodes.window import BASELINE_AFTER, in_baseline_window, is_own
from outcomes_svc.results.episode_result import CaseMix
from outcomes_svc.scoring.score import Score, ScoreState

PAIN = "NPRS"
"""The instrument whose score is the baseline pain, 0 to 10."""


@dataclass(frozen=True, kw_only=True)
class Patient:
    """A projection of patient.*: what results need of a person, and no name, contact or address.

    `version` is that of the patient in the event: an older one replaces nothing. `sex` is None where it is not known.
    """

    id: str
    version: int
    birth_date: date
    sex: str | None
    language: str
    time_zone: str
    deceased: bool


def case_mix(
    episode: Episode,
    patient: Patient | None,
    evaluations: Iterable[BaselineEvaluation],
    episodes: Iterable[Episode],
    scores: Iterable[Score],
) -> CaseMix:
    """The case mix of an episode; the other arguments are all that is known of its patient."""
    known = _evaluation(episode, evaluations)
    stated = known.case_mix if known else None
    return CaseMix(
        age=age(patient.birth_date, episode.opened_at, patient.time_zone) if patient else None,
        sex=patient.sex if patient else None,
        symptom_weeks=stated.symptom_weeks if stated else None,
        surgery=stated.surgery if stated else None,
        comorbidities=stated.comorbidities if stated else None,
        baseline_pain=_baseline_pain(episode, scores),
        payer=stated.payer if stated else None,
        prior_episode=any(
            other.state is not EpisodeState.VOID and other.opened_at < episode.opened_at for other in episodes
        ),
    )


def age(born: date, at: datetime, zone: str) -> int:
    """Whole years on the day that it is in `zone` at `at`."""
    day = at.astimezone(ZoneInfo(zone)).date()
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _evaluation(episode: Episode, evaluations: Iterable[BaselineEvaluation]) -> BaselineEvaluation | None:
    """The last evaluation of the episode's condition that was signed in time and says something of the case mix."""
    fitting = [
        evaluation
        for evaluation in evaluations
        if evaluation.case_mix is not None
        and evaluation.signed_at <= episode.opened_at + BASELINE_AFTER
        and episode_of(evaluation, [episode]) is not None
    ]
    return max(fitting, key=lambda evaluation: (evaluation.signed_at, evaluation.id), default=None)


def _baseline_pain(episode: Episode, scores: Iterable[Score]) -> float | None:
    """The patient's own first pain score in the baseline's window: staff cannot make a case look harder than it is."""
    own = [
        score
        for score in scores
        if score.instrument == PAIN
        and score.state is ScoreState.SCORED
        and is_own(score)
        and in_baseline_window(episode.opened_at, score.measured_at)
    ]
    first = min(own, key=lambda score: (score.measured_at, score.id), default=None)
    return first.value if first else None
