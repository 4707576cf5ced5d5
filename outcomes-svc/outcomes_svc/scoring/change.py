"""What changed since another score, and whether it matters. Pure. Positive is better, whatever the instrument.

Three rules judge, and every judgement names the one that it used:

- `rci_and_mic`, where the standard errors of both scores are known: improved when the reliable change index is above
  1.96 and the change reaches the minimal important change (MIC).
- `mdc_and_mic`, where only the instrument's minimal detectable change (MDC) is: it takes the place of the index.
- `mic`, where neither is known.

The MIC counts in points, or as a share of the baseline where the instrument has one. Worse is the same in the other
direction, but by points alone: the sources of shares speak of improvement only. Without a MIC change is shown, not
judged.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from outcomes_svc.instruments.instrument import Instrument, Missing
from outcomes_svc.scoring.reliable_change import RELIABLE_FROM, ReliableChange, reliable_change
from outcomes_svc.scoring.scale import Scored, mean


class Judgement(StrEnum):
    """What a score says beside the baseline of its episode."""

    BASELINE = "baseline"
    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    WORSE = "worse"
    NOT_COMPARABLE = "not_comparable"


class ChangeRule(StrEnum):
    """By what a change was judged."""

    RCI_AND_MIC = "rci_and_mic"
    MDC_AND_MIC = "mdc_and_mic"
    MIC = "mic"


class NoIndex(StrEnum):
    """Why there is no reliable change index."""

    NO_ERROR_KNOWN = "no_standard_error_known"
    OTHER_ITEMS = "standard_error_is_of_all_items"
    NO_ERROR_AT_ALL = "standard_error_is_zero"


@dataclass(frozen=True)
class Change:
    """`value` is None at baseline and where nothing can be compared; `items` are the ones compared.

    `rule` is None where nothing was judged. Of `index` and `no_index` one is given wherever `value` is.
    """

    judgement: Judgement
    value: Fraction | None = None
    items: tuple[str, ...] = ()
    rule: ChangeRule | None = None
    index: ReliableChange | None = None
    no_index: NoIndex | None = None


def judge(baseline: Scored, current: Scored) -> Change:
    """The change from baseline to current, judged."""
    before, after = baseline.instrument, current.instrument
    items = compared_items(baseline, current)
    if (before.id, before.version) != (after.id, after.version) or not items:
        return Change(Judgement.NOT_COMPARABLE)
    start = value_on(baseline, items)
    change = after.better.sign * (value_on(current, items) - start)
    index = _index(baseline, current, change)
    found, no_index = (index, None) if isinstance(index, ReliableChange) else (None, index)
    if after.mic is None:
        return Change(Judgement.NOT_COMPARABLE, change, items, None, found, no_index)
    rule = _rule(after, found)
    beyond_error = found.reliable if found else abs(change) >= _detectable(after, len(items))
    judgement = _judgement(after, change, start) if beyond_error else Judgement.UNCHANGED
    return Change(judgement, change, items, rule, found, no_index)


def compared_items(baseline: Scored, current: Scored) -> tuple[str, ...]:
    """The items on which two scores are compared: where items may be left out only those rated both times (PSFS)."""
    items = current.instrument.main_items
    if current.instrument.missing is not Missing.RATED_ONLY:
        return tuple(item.code for item in items)
    return tuple(item.code for item in items if item.code in baseline.answers and item.code in current.answers)


def value_on(scored: Scored, items: tuple[str, ...]) -> Fraction:
    """The score on some of its items, at least one; all of them where the instrument is scored as a whole."""
    if scored.instrument.missing is not Missing.RATED_ONLY:
        return scored.value
    return mean(scored.answers[code] for code in items)


def noise(before: Scored, after: Scored) -> tuple[Fraction, str] | None:
    """The smallest difference between two scores that is more than measurement error, in points, and its origin.

    `mdc`; without one `standard_error`, 1.96 * sqrt(SE1^2 + SE2^2); without both `mic`, below which a difference
    matters to nobody. None where nothing of that is known.
    """
    instrument = after.instrument
    if instrument.mdc is not None:
        return _detectable(instrument, len(compared_items(before, after))), "mdc"
    if before.standard_error is not None and after.standard_error is not None:
        error = math.hypot(before.standard_error, after.standard_error)
        return RELIABLE_FROM * Fraction(error), "standard_error"
    return (instrument.mic.absolute, "mic") if instrument.mic else None


def _index(baseline: Scored, current: Scored, change: Fraction) -> ReliableChange | NoIndex:
    if baseline.standard_error is None or current.standard_error is None:
        return NoIndex.NO_ERROR_KNOWN
    if current.instrument.missing is Missing.RATED_ONLY and set(baseline.answers) != set(current.answers):
        return NoIndex.OTHER_ITEMS
    return reliable_change(change, baseline.standard_error, current.standard_error) or NoIndex.NO_ERROR_AT_ALL


def _rule(instrument: Instrument, index: ReliableChange | None) -> ChangeRule:
    if index is not None:
        return ChangeRule.RCI_AND_MIC
    return ChangeRule.MIC if instrument.mdc is None else ChangeRule.MDC_AND_MIC


def _judgement(instrument: Instrument, change: Fraction, start: Fraction) -> Judgement:
    """The judgement of a change that is more than measurement error, by the MIC alone."""
    mic = instrument.mic
    assert mic is not None, "the caller looked"
    by_share = mic.relative is not None and change >= mic.relative * start
    if change > 0 and (change >= mic.absolute or by_share):
        return Judgement.IMPROVED
    return Judgement.WORSE if -change >= mic.absolute else Judgement.UNCHANGED


def _detectable(instrument: Instrument, items: int) -> Fraction:
    """The difference below which two scores cannot be told apart; 0 where no source gives one."""
    if instrument.mdc is None:
        return Fraction(0)
    if items == 1 and instrument.missing is Missing.RATED_ONLY and instrument.mdc.single_item is not None:
        return instrument.mdc.single_item
    return instrument.mdc.score
