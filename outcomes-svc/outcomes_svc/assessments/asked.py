"""Assessments read together with their questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.assessments import store
from outcomes_svc.assessments.assessment import Assessment
from outcomes_svc.assessments.questionnaire import Questionnaire, questionnaire
from outcomes_svc.instruments.catalogue import shipped


def asked(uow: UnitOfWork, assessment_id: str) -> Questionnaire:
    """One assessment with its questions; raises NotFound."""
    return with_questions(uow, store.get_assessment(uow, assessment_id))


def asked_page(uow: UnitOfWork, filters: Mapping[str, Any]) -> tuple[list[Questionnaire], str | None]:
    """A page of assessments with their questions."""
    found, cursor = store.assessment_page(uow, filters)
    return [with_questions(uow, assessment) for assessment in found], cursor


def with_questions(uow: UnitOfWork, assessment: Assessment) -> Questionnaire:
    """The questions of the instrument version that was asked."""
    instrument = shipped().find(assessment.instrument, assessment.instrument_version)
    assert instrument is not None, "versions that were asked keep shipping"
    return questionnaire(assessment, instrument, uow.now)
