"""The progress report of an episode's first visits: what payers ask for after the sixth visit. Pure.

A report covers the visits 1 to n and what was answered until the next visit, at most a week after the n-th. So it
follows from what happened and not from when it is looked at: made again later, or from events in another order, it
says the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from fascia.problem import RuleViolation
from outcomes_svc.assessments.assessment import Assessment
from outcomes_svc.episodes.episode import Episode
from outcomes_svc.episodes.treated_session import TreatedSession
from outcomes_svc.instruments.catalogue import Catalogue
from outcomes_svc.progress.course import InstrumentCourse, courses
from outcomes_svc.progress.suggestion import Suggestion, suggest
from outcomes_svc.scoring.score import Score

ANSWERS_UNTIL = timedelta(days=7)
"""How long answers after the last visit still belong to its report, where no visit follows. A choice of this project:
as long as a questionnaire stays open at least."""


@dataclass(frozen=True)
class Adherence:
    """How treatment was kept up and how the patient answered.

    `visits_per_week` is None within one week of the first visit; gaps are in days between the ends of visits;
    `response_rate` is None where nothing was asked.
    """

    visits_per_week: float | None
    longest_gap_days: float | None
    requested: int
    answered: int
    response_rate: float | None


@dataclass(frozen=True)
class ProgressReport:
    """The figures of a report over the first `visits` visits of an episode. `therapist_id` gave the last of them.

    `primary` is None where the primary instrument was not scored; `function` are the courses of instruments that say
    what the patient can do, the primary one included where it does.
    """

    episode_id: str
    patient_id: str
    visits: int
    therapist_id: str
    sessions: tuple[TreatedSession, ...]
    primary_instrument: str
    primary_version: str
    primary: InstrumentCourse | None
    function: tuple[InstrumentCourse, ...]
    adherence: Adherence
    suggestion: Suggestion

    @property
    def first_visit_at(self) -> datetime:
        """The end of visit 1."""
        return self.sessions[0].ended_at

    @property
    def last_visit_at(self) -> datetime:
        """The end of the last visit that is covered."""
        return self.sessions[-1].ended_at


def report(
    episode: Episode,
    sessions: Iterable[TreatedSession],
    scores: Iterable[Score],
    asked: Iterable[Assessment],
    visits: int,
    catalogue: Catalogue,
) -> ProgressReport:
    """The report over the first `visits` visits; `sessions`, `scores` and `asked` may be of all the patient's episodes.

    Raises RuleViolation where the episode has fewer visits.
    """
    own = visits_of(episode, sessions)
    if not 1 <= visits <= len(own):
        raise RuleViolation(
            "not-enough-visits",
            f"The episode has {len(own)} visits; a report over {visits} cannot be made.",
            "visits",
            f"Send a number from 1 to {len(own)}.",
        )
    covered, until = own[:visits], answers_until(own, visits)
    found = courses(
        (score for score in scores if score.episode_id == episode.id and score.measured_at < until),
        episode.primary,
        catalogue,
    )
    primary = next((course for course in found if course.primary), None)
    return ProgressReport(
        episode_id=episode.id,
        patient_id=episode.patient_id,
        visits=visits,
        therapist_id=covered[-1].therapist_id,
        sessions=tuple(covered),
        primary_instrument=episode.primary.instrument,
        primary_version=episode.primary.version,
        primary=primary,
        function=tuple(course for course in found if course.about_function),
        adherence=_adherence(covered, [each for each in asked if each.episode_id == episode.id], until),
        suggestion=suggest(primary, visits, covered[-1].ended_at - covered[0].ended_at),
    )


def visits_of(episode: Episode, sessions: Iterable[TreatedSession]) -> list[TreatedSession]:
    """The episode's visits in order."""
    own = (session for session in sessions if session.episode_id == episode.id)
    return sorted(own, key=lambda session: (session.ended_at, session.id))


def answers_until(own: Sequence[TreatedSession], visits: int) -> datetime:
    """Until when answers belong to the report over the first `visits` of all visits `own`."""
    latest = own[visits - 1].ended_at + ANSWERS_UNTIL
    return min(latest, own[visits].ended_at) if visits < len(own) else latest


def _adherence(covered: Sequence[TreatedSession], asked: Sequence[Assessment], until: datetime) -> Adherence:
    gaps = [after.ended_at - before.ended_at for before, after in pairwise(covered)]
    weeks = (covered[-1].ended_at - covered[0].ended_at) / timedelta(weeks=1)
    within = [each for each in asked if each.due_at < until]
    answered = sum(each.answered_at is not None and each.answered_at < until for each in within)
    return Adherence(
        visits_per_week=round((len(covered) - 1) / weeks, 2) if weeks >= 1 else None,
        longest_gap_days=round(max(gaps) / timedelta(days=1), 1) if gaps else None,
        requested=len(within),
        answered=answered,
        response_rate=round(answered / len(within), 3) if within else None,
    )
