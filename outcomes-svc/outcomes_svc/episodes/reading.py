"""Which patient a list may be about, given who asks."""

from __future__ import annotations

from fascia.store.unit_of_work import UnitOfWork
from fascia.web.access import current_principal
from outcomes_svc.episodes.store import has_treated
from outcomes_svc.episodes.visibility import needs_own_patient, not_your_patient


def check_may_read(uow: UnitOfWork, patient_id: str | None) -> None:
    """Let a therapist read patients whom they treat, and readers all; raises RuleViolation or Forbidden."""
    principal = current_principal()
    if needs_own_patient(principal, patient_id) and not has_treated(uow, principal.subject, patient_id or ""):
        raise not_your_patient()
