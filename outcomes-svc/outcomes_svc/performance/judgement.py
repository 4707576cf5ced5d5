"""Steps 4 to 6 of the method on columns: residuals, weights, shrinkage, and what the gates look at. Pure.

r = clip((d - dhat) / sigma, -3, 3). The rest is told in follow_up.py, shrinkage.py and gates.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from outcomes_svc.performance.case_table import UNKNOWN, CaseTable, Flags, Numbers
from outcomes_svc.performance.design import measure_codes
from outcomes_svc.performance.follow_up import probabilities, weights
from outcomes_svc.performance.gates import Evidence, GatePolicy
from outcomes_svc.performance.prediction import PredictionModel
from outcomes_svc.performance.shrinkage import Shrunk, shrink

MOST = 3.0
"""Residuals are clipped here, so that one extraordinary episode does not decide a year."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """n episodes of T therapists. Shape (n,), NaN where there is none: `predicted` and `sigma` in points, `residual`
    and `weight`. Shape (T,): `episodes` that the model can judge, `followed_up` of them, and `totals` of residuals.
    """

    predicted: Numbers
    sigma: Numbers
    residual: Numbers
    weight: Numbers
    episodes: Numbers
    followed_up: Numbers
    totals: Numbers
    shrunk: Shrunk

    def evidence(self, therapist: int, low: float) -> Evidence:
        """What the gates look at for one therapist; `low` is the residual that missing ones are set to."""
        followed = float(self.followed_up[therapist])
        return Evidence(
            followed_up=followed,
            missing=float(self.episodes[therapist]) - followed,
            total=float(self.totals[therapist]),
            n_eff=float(self.shrunk.sizes[therapist]),
            reliability=float(self.shrunk.reliabilities[therapist]),
            effect=float(self.shrunk.effects[therapist]),
            practice=self.shrunk.practice,
            low=low,
        )

    def low(self, policy: GatePolicy) -> float:
        """The percentile of the practice's residuals that stands for a missing one; 0 without any residual."""
        known = self.residual[~np.isnan(self.residual)]
        return float(np.percentile(known, policy.missing_percentile)) if len(known) else 0.0


def judge(table: CaseTable, model: PredictionModel) -> Judgement:
    """Judge the episodes of one practice; those of instruments that the model does not know stay without a figure."""
    places = measure_codes(table, model.design.measures)
    known = places != UNKNOWN
    part = table.at(known)
    matrix = model.design.matrix(part)
    followed = part.followed_up
    predicted = model.predict_matrix(part, matrix)
    sigma = np.array([scale.sigma for scale in model.scales])[places[known]]
    residual = np.clip((part.change - predicted) / sigma, -MOST, MOST)
    weight = np.full(len(part), np.nan)
    weight[followed] = weights(probabilities(matrix, followed)[followed])
    number = len(table.therapist.levels)
    therapists = part.therapist.codes
    seen = therapists[followed]
    return Judgement(
        predicted=_spread(predicted, known),
        sigma=_spread(sigma, known),
        residual=_spread(residual, known),
        weight=_spread(weight, known),
        episodes=np.bincount(therapists, minlength=number).astype(np.float64),
        followed_up=np.bincount(seen, minlength=number).astype(np.float64),
        totals=np.bincount(seen, residual[followed], minlength=number).astype(np.float64),
        shrunk=shrink(residual[followed], weight[followed], seen, number),
    )


def _spread(values: Numbers, known: Flags) -> Numbers:
    """Back to all rows, NaN where the model knows nothing."""
    whole = np.full(len(known), np.nan)
    whole[known] = values
    return whole
