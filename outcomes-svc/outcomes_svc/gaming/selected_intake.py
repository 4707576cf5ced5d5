"""Hard cases that were evaluated and not taken on. Pure.

Difficulty of a case = -dhat / sigma by the frozen prediction model, from what was known before treatment. Among the
harder half of everybody the practice evaluated, the share that did not begin, or did not come back after one session,
is held against the colleagues' share (peers.share_tail), by who evaluated. The harder half is a choice of this project.
"""

from __future__ import annotations

import numpy as np

from outcomes_svc.gaming.kinds import Sign
from outcomes_svc.gaming.statistic import Statistic, share_statistic
from outcomes_svc.gaming.watched import WatchTable
from outcomes_svc.performance.case_table import UNKNOWN, Numbers
from outcomes_svc.performance.design import measure_codes
from outcomes_svc.performance.prediction import PredictionModel


def selected_intake(table: WatchTable, model: PredictionModel) -> Statistic:
    """The share of the harder half of cases that did not begin; `amounts` is the difficulty."""
    hard = difficulty(table, model)
    known = ~np.isnan(hard)
    limit = float(np.median(hard[known])) if known.any() else 0.0
    among = known & (np.nan_to_num(hard, nan=-np.inf) > limit)
    return share_statistic(Sign.HARD_CASES_NOT_BEGUN, table, among, ~table.began, hard, whose=table.evaluator)


def difficulty(table: WatchTable, model: PredictionModel) -> Numbers:
    """Shape (n,): how little improvement is predicted, in residual standard deviations; NaN where nothing is."""
    places = measure_codes(table.cases, model.design.measures)
    known = (places != UNKNOWN) & ~np.isnan(table.cases.baseline)
    part = table.cases.at(known)
    sigma = np.array([scale.sigma for scale in model.scales])[places[known]]
    found = np.full(len(table), np.nan)
    found[known] = -model.predict_matrix(part, model.design.matrix(part)) / sigma
    return found
