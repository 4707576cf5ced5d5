"""A measurement: one set of answers to one instrument, whoever took it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from outcomes_svc.episodes.baseline_evaluation import BaselineEvaluation
from outcomes_svc.episodes.treated_session import Measure, TreatedSession


class Source(StrEnum):
    """Where the answers were taken. Pay will look at the patient's own answers only."""

    EVALUATION = "evaluation"
    SESSION = "session"
    PATIENT = "patient"


RANK = {Source.EVALUATION: 0, Source.SESSION: 1, Source.PATIENT: 2}
"""At one moment an evaluation comes first, then a session, then what the patient answers after it."""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What is scored. `source_id` is the id of the evaluation, session or assessment it comes from.

    `instrument_version` is None where the instrument is not known. `conflicting` marks answers that were given twice in
    one sitting and differ. `handed_over`: another system sent the answers and did not say who gave them.
    """

    source: Source
    source_id: str
    patient_id: str
    episode_id: str
    therapist_id: str | None
    session_id: str | None
    assessment_id: str | None
    instrument: str
    instrument_version: str | None
    answers: Mapping[str, float]
    measured_at: datetime
    conflicting: bool = False
    handed_over: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """By this a measurement is recognised when it comes again."""
        return self.source_id, self.instrument


def of_session(session: TreatedSession, episode_id: str) -> list[Measurement]:
    """The measurements of a session, one per instrument. Two equal sets of answers count as one."""
    return [_of_sitting(session, measures, episode_id) for measures in _by_instrument(session.measures)]


def of_evaluation(evaluation: BaselineEvaluation, episode_id: str) -> list[Measurement]:
    """The measurements of an evaluation, one per instrument."""
    return [_of_sitting(evaluation, measures, episode_id) for measures in _by_instrument(evaluation.measures)]


def _by_instrument(measures: Iterable[Measure]) -> list[list[Measure]]:
    taken: dict[str, list[Measure]] = {}
    for measure in measures:
        taken.setdefault(measure.instrument, []).append(measure)
    return list(taken.values())


def _of_sitting(
    sitting: TreatedSession | BaselineEvaluation, measures: Sequence[Measure], episode_id: str
) -> Measurement:
    first = measures[0]
    in_session = isinstance(sitting, TreatedSession)
    return Measurement(
        source=Source.SESSION if in_session else Source.EVALUATION,
        source_id=sitting.id,
        patient_id=sitting.patient_id,
        episode_id=episode_id,
        therapist_id=sitting.therapist_id,
        session_id=sitting.id if in_session else None,
        assessment_id=None,
        instrument=first.instrument,
        instrument_version=first.version,
        answers=dict(first.answers),
        measured_at=sitting.ended_at if isinstance(sitting, TreatedSession) else sitting.signed_at,
        conflicting=any(dict(measure.answers) != dict(first.answers) for measure in measures),
    )


def in_order(measurements: Iterable[Measurement]) -> list[Measurement]:
    """By the time at which they were taken: at one moment an evaluation, then a session, then what follows it."""
    return sorted(
        measurements,
        key=lambda taken: (taken.measured_at, RANK[taken.source], taken.source_id, taken.instrument),
    )
