"""The covariates of a prediction, x: which columns there are, and their values for any episodes. Pure.

Everything here was true before treatment began; the number of visits and whatever else comes later is left out, because
a therapist can change it. A design is made from one year's episodes and then frozen: knots, means and levels stay what
they were. A covariate that is not known is never read as a zero: numbers stand at the year's mean and raise an
indicator, named levels have "not known" as a level of its own. Levels that were rare are pooled as "other", and so is
one that first appears later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from outcomes_svc.performance.case_table import UNKNOWN, CaseTable, Codes, Factor, Numbers, factor_of
from outcomes_svc.performance.spline import knots_of, nonlinear_terms

RARE = 20
"""Episodes that a level needs for a coefficient of its own."""
OTHER, NOT_KNOWN = "other", "not known"
FACTORS = ("sex", "duration", "surgery", "prior_episode", "condition", "setting", "payer")
DURATIONS = ("under 6 weeks", "6 to 12 weeks", "over 12 weeks")
_DURATION = factor_of(DURATIONS).levels
_UNITS = {"pain": 1.0, "age": 10.0, "comorbidities": 1.0}
_MOST_COMORBIDITIES = 6.0
_BENT = ("age",)


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """How the baseline of one measure is put on a scale that measures share: mean and standard deviation in points.

    `better` is +1 where a higher score is better, -1 where a lower one is.
    """

    measure: str
    better: float
    mean: float
    spread: float


@dataclass(frozen=True, kw_only=True)
class Number:
    """A numeric covariate: the mean that centres it, in its own unit."""

    name: str
    mean: float


@dataclass(frozen=True, kw_only=True)
class Levels:
    """A covariate of named levels: those with a coefficient of their own."""

    name: str
    kept: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Design:
    """A frozen design. `columns` names what matrix() returns, in its order."""

    baselines: tuple[Baseline, ...]
    knots: tuple[float, ...]
    numbers: tuple[Number, ...]
    levels: tuple[Levels, ...]

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures whose episodes the design can describe."""
        return tuple(baseline.measure for baseline in self.baselines)

    @property
    def columns(self) -> tuple[str, ...]:
        """A name per column."""
        names = ["baseline", *(f"baseline, bend {n}" for n in range(1, max(len(self.knots) - 1, 1)))]
        for measure in self.measures:
            names += [f"instrument: {measure}", f"baseline of {measure}"]
        for number in self.numbers:
            names += [number.name, f"{number.name}: {NOT_KNOWN}"]
            names += [f"{number.name}, squared"] if number.name in _BENT else []
        for factor in self.levels:
            names += [f"{factor.name}: {level}" for level in (*factor.kept, OTHER, NOT_KNOWN)]
        return tuple(names)

    def matrix(self, table: CaseTable) -> Numbers:
        """Shape (n, columns), for episodes of measures that the design has; others raise KeyError."""
        codes = measure_codes(table, self.measures)
        if np.any(codes == UNKNOWN):
            raise KeyError("an instrument that is not in the design")
        z = self._standing(table, codes)
        blocks = [z[:, None], nonlinear_terms(z, self.knots)]
        for place in range(len(self.measures)):
            own = (codes == place).astype(np.float64)
            blocks += [own[:, None], (own * z)[:, None]]
        for number in self.numbers:
            block = _with_indicator(number, table)
            blocks += [block, block[:, :1] ** 2] if number.name in _BENT else [block]
        for factor in self.levels:
            blocks.append(_indicators(_factor(table, factor.name), factor.kept))
        return np.ascontiguousarray(np.hstack(blocks))

    def _standing(self, table: CaseTable, codes: Codes) -> Numbers:
        """The baseline in standard deviations from its measure's mean; higher is healthier, whatever the scale."""
        means = np.array([baseline.mean for baseline in self.baselines])
        spreads = np.array([baseline.spread for baseline in self.baselines])
        better = np.array([baseline.better for baseline in self.baselines])
        standing: Numbers = better[codes] * (table.baseline - means[codes]) / spreads[codes]
        return standing


def measure_codes(table: CaseTable, measures: tuple[str, ...]) -> Codes:
    """Shape (n,): the place of each episode's measure, UNKNOWN where it is none of these."""
    return table.measure.recoded(measures)


def design_of(table: CaseTable, measures: tuple[str, ...]) -> Design:
    """The design that fits these episodes, all of which have one of the measures."""
    codes = measure_codes(table, measures)
    baselines = tuple(_baselines(table, codes, measures))
    numbers = tuple(Number(name=name, mean=_mean(_number(table, name))) for name in _UNITS)
    levels = tuple(Levels(name=name, kept=_common(_factor(table, name))) for name in FACTORS)
    bare = Design(baselines=baselines, knots=(), numbers=numbers, levels=levels)
    knots = knots_of(bare._standing(table, codes))
    return Design(baselines=baselines, knots=knots, numbers=numbers, levels=levels)


def _baselines(table: CaseTable, codes: Codes, measures: tuple[str, ...]) -> Iterator[Baseline]:
    for place, measure in enumerate(measures):
        rows = codes == place
        values, better = table.baseline[rows], float(table.better[rows][0])
        yield Baseline(measure=measure, better=better, mean=float(np.mean(values)), spread=float(np.std(values)) or 1.0)


def _number(table: CaseTable, name: str) -> Numbers:
    values: Numbers = getattr(table, name) / _UNITS[name]
    return np.minimum(values, _MOST_COMORBIDITIES) if name == "comorbidities" else values


def _mean(values: Numbers) -> float:
    known = values[~np.isnan(values)]
    return float(np.mean(known)) if len(known) else 0.0


def _with_indicator(number: Number, table: CaseTable) -> Numbers:
    """Two columns: the distance from the mean, 0 where not known, and whether it is not known."""
    values = _number(table, number.name) - number.mean
    missing = np.isnan(values)
    return np.column_stack([np.where(missing, 0.0, values), missing])


def _factor(table: CaseTable, name: str) -> Factor:
    if name == "duration":
        return _duration(table.symptom_weeks)
    factor: Factor = getattr(table, name)
    return factor


def _duration(weeks: Numbers) -> Factor:
    band = np.where(weeks < 6, 0, np.where(weeks <= 12, 1, 2))
    places = np.array([_DURATION.index(name) for name in DURATIONS])
    return Factor(levels=_DURATION, codes=np.where(np.isnan(weeks), UNKNOWN, places[band]).astype(np.int64))


def _common(factor: Factor) -> tuple[str, ...]:
    counts = np.bincount(factor.codes[factor.codes != UNKNOWN], minlength=len(factor.levels))
    return tuple(level for level, count in zip(factor.levels, counts, strict=True) if count >= RARE)


def _indicators(factor: Factor, kept: tuple[str, ...]) -> Numbers:
    """A column per kept level, one for all others, one for not known."""
    codes = factor.recoded(kept)
    codes = np.where(factor.codes == UNKNOWN, len(kept) + 1, np.where(codes == UNKNOWN, len(kept), codes))
    columns: Numbers = np.equal.outer(codes, np.arange(len(kept) + 2)).astype(np.float64)
    return columns
