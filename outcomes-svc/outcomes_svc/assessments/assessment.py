"""An assessment: one request to a patient to answer one instrument before a date. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from fascia.problem import Conflict, FieldError, Gone, Problem
from outcomes_svc.episodes.episode import Episode, EpisodeState
from outcomes_svc.episodes.treated_session import TreatedSession
from outcomes_svc.instruments.instrument import Instrument, Missing
from outcomes_svc.scoring.scale import Fault, FaultCode, Refused, score

OPEN_FOR = timedelta(days=7)


class AssessmentState(StrEnum):
    """`expired` is never stored: it follows from the clock."""

    REQUESTED = "requested"
    ANSWERED = "answered"
    EXPIRED = "expired"


class AnswersRefused(Problem):
    """422: the answers cannot be scored; every reason is named, with its item."""

    status = 422

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        errors = [
            FieldError(f"answers.{fault.item}" if fault.item else "answers", fault.message, fault.fix)
            for fault in faults
        ]
        super().__init__("answers-refused", "The answers cannot be scored; nothing was stored.", errors=errors)
        self.faults = faults


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """`items` are the codes that are asked. `session_id` is the session after which it was asked."""

    id: str
    version: int
    patient_id: str
    episode_id: str
    session_id: str | None
    therapist_id: str | None
    instrument: str
    instrument_version: str
    items: tuple[str, ...]
    due_at: datetime
    expires_at: datetime
    answers: Mapping[str, float] | None = None
    answered_at: datetime | None = None

    def state(self, now: datetime) -> AssessmentState:
        """Where it stands at `now`."""
        if self.answered_at is not None:
            return AssessmentState.ANSWERED
        return AssessmentState.REQUESTED if now < self.expires_at else AssessmentState.EXPIRED

    def answered(self, instrument: Instrument, answers: Mapping[str, object], now: datetime) -> Assessment:
        """The assessment with its answers. Raises Conflict (answered before), Gone (expired) or AnswersRefused."""
        state = self.state(now)
        if state is AssessmentState.ANSWERED:
            raise Conflict("already-answered", "These questions were answered before; the first answers count.")
        if state is AssessmentState.EXPIRED:
            raise Gone("assessment-expired", "The time to answer these questions is over.")
        given = {code: answer for code, answer in answers.items() if answer is not None}
        result = score(instrument, given)
        faults = _not_asked(self, given) if not isinstance(result, Refused) else result.faults
        if faults or isinstance(result, Refused):
            raise AnswersRefused(faults)
        exact = {code: float(answer) for code, answer in result.answers.items()}
        return replace(self, version=self.version + 1, answers=exact, answered_at=now)


def request(
    id_: str, session: TreatedSession, episode: Episode, instrument: Instrument, rated: frozenset[str], now: datetime
) -> Assessment | None:
    """The questionnaire that follows a session, or None where nothing can be asked.

    `rated` are the items that the patient has rated in this episode. Where the patient names the items (PSFS) only
    those can be asked again; without any there is nothing to ask. A closed episode asks nothing.
    """
    items = tuple(item.code for item in instrument.items)
    if instrument.missing is Missing.RATED_ONLY:
        items = tuple(code for code in items if code in rated)
    if not items or episode.state is not EpisodeState.OPEN:
        return None
    return Assessment(
        id=id_,
        version=1,
        patient_id=session.patient_id,
        episode_id=episode.id,
        session_id=session.id,
        therapist_id=session.therapist_id,
        instrument=instrument.id,
        instrument_version=instrument.version,
        items=items,
        due_at=now,
        expires_at=now + OPEN_FOR,
    )


def _not_asked(assessment: Assessment, given: Mapping[str, object]) -> tuple[Fault, ...]:
    fix = f"Answer {', '.join(assessment.items)}."
    return tuple(
        Fault(FaultCode.UNKNOWN_ITEM, code, "This item was not asked.", fix)
        for code in given
        if code not in assessment.items
    )
