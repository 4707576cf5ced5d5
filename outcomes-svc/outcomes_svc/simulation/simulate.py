"""Pay in many made-up practices, against what the therapists truly achieve. Pure.

For each practice a model is fitted on one year and frozen, the next year is paid by three ways, and each is held
against the pay that the same formula gives for the true effects. A bonus is an individual one: the therapist's own
figure adds to the pay that the practice's share gives to everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from outcomes_svc.performance.case_table import Numbers
from outcomes_svc.performance.gates import GatePolicy
from outcomes_svc.performance.judgement import judge
from outcomes_svc.performance.performance import PracticePerformance, assess
from outcomes_svc.performance.prediction import fit, fit_table
from outcomes_svc.simulation.generated_practice import GeneratedPractice, Truth, two_years
from outcomes_svc.simulation.generated_scale import SCALES
from outcomes_svc.simulation.practice_spec import PracticeSpec
from outcomes_svc.simulation.ways_of_paying import Paid, PayRule, pay_judged, pay_raw_change, pay_responders

PLAN, UNGATED, RAW, RESPONDERS = "plan", "without gates", "raw change", "responders"
WAYS = (PLAN, UNGATED, RAW, RESPONDERS)
_IMPORTANT = {f"{scale.name}.v1": scale.important for scale in SCALES}


@dataclass
class Tally:
    """Sums over therapists of many practices, for one way of paying. add() and merge() change it."""

    therapists: int = 0
    squared_error: float = 0.0
    bonuses: int = 0
    bonuses_below: int = 0
    paid: int = 0
    paid_below: int = 0
    within: Moments = field(default_factory=lambda: Moments())
    overall: Moments = field(default_factory=lambda: Moments())

    def add(self, paid: Paid, fair: Numbers, practice: GeneratedPractice) -> None:
        """Count one practice; `fair`, shape (T,), are the shares that the true effects give."""
        truth = practice.truth
        below, got = truth.therapist_effects < 0, paid.shares > 0
        self.therapists += len(fair)
        self.squared_error += float(np.sum((paid.shares - fair) ** 2))
        self.bonuses += int(np.count_nonzero(paid.individual))
        self.bonuses_below += int(np.count_nonzero(paid.individual & below))
        self.paid += int(np.count_nonzero(got))
        self.paid_below += int(np.count_nonzero(got & (truth.practice_effect + truth.therapist_effects < 0)))
        self.overall.add(paid.shares, truth.difficulty)
        self.within.add(paid.shares - paid.shares.mean(), truth.difficulty - truth.difficulty.mean())

    def merge(self, other: Tally) -> None:
        """Count what another tally counted."""
        for name in ("therapists", "squared_error", "bonuses", "bonuses_below", "paid", "paid_below"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.within.merge(other.within)
        self.overall.merge(other.overall)

    @property
    def error(self) -> float:
        """Root mean square of pay less fair pay, as a share of base pay."""
        return float(np.sqrt(self.squared_error / self.therapists))

    @property
    def bonuses_wrong(self) -> float:
        """The share of individual bonuses that went to therapists who are truly below their practice's average."""
        return self.bonuses_below / self.bonuses if self.bonuses else 0.0

    @property
    def paid_wrong(self) -> float:
        """The share of those with any outcome pay who, practice and all, truly do less than the model expects."""
        return self.paid_below / self.paid if self.paid else 0.0


@dataclass
class Moments:
    """Sums for a correlation. add() and merge() change it."""

    sums: Numbers = field(default_factory=lambda: np.zeros(6))

    def add(self, x: Numbers, y: Numbers) -> None:
        """Count pairs."""
        self.sums = self.sums + np.array([len(x), x.sum(), y.sum(), x @ x, y @ y, x @ y])

    def merge(self, other: Moments) -> None:
        """Count what another counted."""
        self.sums = self.sums + other.sums

    @property
    def correlation(self) -> float:
        """Pearson's r; 0 where one of the two never varies."""
        n, x, y, xx, yy, xy = (float(value) for value in self.sums)
        spread = (xx - x * x / n) * (yy - y * y / n) if n else 0.0
        return (xy - x * y / n) / float(np.sqrt(spread)) if spread > 0 else 0.0


def empty() -> dict[str, Tally]:
    """A tally per way of paying."""
    return {way: Tally() for way in WAYS}


def simulate(spec: PracticeSpec, seeds: Iterable[int], rule: PayRule, policy: GatePolicy) -> dict[str, Tally]:
    """One practice per seed; the same seeds give the same tallies."""
    tallies = empty()
    for _ in each_practice(spec, seeds, rule, policy, tallies):
        pass
    return tallies


def each_practice(
    spec: PracticeSpec, seeds: Iterable[int], rule: PayRule, policy: GatePolicy, tallies: dict[str, Tally]
) -> Iterator[int]:
    """The same one by one, for who shows progress: adds to `tallies` and yields each seed when it is done."""
    for seed in seeds:
        before, after = two_years(spec, np.random.default_rng(seed))
        fair = rule.shares(after.truth.practice_effect, after.truth.therapist_effects)
        for way, paid in pay_all(before, after, rule, policy).items():
            tallies[way].add(paid, fair, after)
        yield seed


def pay_all(before: GeneratedPractice, after: GeneratedPractice, rule: PayRule, policy: GatePolicy) -> dict[str, Paid]:
    """What each way pays for the second year, the model being fitted on the first."""
    model = fit_table(before.table, before.year)
    judgement = judge(after.table, model)
    return {
        PLAN: pay_judged(judgement, rule, policy),
        UNGATED: pay_judged(judgement, rule, None),
        RAW: pay_raw_change(before.table, after.table, model, rule),
        RESPONDERS: pay_responders(before.table, after.table, model, rule, _IMPORTANT),
    }


@dataclass(frozen=True, kw_only=True)
class Example:
    """One practice in full: what was found, what is true, and the plan's share of base pay per therapist."""

    performance: PracticePerformance
    truth: Truth
    shares: Numbers


def example(spec: PracticeSpec, seed: int, rule: PayRule, policy: GatePolicy) -> Example:
    """The practice of a seed, judged as a real one is: row by row."""
    before, after = two_years(spec, np.random.default_rng(seed))
    performance = assess(after.rows, fit(before.rows, before.year), policy)
    effects = [one.effect if one.qualifies else 0.0 for one in performance.therapists]
    return Example(
        performance=performance, truth=after.truth, shares=rule.shares(performance.effect, np.array(effects))
    )
