"""The verdict on treating a patient: decided by records-svc, held to by every booking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from fascia.problem import Conflict, Problem

_ALLOWING = ("cleared", "restricted")


@dataclass(frozen=True)
class Clearance:
    """Verdict, scope and expiry; `expires_on` is the last day on which it holds, None for no end."""

    version: int
    verdict: str
    evaluation_id: str | None
    home_visits: bool
    effective_at: datetime
    expires_on: date | None = None
    reasons: tuple[str, ...] = ()


def refusal(clearance: Clearance | None, day: date, *, mobile: bool) -> Problem | None:
    """Why a treatment on a day may not take place, or None when it may.

    A signed evaluation comes before the first treatment (Texas 16 TAC 117.92). One function answers for new bookings
    and for those already made, so a change of the verdict can't be judged differently from a booking.
    """
    if clearance is None or clearance.evaluation_id is None:
        return Conflict(
            "evaluation-required",
            "The patient has no signed evaluation yet, so no treatment can be booked.",
            "service_type",
            "Book an evaluation, or have it signed, first.",
        )
    if clearance.verdict not in _ALLOWING:
        return Conflict(
            "not-cleared",
            f"The verdict on this patient is {clearance.verdict}"
            f"{' (' + ', '.join(clearance.reasons) + ')' if clearance.reasons else ''}.",
            "patient_id",
            "Have the reasons settled and the patient evaluated again.",
        )
    if clearance.expires_on is not None and day > clearance.expires_on:
        return Conflict(
            "clearance-expired",
            f"The clearance ends on {clearance.expires_on}, before the visit.",
            "starts_at",
            "Choose an earlier day, or have the patient evaluated again.",
        )
    if mobile and not clearance.home_visits:
        return Conflict(
            "home-visits-not-cleared",
            "The patient is not cleared for visits at home.",
            "setting",
            "Book at a location, or have home visits allowed in an evaluation.",
        )
    return None
