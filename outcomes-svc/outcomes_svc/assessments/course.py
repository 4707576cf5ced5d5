"""Use case: bring a patient's episodes and scores in line with what is known of the patient.

Everything is derived anew from the sessions, the evaluations and the patient's answers, so a late, doubled or amended
session leads to the same result as if all had come in order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from fascia.ids import derived_id
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.alerts.watching import watch
from outcomes_svc.assessments import store as assessments
from outcomes_svc.assessments.assessment import Assessment, awaited_episode
from outcomes_svc.assessments.patient_course import PatientCourse
from outcomes_svc.assessments.permissions import Permissions
from outcomes_svc.episodes import store as episodes
from outcomes_svc.episodes.baseline_evaluation import episode_of
from outcomes_svc.episodes.episode import Plan, Primary, plan
from outcomes_svc.episodes.keeping import keep_episode
from outcomes_svc.episodes.treated_session import TreatedSession
from outcomes_svc.instruments.catalogue import Catalogue, shipped
from outcomes_svc.instruments.instrument import Instrument
from outcomes_svc.instruments.primary import wording_ships
from outcomes_svc.progress.reporting import report_progress
from outcomes_svc.scoring import store as scores
from outcomes_svc.scoring.measurement import Measurement, Source, of_evaluation, of_session
from outcomes_svc.scoring.score import Key, Score, ScoreState, derive, settle


def refresh(uow: UnitOfWork, patient_id: str, sequence: int, *, arrived: TreatedSession | None = None) -> PatientCourse:
    """Derive, store what changed, and tell: outcome.scored for each score that changed, alerts, progress reports.

    The caller holds the patient's lock; `sequence` is the number that the lock gave. `arrived` is a session's new
    state, which is stored here, once, with its episode; without an episode it is one that was not known.
    """
    catalogue, permissions = shipped(), Permissions(uow)
    sessions = [known for known in episodes.sessions_of(uow, patient_id) if not arrived or known.id != arrived.id]
    sessions += [arrived] if arrived else []
    planned = _plan(uow, patient_id, sessions, lambda codes: primary_of(catalogue, codes, permissions.can_ask))
    placed = _place(uow, sessions, planned, arrived)
    answered = _follow(uow, assessments.assessments_of(uow, patient_id), planned)
    taken = _measurements(sessions, answered, planned)
    evaluations = episodes.evaluations_of(uow, patient_id)
    for evaluation in evaluations:
        if (episode := episode_of(evaluation, planned.episodes)) is not None:
            taken += of_evaluation(evaluation, episode.id)
    kept = {score.id: score for score in scores.scores_of(uow, patient_id)}
    outcomes = derive(taken, catalogue, permissions.may_score)
    changed = settle(outcomes, kept.values(), name=lambda key: score_id_of(uow, key), now=uow.now)
    _keep(uow, changed, sequence)
    current = [*(kept | {score.id: score for score in changed}).values()]
    watch(uow, changed, current, sequence)
    report_progress(uow, patient_id, planned.episodes, placed, current, answered, sequence)
    return PatientCourse(planned.episodes, placed, evaluations, answered)


def _keep(uow: UnitOfWork, changed: Sequence[Score], sequence: int) -> None:
    for score in changed:
        scores.save_score(uow, score)
        if score.state is ScoreState.SCORED:
            uow.publish("outcome.scored", _event_of(score), sequence=sequence)


def score_id_of(uow: UnitOfWork, key: Key) -> str:
    """The id of the score of a measurement, also of one that is still to come."""
    return derived_id(key[0], uow.practice_id, "score", key[1])


def primary_of(
    catalogue: Catalogue, codes: Sequence[str], can_ask: Callable[[Instrument], bool] = wording_ships
) -> Primary:
    """The instrument that an episode with these condition codes is locked to: the best that the practice can ask."""
    choice = catalogue.primary.choose(codes, can_ask)
    instrument = catalogue.current(choice.instrument)
    assert instrument is not None, "the catalogue checks that every choice ships"
    return Primary(instrument.id, instrument.version, choice.stand_in)


def _plan(
    uow: UnitOfWork, patient_id: str, sessions: Sequence[TreatedSession], choose: Callable[[Sequence[str]], Primary]
) -> Plan:
    known = {episode.id: episode for episode in episodes.episodes_of(uow, patient_id)}
    planned = plan(
        sessions,
        known.values(),
        choose=choose,
        name=lambda first: derived_id(first.id, uow.practice_id, "episode"),
        now=uow.now,
    )
    saved = [
        episode if episode == known.get(episode.id) else keep_episode(uow, known.get(episode.id), episode)
        for episode in planned.episodes
    ]
    return Plan(tuple(saved), planned.episode_of)


def _place(
    uow: UnitOfWork, sessions: Sequence[TreatedSession], planned: Plan, arrived: TreatedSession | None
) -> list[TreatedSession]:
    """The sessions with their episodes; those that arrived or moved are stored."""
    placed = []
    for session in sessions:
        now = replace(session, episode_id=planned.episode_of[session.id])
        if session is arrived or now != session:
            episodes.put_session(uow, now, new=session.episode_id is None)
        placed.append(now)
    return placed


def _follow(uow: UnitOfWork, asked: Sequence[Assessment], planned: Plan) -> list[Assessment]:
    """Assessments stay with the session that they followed, or with what became of their episode.

    What was asked before the first visit belongs to the episode that began with it.
    """
    heirs = {episode.id: planned.episode_of.get(episode.first_session_id, episode.id) for episode in planned.episodes}
    followed = []
    for assessment in asked:
        awaited = awaited_episode(assessment, planned.episodes)
        heir = awaited.id if awaited else heirs.get(assessment.episode_id, assessment.episode_id)
        episode_id = planned.episode_of.get(assessment.session_id or "", heir)
        if episode_id != assessment.episode_id:
            assessment = replace(assessment, episode_id=episode_id, version=assessment.version + 1)
            assessments.save_assessment(uow, assessment)
        followed.append(assessment)
    return followed


def _measurements(sessions: Sequence[TreatedSession], asked: Sequence[Assessment], planned: Plan) -> list[Measurement]:
    taken = [found for session in sessions for found in of_session(session, planned.episode_of[session.id])]
    ended = {session.id: session.ended_at for session in sessions}
    for assessment in asked:
        if assessment.answers is not None and assessment.answered_at is not None:
            # The answer follows its session, also where the clocks of two machines say otherwise.
            at = max(assessment.answered_at, ended.get(assessment.session_id or "", assessment.answered_at))
            taken.append(_of_assessment(assessment, assessment.answers, at))
    return taken


def _of_assessment(assessment: Assessment, answers: Mapping[str, float], at: datetime) -> Measurement:
    return Measurement(
        source=Source.PATIENT,
        source_id=assessment.id,
        patient_id=assessment.patient_id,
        episode_id=assessment.episode_id,
        therapist_id=assessment.therapist_id,
        session_id=assessment.session_id,
        assessment_id=assessment.id,
        instrument=assessment.instrument,
        instrument_version=assessment.instrument_version,
        answers=answers,
        measured_at=at,
        handed_over=assessment.handed_over,
    )


def _event_of(score: Score) -> dict[str, object]:
    return {
        "score_id": score.id,
        "patient_id": score.patient_id,
        "episode_id": score.episode_id,
        "therapist_id": score.therapist_id,
        "session_id": score.session_id,
        "assessment_id": score.assessment_id,
        "instrument": score.instrument,
        "instrument_version": score.instrument_version,
        "source": score.source.value,
        "value": score.value,
        "change": score.change,
        "judgement": score.judgement.value if score.judgement else None,
        "scored_at": score.scored_at,
    }
