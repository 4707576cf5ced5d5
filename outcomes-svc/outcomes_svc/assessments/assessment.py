"""An assessment: one request to a patient to answer one instrument before a date. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from fascia.problem import Conflict, FieldError, Gone, Problem
from outcomes_svc.episodes.episode import Episode, EpisodeState
from outcomes_svc.instruments.instrument import Instrument, Missing
from outcomes_svc.scoring.scale import Fault, FaultCode, Refused, score

AWAITED = timedelta(days=30)
"""How long after its request for a baseline an episode may begin that the answers still belong to."""


class AssessmentState(StrEnum):
    """`expired` is never stored: it follows from the clock."""

    REQUESTED = "requested"
    ANSWERED = "answered"
    EXPIRED = "expired"


class Purpose(StrEnum):
    """What the answers are for; `baseline` and `end` say what is hoped for, the windows decide what they become."""

    BASELINE = "baseline"
    FOLLOW_UP = "follow_up"
    END = "end"


class AnswersRefused(Problem):
    """422: the answers cannot be scored; every reason is named, with its item.

    `given` is what was answered: also answers that are turned away may be for a person to see at once.
    """

    status = 422

    def __init__(self, faults: tuple[Fault, ...], given: Mapping[str, object]) -> None:
        errors = [
            FieldError(f"answers.{fault.item}" if fault.item else "answers", fault.message, fault.fix)
            for fault in faults
        ]
        super().__init__("answers-refused", "The answers cannot be scored; nothing was stored.", errors=errors)
        self.faults = faults
        self.given = given


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """`items` are the codes that are asked. `session_id` is the session after which it was asked.

    What is asked before the first visit belongs to an episode that does not exist yet: `episode_id` is then a place
    holder, until the first session makes the episode. `handed_over`: another system sent the answers.
    `wording` is the id of the wording that was shown (`own`: the one that ships); None where the client did not say.
    `answered_in_seconds` is how long the page was open, by its own account; None where it is not known.
    """

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
    purpose: Purpose = Purpose.FOLLOW_UP
    reminded_at: datetime | None = None
    answers: Mapping[str, float] | None = None
    answered_at: datetime | None = None
    handed_over: bool = False
    wording: str | None = None
    answered_in_seconds: int | None = None

    def open(self, now: datetime) -> bool:
        """Whether it can still be answered."""
        return self.state(now) is AssessmentState.REQUESTED

    def reminded(self, now: datetime) -> Assessment:
        """The assessment after the patient was told of it once more."""
        return replace(self, version=self.version + 1, reminded_at=now)

    def state(self, now: datetime) -> AssessmentState:
        """Where it stands at `now`."""
        if self.answered_at is not None:
            return AssessmentState.ANSWERED
        return AssessmentState.REQUESTED if now < self.expires_at else AssessmentState.EXPIRED

    def answered(
        self,
        instrument: Instrument,
        answers: Mapping[str, object],
        now: datetime,
        *,
        handed_over: bool = False,
        wording: str | None = None,
        seconds: int | None = None,
    ) -> Assessment:
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
            raise AnswersRefused(faults, given)
        exact = {code: float(answer) for code, answer in result.answers.items()}
        answered = replace(self, version=self.version + 1, answers=exact, answered_at=now)
        return replace(answered, handed_over=handed_over, wording=wording, answered_in_seconds=seconds)


def awaited_episode(assessment: Assessment, episodes: Iterable[Episode]) -> Episode | None:
    """The episode that a baseline was asked for before there was one: the first to begin after it was asked.

    None for every other request, and while there is none; a day's grace for clocks that differ.
    """
    if assessment.purpose is not Purpose.BASELINE or assessment.session_id is not None:
        return None
    fitting = [
        episode
        for episode in episodes
        if episode.state is not EpisodeState.VOID
        and (episode.primary.instrument, episode.primary.version)
        == (assessment.instrument, assessment.instrument_version)
        and timedelta(days=-1) <= episode.opened_at - assessment.due_at <= AWAITED
    ]
    return min(fitting, key=lambda episode: (episode.opened_at, episode.id), default=None)


def items_to_ask(instrument: Instrument, rated: frozenset[str]) -> tuple[str, ...]:
    """The codes of the items to ask, in the instrument's order; none where nothing can be asked.

    `rated` are the items that the patient has rated in this episode or at its evaluation. Where the patient names the
    items (PSFS) only those can be asked again.
    """
    items = tuple(item.code for item in instrument.items)
    if instrument.missing is Missing.RATED_ONLY:
        return tuple(code for code in items if code in rated)
    return items


def _not_asked(assessment: Assessment, given: Mapping[str, object]) -> tuple[Fault, ...]:
    fix = f"Answer {', '.join(assessment.items)}."
    return tuple(
        Fault(FaultCode.UNKNOWN_ITEM, code, "This item was not asked.", fix)
        for code in given
        if code not in assessment.items
    )
