"""Three ways to make pay out of results, and what they pay. Pure.

All three use the same formula and differ in the figures that go into it, so that a difference in pay is a difference in
measurement: the plan's residuals, weighted, shrunken and gated; raw change as it is; and the share of patients whose
change reaches the minimal important one (responders). The two simple ways get every help that a careful practice could
give them: last year's mean of each instrument is taken off, and the figure is put on the scale of effects.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, pi, sqrt

import numpy as np
from scipy.special import ndtri

from outcomes_svc.performance.case_table import CaseTable, Codes, Flags, Numbers
from outcomes_svc.performance.gates import GatePolicy, gates_of
from outcomes_svc.performance.judgement import Judgement, judge
from outcomes_svc.performance.prediction import PredictionModel


@dataclass(frozen=True, kw_only=True)
class PayRule:
    """The outcome part of a plan: clip(max_share * (practice * u + therapist * v) / full_effect, 0, max_share).

    Policy values of a practice, not findings.
    """

    max_share: float = 0.10
    practice: float = 0.7
    therapist: float = 0.3
    full_effect: float = 0.2

    def shares(self, practice_effect: float, therapist_effects: Numbers) -> Numbers:
        """Shape (T,): what is added to base pay, as a share of it."""
        effect = self.practice * practice_effect + self.therapist * therapist_effects
        shares: Numbers = np.clip(self.max_share * effect / self.full_effect, 0.0, self.max_share)
        return shares


@dataclass(frozen=True, kw_only=True)
class Paid:
    """What one way of paying came to in one practice: `shares` of base pay and who got a bonus of their own.

    `individual`, shape (T,): whether the therapist's own figure adds to the pay. `effects` are the figures v that went
    into the formula, 0 for who does not qualify.
    """

    shares: Numbers
    individual: Flags
    effects: Numbers


def pay_plan(model: PredictionModel, table: CaseTable, rule: PayRule, policy: GatePolicy | None) -> Paid:
    """By the plan: the practice's effect for everybody, the therapist's own where all gates are passed.

    Without a policy there are no gates: what they cost and what they prevent can be seen.
    """
    return pay_judged(judge(table, model), rule, policy)


def pay_judged(judgement: Judgement, rule: PayRule, policy: GatePolicy | None) -> Paid:
    """The same from a practice that has been judged."""
    shrunk = judgement.shrunk
    if policy is None:
        return _paid(rule, shrunk.practice, shrunk.effects)
    low, number = judgement.low(policy), len(shrunk.effects)
    passed = [all(gate.passed for gate in gates_of(judgement.evidence(n, low), policy)) for n in range(number)]
    return _paid(rule, shrunk.practice, np.where(passed, shrunk.effects, 0.0))


def pay_raw_change(before: CaseTable, table: CaseTable, model: PredictionModel, rule: PayRule) -> Paid:
    """By the mean change of who was followed up, less last year's mean of the instrument, in residual sds."""

    def value(cases: CaseTable, place: int, rows: Codes) -> Numbers:
        change: Numbers = cases.change[rows] / model.scales[place].sigma
        return change

    return _simple(before, table, model, rule, value)


def pay_responders(
    before: CaseTable, table: CaseTable, model: PredictionModel, rule: PayRule, important: dict[str, float]
) -> Paid:
    """By the share of responders, less last year's share.

    `important` is the minimal important change per measure. A share moves by phi(z) per standard deviation of change,
    with phi the normal density where last year's share cuts: by that it is put on the scale of effects.
    """
    slopes = {}
    for scale in model.scales:
        change = before.change[
            (before.measure.codes == before.measure.levels.index(scale.measure)) & before.followed_up
        ]
        rate = np.clip(np.mean(change >= important[scale.measure]), 0.01, 0.99)
        slopes[scale.measure] = _density(float(ndtri(rate))) * scale.sigma / scale.change

    def value(cases: CaseTable, place: int, rows: Codes) -> Numbers:
        measure = model.scales[place].measure
        responded: Numbers = (cases.change[rows] >= important[measure]) / slopes[measure]
        return responded

    return _simple(before, table, model, rule, value)


def _density(z: float) -> float:
    """Of the standard normal distribution."""
    return exp(-z * z / 2) / sqrt(2 * pi)


def _simple(
    before: CaseTable,
    table: CaseTable,
    model: PredictionModel,
    rule: PayRule,
    value: Callable[[CaseTable, int, Codes], Numbers],
) -> Paid:
    number = len(table.therapist.levels)
    totals, counts = np.zeros(number), np.zeros(number)
    for place, scale in enumerate(model.scales):
        past = value(before, place, _rows(before, scale.measure))
        rows = _rows(table, scale.measure)
        now = value(table, place, rows) - past.mean()
        totals += np.bincount(table.therapist.codes[rows], now, minlength=number)
        counts += np.bincount(table.therapist.codes[rows], minlength=number)
    practice = totals.sum() / counts.sum()
    own = np.divide(totals, counts, out=np.full(number, practice), where=counts > 0) - practice
    return _paid(rule, float(practice), own)


def _rows(table: CaseTable, measure: str) -> Codes:
    """The places of followed-up episodes of a measure."""
    if measure not in table.measure.levels:
        return np.empty(0, dtype=np.int64)
    code = table.measure.levels.index(measure)
    return np.flatnonzero((table.measure.codes == code) & table.followed_up)


def _paid(rule: PayRule, practice: float, effects: Numbers) -> Paid:
    shares = rule.shares(practice, effects)
    without = rule.shares(practice, np.zeros(len(effects)))
    return Paid(shares=shares, individual=shares > without, effects=effects)
