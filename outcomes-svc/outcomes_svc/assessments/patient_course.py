"""What is known of a patient's course once it was brought in line: what follows need not be read again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from outcomes_svc.assessments.assessment import Assessment
from outcomes_svc.episodes.baseline_evaluation import BaselineEvaluation
from outcomes_svc.episodes.episode import Episode
from outcomes_svc.episodes.treated_session import TreatedSession


@dataclass(frozen=True)
class PatientCourse:
    """As it is stored now: episodes, void ones included, sessions with their episodes, evaluations and requests."""

    episodes: Sequence[Episode]
    sessions: Sequence[TreatedSession]
    evaluations: Sequence[BaselineEvaluation]
    asked: Sequence[Assessment]
