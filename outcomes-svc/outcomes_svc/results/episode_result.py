"""What one episode of care came to, in the form that results, prediction, pay and the gaming watch share. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Exclusion(StrEnum):
    """Why an episode counts for nobody. An episode whose end is not known is not excluded: it is lost to follow-up."""

    STILL_OPEN = "still_open"
    NO_BASELINE = "no_baseline"
    BASELINE_NOT_BY_PATIENT = "baseline_not_by_patient"
    BASELINE_OUTSIDE_WINDOW = "baseline_outside_window"
    STAND_IN_INSTRUMENT = "stand_in_instrument"
    INSTRUMENT_NEVER_PAID = "instrument_never_paid"
    SEVERAL_THERAPISTS = "several_therapists"


@dataclass(frozen=True, kw_only=True)
class CaseMix:
    """What was true of a patient when treatment began, and nothing later. None where it is not known.

    `age` in whole years, `symptom_weeks` since the trouble began, `comorbidities` a count, `baseline_pain` on 0 to 10.
    """

    age: int | None = None
    sex: str | None = None
    symptom_weeks: float | None = None
    surgery: bool | None = None
    comorbidities: int | None = None
    baseline_pain: float | None = None
    payer: str | None = None
    prior_episode: bool = False


@dataclass(frozen=True, kw_only=True)
class EpisodeResult:
    """One episode, its primary instrument's baseline and end, and whose it is.

    `better` is +1 where a higher score is better, -1 where a lower one is. `baseline`, `mid_course` and `end` are on
    the instrument's own scale; `mid_course` is the last score before the end's window opened. `end` is None for who was
    lost to follow-up. `therapist_id` is who gave most of the treated minutes. `improved` follows the
    instrument's rule for an important change, judged on exact scores; None where there is no change.
    """

    episode_id: str
    patient_id: str
    therapist_id: str
    location_id: str | None
    setting: str
    condition: str
    instrument: str
    instrument_version: str
    better: int
    opened_at: datetime
    closed_at: datetime | None
    sessions: int
    session_ids: tuple[str, ...]
    case_mix: CaseMix
    baseline: float | None = None
    baseline_at: datetime | None = None
    baseline_score_id: str | None = None
    mid_course: float | None = None
    end: float | None = None
    end_at: datetime | None = None
    end_score_id: str | None = None
    improved: bool | None = None
    excluded: tuple[Exclusion, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it says anything about results at all."""
        return not self.excluded

    @property
    def change(self) -> float | None:
        """End minus baseline, positive is better; None where either is missing."""
        if self.baseline is None or self.end is None:
            return None
        return self.better * (self.end - self.baseline)
