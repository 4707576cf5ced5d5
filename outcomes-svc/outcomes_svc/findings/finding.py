"""A finding: something that came in, or did not, and led to no score. Pure.

Answers that were stored and refused are refused scores; findings are the rest: answers that were turned away at the
door, and sessions in which nothing was measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fascia.problem import NotFound, Problem
from outcomes_svc.scoring.faults import Fault


class FindingCode(StrEnum):
    """What happened. A refused request has the same code in its answer, but for `wrong-person`."""

    SESSION_WITHOUT_MEASURES = "session-without-measures"
    ALREADY_ANSWERED = "already-answered"
    ASSESSMENT_EXPIRED = "assessment-expired"
    ANSWERS_REFUSED = "answers-refused"
    OTHER_VERSION = "other-version"
    WRONG_PERSON = "wrong-person"


MEANING = {
    FindingCode.SESSION_WITHOUT_MEASURES: "The session was signed without a measure; no score is about it.",
    FindingCode.ALREADY_ANSWERED: "These questions were answered before; the first answers count.",
    FindingCode.ASSESSMENT_EXPIRED: "Answers came after the time to answer was over; they were not taken.",
    FindingCode.ANSWERS_REFUSED: "Answers came that cannot be scored; nothing was stored.",
    FindingCode.OTHER_VERSION: "Answers came to another version than was asked; nothing was stored.",
    FindingCode.WRONG_PERSON: "Somebody answered questions that were put to another patient; nothing was stored.",
}


class AssessmentOfAnother(NotFound):
    """404 to a patient who names the assessment of another: of that one they do not learn that it exists."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The same thing happening again is one finding: `times` counts, `by` is who did it last.

    `faults` are the last refusal's. No answer is kept: what was turned away is nobody's data.
    """

    id: str
    code: FindingCode
    patient_id: str
    session_id: str | None
    assessment_id: str | None
    instrument: str | None
    by: str | None
    faults: tuple[Fault, ...]
    times: int
    first_at: datetime
    last_at: datetime

    @property
    def message(self) -> str:
        """What happened, in words."""
        return MEANING[self.code]


def code_of(problem: Problem) -> FindingCode | None:
    """The finding that a refused answer is; None for refusals that say nothing about answers."""
    if isinstance(problem, AssessmentOfAnother):
        return FindingCode.WRONG_PERSON
    return FindingCode(problem.code) if problem.code in set(FindingCode) else None
