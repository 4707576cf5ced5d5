"""An evaluation: a therapist's verdict on whether and how a patient may be treated.

draft -> signed -> amended or superseded. A signed evaluation is required before the first treatment and again when the
reason changes; it records techniques, body areas and contraindications (Texas 16 TAC 117.92).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from fascia.problem import Conflict, Forbidden, RuleViolation
from records_svc.evaluation.case_mix import CaseMix
from records_svc.evaluation.measure import Measure
from records_svc.intake.red_flags import Action, RedFlag, Verdict


class State(StrEnum):
    """Where an evaluation stands."""

    DRAFT = "draft"
    SIGNED = "signed"
    AMENDED = "amended"
    SUPERSEDED = "superseded"


IN_FORCE = frozenset({State.SIGNED, State.AMENDED})


@dataclass(frozen=True)
class Restrictions:
    """Body areas and techniques to avoid, as codes."""

    avoid_areas: tuple[str, ...] = ()
    avoid_techniques: tuple[str, ...] = ()


@dataclass(frozen=True)
class PhysicianClearance:
    """A physician's permission that answers one clearance-first flag."""

    red_flag: str
    cleared_by: str
    cleared_on: date


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What the therapist writes. `findings` is clinical free text: sealed at rest, never published."""

    condition_codes: tuple[str, ...]
    result: Verdict
    restrictions: Restrictions = Restrictions()
    home_visits: bool = False
    expires_on: date | None = None
    findings: str = ""
    physician_clearances: tuple[PhysicianClearance, ...] = ()
    measures: tuple[Measure, ...] = ()
    case_mix: CaseMix | None = None


@dataclass(frozen=True)
class Amendment:
    """Why a signed evaluation was changed, by whom, and what it said before."""

    reason: str
    amended_by: str
    amended_at: datetime
    before: Findings


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """An evaluation as of `version`."""

    id: str
    version: int
    patient_id: str
    therapist_id: str
    state: State
    content: Findings
    created_at: datetime
    signed_at: datetime | None = None
    signed_by: str | None = None
    amendments: tuple[Amendment, ...] = ()


def draft(
    content: Findings, *, evaluation_id: str, patient_id: str, therapist_id: str, now: datetime, today: date
) -> Evaluation:
    """A draft; raises RuleViolation where its content contradicts itself."""
    _check(content, today)
    return Evaluation(
        id=evaluation_id,
        version=1,
        patient_id=patient_id,
        therapist_id=therapist_id,
        state=State.DRAFT,
        content=content,
        created_at=now,
    )


def edit(evaluation: Evaluation, content: Findings, today: date) -> Evaluation:
    """A draft with other content; raises Conflict once it is signed."""
    if evaluation.state is not State.DRAFT:
        raise Conflict("evaluation-signed", "A signed evaluation is amended, not edited.")
    _check(content, today)
    return replace(evaluation, content=content, version=evaluation.version + 1)


def sign(
    evaluation: Evaluation, *, signer: str, flags: Sequence[RedFlag] | None, now: datetime, today: date
) -> Evaluation:
    """Sign a draft. `flags` are those of intake and medication, None where the patient has no signed intake.

    Raises RuleViolation where signing is refused.
    """
    if evaluation.state is not State.DRAFT:
        raise Conflict("evaluation-already-signed", f"This evaluation is {evaluation.state}.")
    _check_signer(evaluation, signer)
    if flags is None:
        raise RuleViolation(
            "intake-missing",
            "An evaluation is signed on the basis of a signed intake.",
            "patient_id",
            "POST /v1/patients/{id}/intakes first.",
        )
    _check(evaluation.content, today)
    check_against(evaluation.content, flags)
    return replace(evaluation, state=State.SIGNED, version=evaluation.version + 1, signed_at=now, signed_by=signer)


def amend(
    evaluation: Evaluation, content: Findings, *, reason: str, signer: str, flags: Sequence[RedFlag], now: datetime,
    today: date,
) -> Evaluation:  # fmt: skip
    """A signed evaluation with other content; what it said before stays in it."""
    if evaluation.state not in IN_FORCE:
        raise Conflict("evaluation-not-in-force", f"An evaluation that is {evaluation.state} cannot be amended.")
    _check_signer(evaluation, signer)
    _check(content, today)
    check_against(content, flags)
    amendment = Amendment(reason, signer, now, evaluation.content)
    return replace(
        evaluation,
        state=State.AMENDED,
        content=content,
        version=evaluation.version + 1,
        amendments=(*evaluation.amendments, amendment),
    )


def supersede(evaluation: Evaluation) -> Evaluation:
    """An evaluation that a newer signed one replaces."""
    return replace(evaluation, state=State.SUPERSEDED, version=evaluation.version + 1)


def check_against(content: Findings, flags: Iterable[RedFlag]) -> None:
    """Refuse a result that is freer than the red flags allow."""
    cleared = {clearance.red_flag for clearance in content.physician_clearances}
    for flag in flags:
        _check_flag(content, flag, cleared)


def _check_flag(content: Findings, flag: RedFlag, cleared: Collection[str]) -> None:
    found = "The intake" if flag.origin == "intake" else "The patient's medication"
    strictness = content.result.strictness
    if flag.action is Action.REFUSE and content.result is not Verdict.DECLINED:
        raise _contradicts(f"{found} says {flag.code}: treatment is refused.", "Set declined, or take a new intake.")
    awaits = flag.action is Action.CLEARANCE_FIRST and flag.code not in cleared
    if awaits and strictness < Verdict.NEEDS_CLEARANCE.strictness:
        raise _contradicts(
            f"{found} says {flag.code}: a physician's clearance comes first.",
            "Set needs_clearance, or record the clearance in physician_clearances.",
        )
    if flag.action is Action.AVOID_AREA and strictness <= Verdict.RESTRICTED.strictness:
        avoided = set(content.restrictions.avoid_areas)
        if content.result is Verdict.CLEARED or not avoided or not set(flag.areas) <= avoided:
            areas = ", ".join(flag.areas) or "the areas concerned"
            raise _contradicts(
                f"{found} says {flag.code}: that area is avoided.",
                f"Set restricted and name {areas} in restrictions.avoid_areas.",
            )


def _contradicts(detail: str, fix: str) -> RuleViolation:
    return RuleViolation("red-flag-contradicts-result", detail, "result", fix)


def _check_signer(evaluation: Evaluation, signer: str) -> None:
    if signer != evaluation.therapist_id:
        raise Forbidden("not-the-therapist", "An evaluation is signed by the therapist who made it.")


def _check(content: Findings, today: date) -> None:
    if content.result is Verdict.CLEARED and (
        content.restrictions.avoid_areas or content.restrictions.avoid_techniques
    ):
        raise RuleViolation(
            "restrictions-on-cleared",
            "Cleared means without restrictions.",
            "result",
            "Set restricted, or leave them out.",
        )
    if content.result is Verdict.RESTRICTED and content.restrictions == Restrictions():
        raise RuleViolation(
            "restricted-without-restrictions",
            "Restricted says what to avoid.",
            "restrictions",
            "Name avoid_areas or avoid_techniques, or set cleared.",
        )
    if content.expires_on is not None and content.expires_on <= today:
        raise RuleViolation(
            "expired", "The evaluation would be over already.", "expires_on", "Send a later day, or null."
        )
    if not content.condition_codes and content.result in (Verdict.CLEARED, Verdict.RESTRICTED):
        raise RuleViolation(
            "no-condition", "Medical massage treats a named ailment.", "condition_codes", "Send an ICD-10-CM code."
        )


def signed_event(evaluation: Evaluation) -> dict[str, Any]:
    """The evaluation as evaluation.signed carries it: codes and numbers, no text."""
    return {
        "patient_id": evaluation.patient_id,
        "evaluation_id": evaluation.id,
        "therapist_id": evaluation.therapist_id,
        "result": str(evaluation.content.result),
        "condition_codes": list(evaluation.content.condition_codes),
        "signed_at": evaluation.signed_at,
        "measures": [measure.published() for measure in evaluation.content.measures],
        "case_mix": asdict(evaluation.content.case_mix) if evaluation.content.case_mix else None,
    }
