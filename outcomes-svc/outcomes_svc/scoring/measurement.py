"""A measurement: one set of answers to one instrument, whoever took it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from outcomes_svc.episodes.treated_session import Measure, TreatedSession


class Source(StrEnum):
    """Who entered the answers. Pay will look at the patient's own answers only."""

    SESSION = "session"
    PATIENT = "patient"


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What is scored. `source_id` is the session's or the assessment's id; with the instrument it is the identity.

    `instrument_version` is None where the instrument is not known. `conflicting` marks answers that were given twice in
    one session and differ.
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

    @property
    def key(self) -> tuple[str, str]:
        """By this a measurement is recognised when it comes again."""
        return self.source_id, self.instrument


def of_session(session: TreatedSession, episode_id: str) -> list[Measurement]:
    """The measurements of a session, one per instrument. Two equal sets of answers count as one."""
    taken: dict[str, list[Measure]] = {}
    for measure in session.measures:
        taken.setdefault(measure.instrument, []).append(measure)
    return [_of_measures(session, episode_id, measures) for measures in taken.values()]


def _of_measures(session: TreatedSession, episode_id: str, measures: list[Measure]) -> Measurement:
    first = measures[0]
    return Measurement(
        source=Source.SESSION,
        source_id=session.id,
        patient_id=session.patient_id,
        episode_id=episode_id,
        therapist_id=session.therapist_id,
        session_id=session.id,
        assessment_id=None,
        instrument=first.instrument,
        instrument_version=first.version,
        answers=dict(first.answers),
        measured_at=session.ended_at,
        conflicting=any(dict(measure.answers) != dict(first.answers) for measure in measures),
    )


def in_order(measurements: Iterable[Measurement]) -> list[Measurement]:
    """By the time at which they were taken: a session before the answers that follow it, then by id, always alike."""
    return sorted(
        measurements,
        key=lambda taken: (taken.measured_at, taken.source is Source.PATIENT, taken.source_id, taken.instrument),
    )
