"""The reliable change index (RCI): how far a change lies beyond the error of the two scores. Pure.

RCI = (x2 - x1) / sqrt(SE1^2 + SE2^2), after Jacobson and Truax 1991 (J Consult Clin Psychol 59:12). A change is
reliable where |RCI| exceeds 1.96: measurement error alone goes that far in one of twenty comparisons.

The standard error belongs to the single score: a PROMIS table gives one for every T-score. A classical scale has one
for all its scores, SD * sqrt(1 - reliability), where a source gives both. Where neither is known there is no index:
one made of a guessed reliability would look like knowledge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

RELIABLE_FROM = Fraction("1.96")


@dataclass(frozen=True)
class ReliableChange:
    """`index` is positive when better; `reliable` says whether it exceeds 1.96 either way."""

    index: float
    reliable: bool


def reliable_change(change: Fraction, before: Fraction, after: Fraction) -> ReliableChange | None:
    """The index of a change (positive is better) between scores with these standard errors, all in points.

    None where both errors are zero: no finite index says how far the change lies beyond them.
    """
    variance = before * before + after * after
    if variance == 0:
        return None
    # Compared as squares of fractions, so that no rounding decides about a change on the border.
    reliable = change * change > RELIABLE_FROM * RELIABLE_FROM * variance
    return ReliableChange(float(change) / math.sqrt(variance), reliable)
