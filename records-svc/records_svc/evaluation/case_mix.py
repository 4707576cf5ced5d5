"""What makes a case harder or easier than another, as it was when treatment began: results are adjusted for it."""

from __future__ import annotations

from dataclasses import dataclass

PAYERS = ("self_pay", "commercial", "medicare", "medicaid", "workers_compensation", "auto", "other")


@dataclass(frozen=True, kw_only=True)
class CaseMix:
    """None where it is not known, which is never taken for a zero or a no.

    `symptom_weeks` since the trouble began; `surgery`: operated on for it within the last 12 months; `comorbidities`:
    how many other conditions are under treatment; `payer`: the kind of who pays.
    """

    symptom_weeks: float | None = None
    surgery: bool | None = None
    comorbidities: int | None = None
    payer: str | None = None
