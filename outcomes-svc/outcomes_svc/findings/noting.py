"""Use cases: note what led to no score, and forget it when it does."""

from __future__ import annotations

from dataclasses import replace

from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.assessments.assessment import Assessment
from outcomes_svc.episodes.treated_session import TreatedSession
from outcomes_svc.findings import store
from outcomes_svc.findings.finding import Finding, FindingCode
from outcomes_svc.scoring.faults import Fault


def note_session(uow: UnitOfWork, session: TreatedSession, *, new: bool) -> None:
    """Note a session without measures; an amendment of one that is not `new` and brings some takes the finding back."""
    id_ = store.finding_id(uow, session.id, FindingCode.SESSION_WITHOUT_MEASURES)
    if session.measures:
        if not new:
            store.drop_finding(uow, id_)
        return
    store.put_finding(
        uow,
        Finding(
            id=id_,
            code=FindingCode.SESSION_WITHOUT_MEASURES,
            patient_id=session.patient_id,
            session_id=session.id,
            assessment_id=None,
            instrument=None,
            by=session.therapist_id,
            faults=(),
            times=1,
            first_at=session.signed_at,
            last_at=session.signed_at,
        ),
    )


def note_refusal(
    uow: UnitOfWork, assessment: Assessment, code: FindingCode, by: str | None, faults: tuple[Fault, ...] = ()
) -> None:
    """Note that answers to an assessment were turned away."""
    id_ = store.finding_id(uow, assessment.id, code)
    known = store.find_finding(uow, id_)
    if known is not None:
        store.put_finding(uow, replace(known, by=by, faults=faults, times=known.times + 1, last_at=uow.now))
        return
    store.put_finding(
        uow,
        Finding(
            id=id_,
            code=code,
            patient_id=assessment.patient_id,
            session_id=assessment.session_id,
            assessment_id=assessment.id,
            instrument=assessment.instrument,
            by=by,
            faults=faults,
            times=1,
            first_at=uow.now,
            last_at=uow.now,
        ),
    )
