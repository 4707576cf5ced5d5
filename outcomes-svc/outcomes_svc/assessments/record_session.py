"""Use cases: a session or an evaluation was signed. Score its measures; after a new session, ask the patient."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fascia.problem import Conflict
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.alerts.watching import watch_evaluation
from outcomes_svc.assessments.course import refresh, score_id_of
from outcomes_svc.episodes import store as episodes
from outcomes_svc.episodes.baseline_evaluation import BaselineEvaluation
from outcomes_svc.episodes.treated_session import Measure, TreatedSession
from outcomes_svc.findings.noting import note_session
from outcomes_svc.follow_up.asking import attend
from outcomes_svc.instruments.catalogue import shipped


def record_session(uow: UnitOfWork, session: TreatedSession) -> None:
    """Take in a state of a session; an older one than is known changes nothing. Raises Conflict for another patient."""
    sequence = episodes.lock_patient(uow, session.patient_id)
    known = episodes.find_session(uow, session.id)
    if known is not None and known.patient_id != session.patient_id:
        raise Conflict("session-of-another-patient", "An amendment cannot give a session to another patient.")
    if known is not None and known.version >= session.version:
        return
    merged = _merged(session, known)
    note_session(uow, merged, new=known is None)
    course = refresh(uow, session.patient_id, sequence, arrived=merged)
    after = session.id if known is None else None
    attend(uow, session.patient_id, sequence, after_session=after, course=course)


def record_evaluation(uow: UnitOfWork, evaluation: BaselineEvaluation) -> None:
    """Take in the measures of a signed evaluation; they count once treatment has begun.

    Where that is booked already, the patient is asked for the baseline in time.

    One without measures is kept too: it may have come before the earlier state that it replaces. Raises Conflict for
    another patient.
    """
    sequence = episodes.lock_patient(uow, evaluation.patient_id)
    known = episodes.find_evaluation(uow, evaluation.id)
    if known is not None and known.patient_id != evaluation.patient_id:
        raise Conflict("evaluation-of-another-patient", "An evaluation cannot be given to another patient.")
    if known is not None and known.signed_at >= evaluation.signed_at:
        return
    versioned = _with_versions(evaluation, known)
    episodes.put_evaluation(uow, versioned)
    if known is not None or evaluation.measures:
        refresh(uow, evaluation.patient_id, sequence)
    score_ids = {each.instrument: score_id_of(uow, (evaluation.id, each.instrument)) for each in evaluation.measures}
    watch_evaluation(uow, versioned, score_ids, sequence)
    attend(uow, evaluation.patient_id, sequence)


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
