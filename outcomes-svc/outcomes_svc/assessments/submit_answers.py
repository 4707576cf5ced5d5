"""Use case: a patient answers an assessment. Answers, score and event are written together or not at all."""

from __future__ import annotations

from collections.abc import Mapping

from fascia.problem import Conflict
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.assessments import store as assessments
from outcomes_svc.assessments.assessment import Assessment
from outcomes_svc.assessments.course import refresh
from outcomes_svc.episodes import store as episodes
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.questionnaires.asking import check_shown


def submit_answers(
    uow: UnitOfWork,
    assessment_id: str,
    answers: Mapping[str, object],
    shown_version: str | None = None,
    *,
    handed_over: bool = False,
    wording: str | None = None,
    seconds: int | None = None,
) -> Assessment:
    """Score the answers.

    Raises NotFound, Conflict (answered before, or given to another version than was asked), Gone (expired),
    RuleViolation (no such wording) or AnswersRefused. `shown_version` is the instrument's version that the patient
    saw, where the client says so, and `wording` the id of the wording; `seconds` is how long the questions were
    open. `handed_over`: another system sends the answers, so they are not known to be the patient's own.
    """
    assessment = assessments.get_assessment(uow, assessment_id)
    if shown_version not in (None, assessment.instrument_version):
        raise Conflict(
            "other-version",
            f"Version {assessment.instrument_version} of {assessment.instrument} was asked, not {shown_version}.",
            "instrument_version",
            "Read the assessment again and answer the items that it lists.",
        )
    sequence = episodes.lock_patient(uow, assessment.patient_id)
    instrument = shipped().find(assessment.instrument, assessment.instrument_version)
    assert instrument is not None, "versions that were asked keep shipping"
    check_shown(uow, instrument, wording)
    answered = assessment.answered(
        instrument, answers, uow.now, handed_over=handed_over, wording=wording, seconds=seconds
    )
    assessments.save_assessment(uow, answered)
    refresh(uow, assessment.patient_id, sequence)
    return answered
