"""What is worth a look: one kind of figure of one therapist, with the cases behind it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from outcomes_svc.gaming.kinds import Kind, Sign
from outcomes_svc.gaming.statistic import Statistic
from outcomes_svc.gaming.watch import LIMITS, Figures

MOST_ROWS = 20
"""Cases that a finding lists, the most telling first."""
_SMALLEST_FIRST = frozenset(
    {Sign.SLOW_COURSES_WITHOUT_END, Sign.NEW_CONDITION_AFTER_SLOW_COURSE, Sign.ENDED_AT_PEAK, Sign.ANSWERED_FAST}
)


@dataclass(frozen=True)
class EvidenceRow:
    """One case: an episode, or an evaluation after which nothing began; `amount` is what the sign says of it."""

    case_id: str
    amount: float | None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`value` and `expected` as in Statistic, over `cases`; `p` of the kind; `hits` cases make the value, of which the
    first are listed in `evidence`."""

    therapist_id: str
    kind: Kind
    sign: Sign
    value: float
    expected: float
    cases: int
    p: float
    hits: int
    evidence: tuple[EvidenceRow, ...]


def findings(ids: Sequence[str], figures: Figures) -> list[Finding]:
    """Every figure beyond its kind's limit, by therapist and kind."""
    return list(_findings(ids, figures))


def _findings(ids: Sequence[str], figures: Figures) -> Iterator[Finding]:
    by_kind = {kind: figures.p(kind) for kind in figures.signs}
    for place, therapist_id in enumerate(figures.therapists):
        for kind in Kind:
            if kind in by_kind and by_kind[kind][place] <= LIMITS[kind]:
                strongest = figures.strongest(kind, place)
                yield _finding(ids, therapist_id, place, strongest, float(by_kind[kind][place]))


def _finding(ids: Sequence[str], therapist_id: str, place: int, found: Statistic, p: float) -> Finding:
    rows = [int(row) for row in np.flatnonzero(found.rows & (found.whose == place))]
    turned = 1 if found.sign in _SMALLEST_FIRST else -1
    order = sorted(rows, key=lambda row: (turned * float(np.nan_to_num(found.amounts[row])), ids[row]))
    evidence = tuple(EvidenceRow(ids[row], _rounded(found.amounts[row])) for row in order[:MOST_ROWS])
    return Finding(
        therapist_id=therapist_id,
        kind=found.kind,
        sign=found.sign,
        value=round(float(found.value[place]), 4),
        expected=round(float(found.expected[place]), 4),
        cases=int(found.cases[place]),
        p=float(f"{p:.2g}"),
        hits=len(rows),
        evidence=evidence,
    )


def _rounded(amount: float) -> float | None:
    return None if np.isnan(amount) else round(float(amount), 2)
