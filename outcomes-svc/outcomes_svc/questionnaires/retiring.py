"""Use case: a practice stops showing a wording."""

from __future__ import annotations

from fascia.problem import Conflict
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.questionnaires import store
from outcomes_svc.questionnaires.imported import ImportedQuestionnaire


def retire_questionnaire(uow: UnitOfWork, questionnaire_id: str) -> ImportedQuestionnaire:
    """Retire an import; raises NotFound, and Conflict where that happened before."""
    imported = store.get_questionnaire(uow, questionnaire_id)
    if imported.retired_at is not None:
        raise Conflict("already-retired", "This questionnaire was retired before.")
    store.retire(uow, imported)
    return store.get_questionnaire(uow, questionnaire_id)
