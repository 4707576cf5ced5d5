"""What changed since the baseline, and whether it matters. Pure. Positive is better, whatever the instrument.

A change counts as improvement when it reaches the minimal important change (MIC: in points, or as a share of the
baseline where the instrument has one) and is not within measurement error (MDC) where that is known. It counts as worse
when it reaches the MIC's points and the MDC the other way; shares are not mirrored, because their sources speak of
improvement only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from outcomes_svc.instruments.instrument import Instrument, Missing
from outcomes_svc.scoring.scale import Scored, mean


class Judgement(StrEnum):
    """What a score says beside the baseline of its episode."""

    BASELINE = "baseline"
    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    WORSE = "worse"
    NOT_COMPARABLE = "not_comparable"


@dataclass(frozen=True)
class Change:
    """`value` is None at baseline and where nothing can be compared; `items` are the ones compared."""

    judgement: Judgement
    value: Fraction | None = None
    items: tuple[str, ...] = ()


def judge(baseline: Scored, current: Scored) -> Change:
    """The change from baseline to current, judged."""
    before, after = baseline.instrument, current.instrument
    if (before.id, before.version) != (after.id, after.version):
        return Change(Judgement.NOT_COMPARABLE)
    items = tuple(item.code for item in after.items if item.code in baseline.answers and item.code in current.answers)
    if not items:
        return Change(Judgement.NOT_COMPARABLE)
    # Where items may be left out, only those rated both times say anything about change (PSFS).
    start = mean(baseline.answers[code] for code in items)
    change = after.better.sign * (mean(current.answers[code] for code in items) - start)
    if _improved(after, change, start, len(items)):
        return Change(Judgement.IMPROVED, change, items)
    if -change >= max(after.mic.absolute, _noise(after, len(items))):
        return Change(Judgement.WORSE, change, items)
    return Change(Judgement.UNCHANGED, change, items)


def _improved(instrument: Instrument, change: Fraction, start: Fraction, items: int) -> bool:
    if change <= 0 or change < _noise(instrument, items):
        return False
    relative = instrument.mic.relative
    return change >= instrument.mic.absolute or (relative is not None and change >= relative * start)


def _noise(instrument: Instrument, items: int) -> Fraction:
    """The difference below which two scores cannot be told apart."""
    if instrument.mdc is None:
        return Fraction(0)
    if items == 1 and instrument.missing is Missing.RATED_ONLY and instrument.mdc.single_item is not None:
        return instrument.mdc.single_item
    return instrument.mdc.score
