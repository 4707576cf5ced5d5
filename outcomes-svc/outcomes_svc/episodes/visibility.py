"""Whose results a caller may read. Pure."""

from __future__ import annotations

from fascia.problem import Forbidden, RuleViolation
from fascia.web.principal import Principal, Role

READERS = (Role.OWNER, Role.ADMIN, Role.AUDITOR, Role.SERVICE)
"""Roles that read every patient of the practice."""


def needs_own_patient(principal: Principal, patient_id: str | None) -> bool:
    """Whether the caller may only read a patient that they treat; raises RuleViolation when they named none."""
    if principal.has(*READERS):
        return False
    if patient_id is None:
        raise RuleViolation(
            "patient-required",
            "A therapist reads the results of one patient at a time.",
            "patient_id",
            "Add patient_id with the id of a patient whom you treat.",
        )
    return True


def not_your_patient() -> Forbidden:
    """The refusal for a therapist who has not treated the patient."""
    return Forbidden("not-your-patient", "You have no signed session with this patient.")
