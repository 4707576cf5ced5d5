"""Use cases: a session or an evaluation was signed. Score its measures; after a new session, ask the patient."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace

from fascia.ids import new_id
from fascia.problem import Conflict
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.assessments import store as assessments
from outcomes_svc.assessments.assessment import request
from outcomes_svc.assessments.course import refresh
from outcomes_svc.episodes import store as episodes
from outcomes_svc.episodes.baseline_evaluation import BaselineEvaluation, episode_of
from outcomes_svc.episodes.episode import Episode
from outcomes_svc.episodes.treated_session import Measure, TreatedSession
from outcomes_svc.findings.noting import note_session
from outcomes_svc.instruments.catalogue import shipped

_log = logging.getLogger(__name__)


def record_session(uow: UnitOfWork, session: TreatedSession) -> None:
    """Take in a state of a session; an older one than is known changes nothing. Raises Conflict for another patient."""
    sequence = episodes.lock_patient(uow, session.patient_id)
    known = episodes.find_session(uow, session.id)
    if known is not None and known.patient_id != session.patient_id:
        raise Conflict("session-of-another-patient", "An amendment cannot give a session to another patient.")
    if known is not None and known.version >= session.version:
        return
    merged = _merged(session, known)
    episodes.put_session(uow, merged)
    note_session(uow, merged)
    by_session = refresh(uow, session.patient_id, sequence)
    if known is None and not uow.backfill:
        _ask(uow, session, by_session[session.id], sequence)


def record_evaluation(uow: UnitOfWork, evaluation: BaselineEvaluation) -> None:
    """Take in the measures of a signed evaluation; they count once treatment has begun. Nobody is asked anything.

    One without measures is kept too: it may have come before the earlier state that it replaces. Raises Conflict for
    another patient.
    """
    sequence = episodes.lock_patient(uow, evaluation.patient_id)
    known = episodes.find_evaluation(uow, evaluation.id)
    if known is not None and known.patient_id != evaluation.patient_id:
        raise Conflict("evaluation-of-another-patient", "An evaluation cannot be given to another patient.")
    if known is not None and known.signed_at >= evaluation.signed_at:
        return
    episodes.put_evaluation(uow, _with_versions(evaluation, known))
    if known is not None or evaluation.measures:
        refresh(uow, evaluation.patient_id, sequence)


def _merged(session: TreatedSession, known: TreatedSession | None) -> TreatedSession:
    """An amendment keeps the episode of what it amends, and its instrument versions where it names none."""
    versioned = replace(session, measures=_versioned(session.measures, known.measures if known else ()))
    return replace(versioned, episode_id=known.episode_id) if known else versioned


def _with_versions(evaluation: BaselineEvaluation, known: BaselineEvaluation | None) -> BaselineEvaluation:
    return replace(evaluation, measures=_versioned(evaluation.measures, known.measures if known else ()))


def _versioned(measures: Iterable[Measure], before: Iterable[Measure]) -> tuple[Measure, ...]:
    """Measures with the version that they name, that they had before, or that is the newest now."""
    had = {measure.instrument: measure.version for measure in before if measure.version}
    return tuple(
        replace(measure, version=measure.version or had.get(measure.instrument) or _newest(measure.instrument))
        for measure in measures
    )


def _newest(instrument: str) -> str | None:
    found = shipped().current(instrument)
    return found.version if found else None


def _rated(uow: UnitOfWork, episode: Episode, instrument: str) -> frozenset[str]:
    """The items of an instrument that were rated in the episode's sessions and its evaluation."""
    sessions = [known for known in episodes.sessions_of(uow, episode.patient_id) if known.episode_id == episode.id]
    evaluations = [
        known for known in episodes.evaluations_of(uow, episode.patient_id) if episode_of(known, [episode]) is not None
    ]
    measures = [measure for session in sessions for measure in session.measures]
    measures += [measure for evaluation in evaluations for measure in evaluation.measures]
    return frozenset(code for measure in measures if measure.instrument == instrument for code in measure.answers)


def _ask(uow: UnitOfWork, session: TreatedSession, episode: Episode, sequence: int) -> None:
    """Ask for the episode's primary instrument, unless the patient still has it to answer.

    One open request per patient and instrument: the wording names no body part, so a patient could not tell two of them
    apart, and nobody is asked the same thing twice.
    """
    primary = episode.primary
    instrument = shipped().find(primary.instrument, primary.version)
    if instrument is None or assessments.has_open(uow, session.patient_id, instrument.id, uow.now):
        return
    rated = _rated(uow, episode, instrument.id)
    assessment = request(new_id(), session, episode, instrument, rated, uow.now)
    if assessment is None:
        _log.info("nothing to ask", extra={"session_id": session.id, "instrument": instrument.id})
        return
    assessments.save_assessment(uow, assessment)
    uow.publish(
        "assessment.requested",
        {
            "assessment_id": assessment.id,
            "patient_id": assessment.patient_id,
            "episode_id": assessment.episode_id,
            "session_id": assessment.session_id,
            "instrument": assessment.instrument,
            "due_at": assessment.due_at,
            "expires_at": assessment.expires_at,
        },
        sequence=sequence,
    )
