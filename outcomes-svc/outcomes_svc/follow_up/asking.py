"""Use case: ask a patient what is due, remind them of what is open, and say when to look again."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime

from fascia.ids import derived_id, new_id
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.assessments import store as assessments
from outcomes_svc.assessments.assessment import Assessment, Purpose, items_to_ask
from outcomes_svc.assessments.course import primary_of
from outcomes_svc.assessments.patient_course import PatientCourse
from outcomes_svc.assessments.permissions import Permissions
from outcomes_svc.episodes.episode import Primary
from outcomes_svc.episodes.treated_session import condition_of
from outcomes_svc.follow_up import store
from outcomes_svc.follow_up.agenda import (
    Ask,
    answered_for,
    due_after_session,
    due_before_treatment,
    due_by_calendar,
    due_reminders,
    look_again_at,
)
from outcomes_svc.follow_up.case import Case
from outcomes_svc.follow_up.policy import FollowUpPolicy
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.instruments.instrument import Instrument

_log = logging.getLogger(__name__)


def attend(
    uow: UnitOfWork,
    patient_id: str,
    sequence: int,
    *,
    after_session: str | None = None,
    course: PatientCourse | None = None,
) -> None:
    """Do what is due for a patient. The caller holds the patient's lock; `sequence` is the number that it gave.

    `after_session` is a session that has just become known, `course` what was read or made of the patient's course in
    this unit of work. A backfill asks nobody: what is due by then goes out when a worker looks.
    """
    case, policy = store.case_of(uow, patient_id, course), store.current_policy(uow)
    asks = [] if uow.backfill else [*_due(case, policy, after_session, uow.now)]
    reminders = [] if uow.backfill else due_reminders(case, policy, uow.now)
    # Read only now: on most looks nothing is due.
    if (asks or reminders) and store.has_died(uow, patient_id):
        store.look_at(uow, patient_id, None)
        return
    for ask in asks:
        case = _ask(uow, case, ask, sequence)
    for asked in reminders:
        case = _remind(uow, case, asked, sequence)
    store.look_at(uow, patient_id, look_again_at(case, policy, uow.now))


def _due(case: Case, policy: FollowUpPolicy, after_session: str | None, now: datetime) -> Iterator[Ask]:
    session = next((known for known in case.sessions if known.id == after_session), None)
    episode = next((known for known in case.episodes if session and known.id == session.episode_id), None)
    if session is not None and episode is not None:
        ask = due_after_session(case, policy, session, episode, now)
        if ask is not None:
            yield ask
    before = due_before_treatment(case, policy, now)
    if before is not None:
        yield before
    yield from due_by_calendar(case, policy, now)


def _ask(uow: UnitOfWork, case: Case, ask: Ask, sequence: int) -> Case:
    """Make a request, unless the patient still has this instrument to answer: nobody is asked the same thing twice."""
    permissions = Permissions(uow)
    primary = ask.episode.primary if ask.episode else primary_of(shipped(), ask.codes, permissions.can_ask)
    instrument = shipped().find(primary.instrument, primary.version)
    if instrument is None or not permissions.can_ask(instrument):
        # Its licence ended, or its wording was retired, after the episode was locked to it.
        _log.warning("cannot be asked", extra={"patient_id": case.patient_id, "instrument": primary.instrument})
        return case
    opened = case.open_request(instrument.id, uow.now)
    if opened is not None:
        # Asked before the visit and not answered: the visit is over, and the baseline's window closes tomorrow.
        after_first = ask.purpose is Purpose.BASELINE and ask.session_id is not None
        if after_first and opened.session_id is None and opened.reminded_at is None:
            return _remind(uow, case, opened, sequence)
        return case
    if ask.visit is not None and answered_for(case.asked_for(instrument.id), ask.visit.ends_at):
        return case
    assessment = _request(uow, case, ask, primary, instrument)
    if assessment is None:
        _log.info("nothing to ask", extra={"patient_id": case.patient_id, "instrument": instrument.id})
        return case
    assessments.save_assessment(uow, assessment)
    _publish(uow, assessment, sequence, reminder=False)
    return case.with_request(assessment)


def _request(uow: UnitOfWork, case: Case, ask: Ask, primary: Primary, instrument: Instrument) -> Assessment | None:
    items = items_to_ask(instrument, case.rated(instrument, condition_of(ask.codes), ask.episode))
    if not items:
        return None
    # Before the first visit there is no episode; its first session takes the request over (see course.py).
    expected = derived_id(ask.visit.id, uow.practice_id, "expected episode") if ask.visit else ""
    return Assessment(
        id=new_id(),
        version=1,
        patient_id=case.patient_id,
        episode_id=ask.episode.id if ask.episode else expected,
        session_id=ask.session_id,
        therapist_id=ask.therapist_id,
        instrument=primary.instrument,
        instrument_version=primary.version,
        items=items,
        due_at=uow.now,
        expires_at=ask.expires_at,
        purpose=ask.purpose,
    )


def _remind(uow: UnitOfWork, case: Case, asked: Assessment, sequence: int) -> Case:
    reminded = asked.reminded(uow.now)
    assessments.save_assessment(uow, reminded)
    _publish(uow, reminded, sequence, reminder=True)
    return case.with_request(reminded)


def _publish(uow: UnitOfWork, assessment: Assessment, sequence: int, *, reminder: bool) -> None:
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
            "purpose": assessment.purpose.value,
            "reminder": reminder,
        },
        sequence=sequence,
    )
