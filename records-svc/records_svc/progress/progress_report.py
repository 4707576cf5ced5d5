"""A progress report as this service knows it from progress.reported. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One instrument: first and latest score, in its points. `change` and `rci` are positive when better.

    `judgement` was made by `rule`, against `mic` (or `mic_share` of the baseline) and `mdc`; None where not known.
    """

    instrument: str
    instrument_version: str
    baseline: float
    baseline_at: datetime
    current: float
    current_at: datetime
    change: float | None
    judgement: str
    rule: str | None
    rci: float | None
    mic: float | None
    mic_share: float | None
    mdc: float | None


@dataclass(frozen=True, kw_only=True)
class ProgressReport:
    """The report of an episode's first visits. A report with a higher `sequence` replaces one with a lower."""

    id: str
    sequence: int
    patient_id: str
    episode_id: str
    therapist_id: str
    state: str
    condition: str
    visits: int
    visited_at: tuple[datetime, ...]
    instrument: str
    primary: Measured | None
    function: tuple[Measured, ...]
    visits_per_week: float | None
    longest_gap_days: float | None
    requested: int
    answered: int
    action: str
    reason: str
    reported_at: datetime


def report_of(data: dict[str, Any], sequence: int) -> ProgressReport:
    """The report in an event's data, or as it is kept."""
    primary = data["primary"]
    return ProgressReport(
        id=data["report_id"],
        sequence=sequence,
        patient_id=data["patient_id"],
        episode_id=data["episode_id"],
        therapist_id=data["therapist_id"],
        state=data["state"],
        condition=data["condition"],
        visits=data["visits"],
        visited_at=tuple(data["visited_at"]),
        instrument=data["instrument"],
        primary=Measured(**primary) if primary else None,
        function=tuple(Measured(**row) for row in data["function"]),
        visits_per_week=data["visits_per_week"],
        longest_gap_days=data["longest_gap_days"],
        requested=data["requested"],
        answered=data["answered"],
        action=data["action"],
        reason=data["reason"],
        reported_at=data["reported_at"],
    )
