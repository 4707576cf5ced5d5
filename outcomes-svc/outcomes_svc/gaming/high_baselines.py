"""Baselines that are worse than the patients' case-mix leads to expect. Pure.

z = -s (y_base - mean) / sd per instrument, so that higher is worse; z is regressed on what else was known before
treatment (age, sex, duration, surgery, comorbidities, payer, condition, setting, earlier episodes; not pain, which the
same person answered in the same minute) and on the score at mid-course, on the same scale: a patient who truly was that
ill is still rather ill two weeks later, so a baseline that the next score does not bear out stands out more. That the
next score also holds some of what treatment did lifts good therapists' figures by about a quarter of what they achieve
beyond colleagues; a choice of this project. Slopes come from distances to the therapists' own means (Mundlak 1978), so
that a therapist whose baselines are all moved does not move the expectation. A therapist's figure is the mean of what
is left, held against the colleagues' (peers.mean_tail): a funnel with random effects.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve

from outcomes_svc.gaming.kinds import Sign
from outcomes_svc.gaming.peers import mean_tail
from outcomes_svc.gaming.statistic import Statistic
from outcomes_svc.gaming.watched import WatchTable
from outcomes_svc.performance.case_table import CaseTable, Codes, Numbers
from outcomes_svc.performance.design import design_of
from outcomes_svc.performance.prediction import PENALTY

_LEFT_OUT = ("baseline", "instrument", "pain")


def high_baselines(table: WatchTable) -> Statistic:
    """The mean distance of baselines from their prediction, in standard deviations; positive is worse."""
    rows = table.counts & table.began & ~np.isnan(table.cases.baseline)
    left = np.full(len(table), np.nan)
    if rows.any():
        left[rows] = _left(table.cases.at(rows), table.mid_course[rows])
    number, codes = len(table.therapists), table.cases.therapist.codes[rows]
    cases = np.bincount(codes, minlength=number).astype(np.float64)
    some = cases > 0
    means = np.divide(np.bincount(codes, left[rows], minlength=number), cases, out=np.full(number, np.nan), where=some)
    inside = float(np.sum((left[rows] - means[codes]) ** 2)) / max(float(cases.sum() - some.sum()), 1.0)
    errors = np.sqrt(np.divide(inside, cases, out=np.zeros(number), where=some))
    tail = mean_tail(means, errors, cases)
    return Statistic(
        sign=Sign.BASELINE_ABOVE_PREDICTED,
        value=means,
        expected=tail.expected,
        cases=cases,
        p=tail.p,
        rows=rows & (np.nan_to_num(left) > 1),
        amounts=left,
        whose=table.cases.therapist.codes,
    )


def _left(cases: CaseTable, middle: Numbers) -> Numbers:
    """Shape (n,): standardised baseline, higher is worse, less what the case-mix leads to expect."""
    severity, later = _severity(cases, cases.baseline), _severity(cases, middle)
    unknown = np.isnan(later)
    design = design_of(cases, tuple(cases.measure.levels[code] for code in np.unique(cases.measure.codes)))
    wanted = [not name.startswith(_LEFT_OUT) for name in design.columns]
    matrix = np.column_stack([design.matrix(cases)[:, wanted], np.where(unknown, 0.0, later), unknown])
    codes = np.unique(cases.therapist.codes, return_inverse=True)[1].astype(np.int64)
    inside, moment = _centred(matrix, codes), _centred(severity[:, None], codes)[:, 0]
    slopes = solve(inside.T @ inside + PENALTY * np.eye(matrix.shape[1]), inside.T @ moment, assume_a="pos")
    left = severity - matrix @ slopes
    centred: Numbers = left - left.mean()
    return centred


def _severity(cases: CaseTable, scores: Numbers) -> Numbers:
    """Scores in standard deviations of their instrument's baselines from the mean baseline; higher is worse."""
    codes, number = cases.measure.codes, len(cases.measure.levels)
    counts = np.maximum(np.bincount(codes, minlength=number), 1)
    means = np.bincount(codes, cases.baseline, minlength=number) / counts
    squares = np.bincount(codes, (cases.baseline - means[codes]) ** 2, minlength=number) / counts
    spreads = np.where(squares > 0, np.sqrt(squares), 1.0)
    severity: Numbers = -cases.better * (scores - means[codes]) / spreads[codes]
    return severity


def _centred(matrix: Numbers, codes: Codes) -> Numbers:
    sums = np.zeros((int(codes.max()) + 1, matrix.shape[1]))
    np.add.at(sums, codes, matrix)
    centred: Numbers = matrix - (sums / np.bincount(codes)[:, None])[codes]
    return centred
