"""Instruments and baselines that changed hands. Pure.

The condition table chooses the instrument and locks it, so what is left to choose is the condition: among the slowest
third at mid-course, how often an episode for another condition of the same patient began within 60 days; and among all
episodes, how often the baseline was irregular (a stand-in instrument, a baseline request for another instrument than
the locked one, a baseline answered more than once). Both against the colleagues': a licence that ends or a wording that
is retired moves everybody.
"""

from __future__ import annotations

import numpy as np

from outcomes_svc.gaming.course import slow
from outcomes_svc.gaming.kinds import Sign
from outcomes_svc.gaming.missing_ends import FEWEST
from outcomes_svc.gaming.statistic import Statistic, share_statistic
from outcomes_svc.gaming.watched import WatchTable
from outcomes_svc.performance.case_table import UNKNOWN, Numbers


def instrument_choice(table: WatchTable, stands: Numbers) -> tuple[Statistic, Statistic]:
    """Both signs; `stands` is course.standing(table)."""
    among = slow(stands) & ~np.isnan(table.followed_by)
    nothing = np.full(len(table), np.nan)
    return (
        share_statistic(
            Sign.NEW_CONDITION_AFTER_SLOW_COURSE, table, among, table.followed_by == 1, stands, fewest=FEWEST
        ),
        share_statistic(Sign.IRREGULAR_BASELINE, table, table.began, table.irregular.codes != UNKNOWN, nothing),
    )
