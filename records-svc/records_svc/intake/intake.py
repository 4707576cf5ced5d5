"""A signed intake: the answers to the red flags, consent, and a guardian's permission for minors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fascia.problem import RuleViolation
from records_svc.intake.red_flags import RedFlag, Verdict, raised, screening

TREATMENT = "treatment"


@dataclass(frozen=True)
class Guardian:
    """Who gave written permission for a minor. `permission` is true when the signed paper is on file."""

    name: str
    relationship: str
    permission: bool


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What a patient, or their guardian, filled in and signed; unchecked.

    `areas` names for a raised flag the body areas that it concerns, as codes (never free text).
    """

    answers: Mapping[str, bool]
    areas: Mapping[str, Sequence[str]]
    consents: Mapping[str, bool]
    signed_by: str
    guardian: Guardian | None = None


@dataclass(frozen=True, kw_only=True)
class Intake:
    """A signed intake. It is never changed: what changed is said in a new one, and the latest counts."""

    id: str
    patient_id: str
    answers: Mapping[str, bool]
    red_flags: tuple[RedFlag, ...]
    result: Verdict
    consents: Mapping[str, bool]
    signed_by: str
    guardian: Guardian | None
    signed_at: datetime


def sign(filled_in: Answers, *, intake_id: str, patient_id: str, minor: bool, now: datetime) -> Intake:
    """Check and sign an intake; raises RuleViolation naming the field.

    Consent and signature: Mont. ARM 24.155.402. Guardian's written permission for minors: Mich. R 338.727.
    """
    if not filled_in.consents.get(TREATMENT):
        raise RuleViolation(
            "no-consent", "Nobody is treated without consent.", "consents.treatment", "Send true once it is given."
        )
    if not filled_in.signed_by.strip():
        raise RuleViolation("no-signature", "An intake is signed.", "signed_by", "Send the name of who signed.")
    if minor:
        _check_guardian(filled_in.guardian)
    flags = raised(filled_in.answers, filled_in.areas)
    return Intake(
        id=intake_id,
        patient_id=patient_id,
        answers=dict(filled_in.answers),
        red_flags=flags,
        result=screening(flags),
        consents=dict(filled_in.consents),
        signed_by=filled_in.signed_by.strip(),
        guardian=filled_in.guardian,
        signed_at=now,
    )


def _check_guardian(guardian: Guardian | None) -> None:
    if guardian is None or not guardian.permission or not guardian.name.strip():
        raise RuleViolation(
            "guardian-permission-missing",
            "A minor is treated with a guardian's written permission only.",
            "guardian",
            'Send {"name": ..., "relationship": ..., "permission": true} once the signed paper is on file.',
        )
