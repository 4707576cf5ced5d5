"""The clearance of a patient: the one verdict in force, with its scope and expiry, that booking is held to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from records_svc.evaluation.evaluation import Evaluation
from records_svc.intake.red_flags import RedFlag, Verdict, screening


@dataclass(frozen=True, kw_only=True)
class Clearance:
    """A patient's verdict as of `version`. `reasons` are codes of red flags."""

    patient_id: str
    version: int
    verdict: Verdict
    evaluation_id: str | None
    reasons: tuple[str, ...]
    avoid_areas: tuple[str, ...]
    avoid_techniques: tuple[str, ...]
    home_visits: bool
    effective_at: datetime
    expires_on: date | None


def following(evaluation: Evaluation, flags: Sequence[RedFlag], before: Clearance | None, now: datetime) -> Clearance:
    """The clearance that a signed or amended evaluation gives."""
    content = evaluation.content
    return Clearance(
        patient_id=evaluation.patient_id,
        version=before.version + 1 if before else 1,
        verdict=content.result,
        evaluation_id=evaluation.id,
        reasons=_codes(flags),
        avoid_areas=content.restrictions.avoid_areas,
        avoid_techniques=content.restrictions.avoid_techniques,
        home_visits=content.home_visits,
        effective_at=now,
        expires_on=content.expires_on,
    )


def rescreened(
    before: Clearance, flags: Sequence[RedFlag], answered: frozenset[str], now: datetime
) -> Clearance | None:
    """The stricter clearance that newly raised flags force until the next evaluation; None where they force nothing.

    `answered` are the flags that the evaluation in force already deals with. A flag whose area is not known cannot be
    avoided by booking, so it asks for a new evaluation like one that needs clearance.
    """
    fresh = [flag for flag in flags if flag.code not in answered]
    verdict = screening(fresh)
    areas = {area for flag in fresh for area in flag.areas}
    if verdict is Verdict.RESTRICTED and any(not flag.areas for flag in fresh):
        verdict = Verdict.NEEDS_CLEARANCE
    if verdict is Verdict.CLEARED or verdict.strictness < before.verdict.strictness:
        return None
    changed = replace(
        before,
        verdict=verdict,
        reasons=tuple(dict.fromkeys((*before.reasons, *_codes(fresh)))),
        avoid_areas=tuple(dict.fromkeys((*before.avoid_areas, *sorted(areas)))),
    )
    if changed == before:
        return None
    return replace(changed, version=before.version + 1, effective_at=now)


def _codes(flags: Sequence[RedFlag]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(flag.code for flag in flags))


def changed_event(clearance: Clearance) -> dict[str, Any]:
    """The clearance as clearance.changed carries it."""
    return {
        "patient_id": clearance.patient_id,
        "version": clearance.version,
        "verdict": str(clearance.verdict),
        "evaluation_id": clearance.evaluation_id,
        "reasons": list(clearance.reasons),
        "avoid_areas": list(clearance.avoid_areas),
        "avoid_techniques": list(clearance.avoid_techniques),
        "home_visits": clearance.home_visits,
        "effective_at": clearance.effective_at,
        "expires_on": clearance.expires_on,
    }
