"""Episodes that were ended at their best moment. Pure.

The end is the answer nearest to day 84 (episodes/window.py), so a discharge chooses no end; what still could is a
patient who is let go at a peak and not asked, or does not answer, again. Among followed-up episodes, the share whose
end is early, was given around the discharge and is the best of the course (course.ended_at_peak) is held against the
colleagues'. Patients who improve end at their best honestly, so it is the colleagues' share that counts.
"""

from __future__ import annotations

import numpy as np

from outcomes_svc.gaming.kinds import Sign
from outcomes_svc.gaming.statistic import Statistic, share_statistic
from outcomes_svc.gaming.watched import WatchTable


def early_ends(table: WatchTable) -> Statistic:
    """`amounts` is the day of the end."""
    among = table.counts & ~np.isnan(table.at_peak)
    return share_statistic(Sign.ENDED_AT_PEAK, table, among, table.at_peak == 1, table.end_day)
