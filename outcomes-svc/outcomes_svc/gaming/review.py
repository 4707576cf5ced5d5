"""One look at a period: what could be judged, and what is worth a look. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from outcomes_svc.gaming.kinds import Kind
from outcomes_svc.gaming.watch import LIMITS, Figures


@dataclass(frozen=True, kw_only=True)
class Review:
    """`cases` and `therapists` of the period. `judged` therapists by kind; `expected_by_chance` flags would be raised
    if everybody were honest. `raised` are new flags, `seen_again` open or decided ones of the same period."""

    id: str
    first: date
    last: date
    made_at: datetime
    made_by: str
    model_version: str | None
    cases: int
    therapists: int
    judged: dict[Kind, int]
    expected_by_chance: float
    raised: tuple[str, ...]
    seen_again: tuple[str, ...]


def judged_by_kind(figures: Figures) -> dict[Kind, int]:
    """How many therapists could be judged: enough cases of their own and enough colleagues to compare with."""
    return {kind: int(np.count_nonzero(~np.isnan(figures.p(kind)))) if kind in figures.signs else 0 for kind in Kind}


def expected_by_chance(judged: dict[Kind, int]) -> float:
    """Flags among honest therapists."""
    return round(sum(LIMITS[kind] * number for kind, number in judged.items()), 2)
