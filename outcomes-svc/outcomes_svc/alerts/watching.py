"""Use cases: raise, withdraw, escalate and acknowledge alerts. Every step that a person must hear of is an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from fascia.ids import derived_id
from fascia.problem import NotFound, StaleVersion
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.alerts import store
from outcomes_svc.alerts.alert import Alert, AlertKind, AlertState, Step
from outcomes_svc.alerts.reasons import alarming, is_news, reasons
from outcomes_svc.assessments.assessment import Assessment
from outcomes_svc.episodes.baseline_evaluation import BaselineEvaluation
from outcomes_svc.follow_up.store import current_policy
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.scoring.score import Score


def watch(uow: UnitOfWork, changed: Sequence[Score], current: Sequence[Score], sequence: int) -> None:
    """Bring a patient's alerts in line with scores that changed; `current` are all scores of the patient.

    One alert per score and kind. A backfill raises none: what is past is for nobody to run to; but it withdraws.
    """
    find, by_id = shipped().find, {score.id: score for score in changed}
    found = reasons(changed, current, find)
    # A score that is new and no reason to alert has no alert that could be withdrawn: most need no look at all.
    if not (any(found.values()) or any(score.version > 1 for score in changed)):
        return
    known = store.alerts_of(uow, changed[0].patient_id)
    for (score_id, kind), alarm in found.items():
        score, alert = by_id[score_id], known.get(_id(uow, score_id, kind))
        if alarm:
            # An alert that was raised for what was then the latest score stays when a later one comes.
            if kind is AlertKind.SELF_HARM or alert is not None or is_news(score, current, find, uow.now):
                _raise(uow, alert, _of_score(uow, kind, score), sequence)
        elif alert is not None and alert.state is not AlertState.WITHDRAWN:
            store.save_alert(uow, alert.withdrawn(uow.now))


def watch_unfinished(uow: UnitOfWork, assessment: Assessment, answers: Mapping[str, object], score_id: str) -> None:
    """Alert about answers that were turned away, for example as incomplete: the patient may not come back to finish.

    When they do, their score has the id `score_id`, and the alert is about that score.
    """
    instrument = shipped().find(assessment.instrument, assessment.instrument_version)
    if instrument is not None and alarming(instrument, answers):
        about = assessment.patient_id, score_id, assessment.episode_id, assessment.therapist_id, instrument.id
        alert = _new(uow, AlertKind.SELF_HARM, *about)
        _raise(uow, store.find_alert(uow, alert.id), alert, sequence=0)


def watch_evaluation(
    uow: UnitOfWork, evaluation: BaselineEvaluation, score_ids: Mapping[str, str], sequence: int
) -> None:
    """Alert about answers of an evaluation, which are scored only once treatment begins; `score_ids` by instrument."""
    for measure in evaluation.measures:
        instrument = shipped().find(measure.instrument, measure.version or "")
        if instrument is None or all(item.alert_above is None for item in instrument.items):
            continue
        about = evaluation.patient_id, score_ids[instrument.id], None, evaluation.therapist_id, instrument.id
        alert = _new(uow, AlertKind.SELF_HARM, *about)
        known = store.find_alert(uow, alert.id)
        if alarming(instrument, measure.answers):
            _raise(uow, known, alert, sequence)
        elif known is not None and known.state is not AlertState.WITHDRAWN:
            store.save_alert(uow, known.withdrawn(uow.now))


def escalate(uow: UnitOfWork, alert_id: str) -> None:
    """Tell of an alert once more where it is still open and its time is over."""
    alert = store.find_alert(uow, alert_id)
    if alert is None:
        return
    escalated = alert.escalated(uow.now)
    if escalated.version != alert.version:
        store.save_alert(uow, escalated)
        _publish(uow, escalated, "escalated", sequence=escalated.version)


def acknowledge(uow: UnitOfWork, alert_id: str, based_on: int, by: str, note: str) -> Alert:
    """Somebody looked; raises NotFound, StaleVersion, or Conflict where the alert does not wait for that."""
    alert = get_alert(uow, alert_id)
    if alert.version != based_on:
        raise StaleVersion(based_on)
    acknowledged = alert.acknowledged(by, note, uow.now)
    store.save_alert(uow, acknowledged)
    return acknowledged


def get_alert(uow: UnitOfWork, alert_id: str) -> Alert:
    """One alert; raises NotFound."""
    alert = store.find_alert(uow, alert_id)
    if alert is None:
        raise NotFound("alert", alert_id)
    return alert


def _raise(uow: UnitOfWork, known: Alert | None, fresh: Alert, sequence: int) -> None:
    if uow.backfill:
        return
    alert = known.raised_again(uow.now, fresh.escalate_at) if known else fresh
    if known is None or alert.version != known.version:
        store.save_alert(uow, alert)
        _publish(uow, alert, "raised", sequence)


def _of_score(uow: UnitOfWork, kind: AlertKind, score: Score) -> Alert:
    return _new(uow, kind, score.patient_id, score.id, score.episode_id, score.therapist_id, score.instrument)


def _new(
    uow: UnitOfWork,
    kind: AlertKind,
    patient_id: str,
    score_id: str,
    episode_id: str | None,
    therapist_id: str | None,
    instrument: str,
) -> Alert:
    return Alert(
        id=_id(uow, score_id, kind),
        version=1,
        kind=kind,
        patient_id=patient_id,
        score_id=score_id,
        episode_id=episode_id,
        therapist_id=therapist_id,
        instrument=instrument,
        state=AlertState.OPEN,
        raised_at=uow.now,
        escalate_at=uow.now + timedelta(minutes=current_policy(uow).escalate_after_minutes),
        history=(Step(AlertState.OPEN, uow.now),),
    )


def _id(uow: UnitOfWork, score_id: str, kind: AlertKind) -> str:
    return derived_id(score_id, uow.practice_id, "alert", kind.value)


def _publish(uow: UnitOfWork, alert: Alert, level: str, sequence: int) -> None:
    uow.publish(
        "outcome.alert",
        {
            "alert_id": alert.id,
            "patient_id": alert.patient_id,
            "episode_id": alert.episode_id,
            "therapist_id": alert.therapist_id,
            "score_id": alert.score_id,
            "kind": alert.kind.value,
            "severity": alert.severity.value,
            "level": level,
            "at": uow.now,
        },
        sequence=sequence,
    )
