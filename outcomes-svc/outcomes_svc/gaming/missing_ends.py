"""Courses that stood badly at mid-course and have no end. Pure.

Among the practice's slowest third at mid-course (course.standing) the share without an end score is held against the
colleagues' (peers.share_tail). Those who fare badly answer less everywhere; what would be unusual is one therapist
whose slow courses are lost more often than the colleagues' slow courses.
"""

from __future__ import annotations

import numpy as np

from outcomes_svc.gaming.course import slow
from outcomes_svc.gaming.kinds import Sign
from outcomes_svc.gaming.statistic import Statistic, share_statistic
from outcomes_svc.gaming.watched import WatchTable
from outcomes_svc.performance.case_table import Numbers

FEWEST = 5
"""Slow courses that a therapist needs to be judged: a third of fifteen known ones."""


def missing_ends(table: WatchTable, stands: Numbers) -> Statistic:
    """`stands` is course.standing(table); `amounts` are the same."""
    lost = np.isnan(table.cases.change)
    return share_statistic(Sign.SLOW_COURSES_WITHOUT_END, table, slow(stands), lost, stands, fewest=FEWEST)
