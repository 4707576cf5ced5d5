"""The measures of a signed evaluation: what the patient answered before treatment began. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from outcomes_svc.episodes.episode import Episode, EpisodeState
from outcomes_svc.episodes.treated_session import Measure, condition_of

BEFORE_FIRST_SESSION = timedelta(days=30)
"""Answers that are older when treatment begins say too little about where it began. A choice of this project."""


@dataclass(frozen=True, kw_only=True)
class StatedCaseMix:
    """What the evaluation says of how hard the case is. None where it does not say.

    `symptom_weeks` since the trouble began, `surgery` for it within the last year, `comorbidities` a count, `payer` the
    kind of who pays.
    """

    symptom_weeks: float | None = None
    surgery: bool | None = None
    comorbidities: int | None = None
    payer: str | None = None


@dataclass(frozen=True, kw_only=True)
class BaselineEvaluation:
    """A projection of evaluation.signed. An evaluation that is signed again replaces what was known of it."""

    id: str
    patient_id: str
    therapist_id: str
    condition_codes: tuple[str, ...]
    signed_at: datetime
    measures: tuple[Measure, ...]
    case_mix: StatedCaseMix | None = None


def episode_of(evaluation: BaselineEvaluation, episodes: Iterable[Episode]) -> Episode | None:
    """The episode that an evaluation belongs to: of its condition, begun at most 30 days later and not yet over then.

    None until treatment begins: an episode opens at its first session.
    """
    fitting = [
        episode
        for episode in episodes
        if episode.state is not EpisodeState.VOID
        and episode.condition == condition_of(evaluation.condition_codes)
        and episode.opened_at - BEFORE_FIRST_SESSION <= evaluation.signed_at < episode.closes_at
    ]
    return max(fitting, key=lambda episode: episode.opened_at, default=None)
