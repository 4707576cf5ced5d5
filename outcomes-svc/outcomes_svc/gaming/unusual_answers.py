"""End scores that look answered by, for or beside somebody else. Pure.

Six signs, each against the colleagues' share:
- ends that just reach the minimal important change: of changes within half a MIC below and above it, those above
  (caliper test: Gerber and Malhotra 2008, Q J Polit Sci 3:313);
- ends at the best score that the instrument has (heaping at 0 or 10);
- the same answer to every item (straight-lining, or long strings: Johnson 2005, J Res Pers 39:103);
- under two seconds an item (Huang, Curran, Keeney, Poposki and DeShon 2012, J Bus Psychol 27:99), where it is known;
- answers given while a session was going on: on the practice's device, or with the therapist in the room;
- two or more of: just important, same answer, fast, during a session. Each of them happens honestly, together they are
  rare (a choice of this project).
None says who answered. Words in which one patient coaches another leave no trace here.
"""

from __future__ import annotations

import numpy as np

from outcomes_svc.gaming.kinds import Sign
from outcomes_svc.gaming.statistic import Statistic, share_statistic
from outcomes_svc.gaming.watched import WatchTable
from outcomes_svc.performance.case_table import Numbers

FAST_SECONDS = 2.0
"""Seconds per item below which nobody reads."""
CALIPER = 0.5
"""The width on either side of the MIC, as a share of it. A choice of this project."""
_HAIR = 1e-9


def unusual_answers(table: WatchTable) -> tuple[Statistic, ...]:
    """The signs that can be judged at all."""
    change, important = table.cases.change, table.important
    ended = table.counts & ~np.isnan(change)
    distance = np.full(len(table), np.nan)
    np.divide(change, important, out=distance, where=ended & (important > 0))
    near = ended & (np.abs(np.nan_to_num(distance, nan=9.0) - 1.0 + _HAIR) <= CALIPER)
    just = np.nan_to_num(distance) >= 1 - _HAIR

    def marked(sign: Sign, marks: Numbers, amounts: Numbers) -> Statistic:
        return share_statistic(sign, table, ended & ~np.isnan(marks), marks == 1, amounts)

    hurried = table.item_seconds < FAST_SECONDS
    signs = np.column_stack([near & just, table.same_answer == 1, hurried, table.in_visit == 1])
    fast = np.where(np.isnan(table.item_seconds), np.nan, hurried)
    return (
        share_statistic(Sign.ENDS_JUST_IMPROVED, table, near, just, change),
        marked(Sign.ENDS_AT_BEST_SCORE, table.best, change),
        marked(Sign.SAME_ANSWER_THROUGHOUT, table.same_answer, change),
        marked(Sign.ANSWERED_FAST, fast, table.item_seconds),
        marked(Sign.ANSWERED_DURING_VISIT, table.in_visit, change),
        share_statistic(Sign.SEVERAL_SIGNS_AT_ONCE, table, ended, signs.sum(axis=1) >= 2, signs.sum(axis=1) * 1.0),
    )
