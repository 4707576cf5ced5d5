"""What change was to be expected of a patient, given what was known before treatment. Pure.

dhat = scale * (a + x'b). The slopes b come from ridge regression on distances from each therapist's own mean (the
"within" estimator: Mundlak 1978, Econometrica 46:69), so that a therapist with hard cases and good hands does not have
the good hands booked as an easy case-mix. Ridge: Hoerl and Kennard 1970, Technometrics 12:55. The penalty is a fixed
rule and not searched for: see PENALTY.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from fascia.problem import RuleViolation
from outcomes_svc.performance.case_table import (
    UNKNOWN,
    CaseTable,
    Codes,
    Numbers,
    countable,
    measure_of,
    table_of,
)
from outcomes_svc.performance.design import Baseline, Design, Levels, Number, design_of, measure_codes
from outcomes_svc.performance.shrinkage import shrink
from outcomes_svc.results.episode_result import EpisodeResult

PENALTY = 4.0
"""Each coefficient is held back as if four more episodes had shown none of it. In units of the standard deviation of
change that is a prior standard deviation of about 0.5 (1 / 4 of a variance of 1): strong for a level with 20 episodes,
nothing for the baseline's slope."""
LEAST_FOLLOWED_UP = 100
"""Episodes with a known end that a model needs in all."""
LEAST_OF_A_MEASURE = 30
"""Episodes with a known end that an instrument needs to be in the model."""
_PRIOR_DF = 20.0
"""An instrument's residual variance is pulled towards all instruments' as if by this many episodes."""


class NotEnoughEpisodes(RuleViolation):
    """Too few episodes with a known end to say what is to be expected."""

    def __init__(self, found: int, year: int, field: str = "year") -> None:
        self.found = found
        super().__init__(
            "not-enough-episodes",
            f"{year} has {found} episodes with a baseline and an end of instruments that occur at least"
            f" {LEAST_OF_A_MEASURE} times; a prediction model needs {LEAST_FOLLOWED_UP}.",
            field=field,
            fix="Choose a time with more finished episodes, or go on in shadow until there are enough.",
        )


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A measure's spread in points: `change` of raw change, by which coefficients are scaled, `sigma` of residuals."""

    measure: str
    change: float
    sigma: float


@dataclass(frozen=True, kw_only=True)
class PredictionModel:
    """A model fitted on the episodes that began in `year`, then frozen: it judges the episodes of the year after.

    `coefficients` belong to `design.columns`, in standard deviations of change; `intercept` is the therapists' mean.
    An instrument and its version are one measure, written "NPRS.v1". `episodes` and `therapists` are what it was
    fitted on, lost episodes not counted.
    """

    year: int
    design: Design
    scales: tuple[Scale, ...]
    intercept: float
    coefficients: tuple[float, ...]
    penalty: float
    episodes: int
    therapists: int

    @property
    def version(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the document."""
        canonical = json.dumps(self.to_document(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def knows(self, result: EpisodeResult) -> bool:
        """Whether the result's instrument, in its version, was there often enough in the year of the model."""
        return measure_of(result) in self.design.measures

    def predict(self, result: EpisodeResult) -> float:
        """The expected change in points of the instrument, positive is better; KeyError for one it does not know."""
        table = table_of([result])
        return float(self.predict_matrix(table, self.design.matrix(table))[0])

    def predict_matrix(self, table: CaseTable, matrix: Numbers) -> Numbers:
        """Shape (n,): the same for many episodes and their design matrix.

        Each row is summed by itself, so that an episode's prediction does not hang on which others are in the table.
        """
        codes = measure_codes(table, self.design.measures)
        scales = np.array([scale.change for scale in self.scales])[codes]
        predicted: Numbers = scales * (self.intercept + (matrix * np.array(self.coefficients)).sum(axis=1))
        return predicted

    def sigma(self, measure: str) -> float:
        """The residual standard deviation of a measure ("NPRS.v1") in points; KeyError for one it does not know."""
        return {scale.measure: scale.sigma for scale in self.scales}[measure]

    def to_document(self) -> dict[str, Any]:
        """As JSON and BSON can hold it, floats exact."""
        document: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return document

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> PredictionModel:
        """Back from to_document(); fields that are not the model's are passed over."""
        design = document["design"]
        return cls(
            year=document["year"],
            design=Design(
                baselines=tuple(Baseline(**row) for row in design["baselines"]),
                knots=tuple(design["knots"]),
                numbers=tuple(Number(**row) for row in design["numbers"]),
                levels=tuple(Levels(name=row["name"], kept=tuple(row["kept"])) for row in design["levels"]),
            ),
            scales=tuple(Scale(**row) for row in document["scales"]),
            intercept=document["intercept"],
            coefficients=tuple(document["coefficients"]),
            penalty=document["penalty"],
            episodes=document["episodes"],
            therapists=document["therapists"],
        )


def fit(results: Sequence[EpisodeResult], year: int) -> PredictionModel:
    """Fit on the episodes of one year; raises NotEnoughEpisodes. The order of the rows does not matter.

    Rows that are excluded are left out; those lost to follow-up shape the design, not the coefficients.
    """
    return fit_table(table_of(countable(results)), year)


def fit_table(table: CaseTable, year: int) -> PredictionModel:
    """The same from columns."""
    measures = _measures(table)
    usable = measure_codes(table, measures) != UNKNOWN
    followed = usable & table.followed_up
    count = int(np.count_nonzero(followed))
    if count < LEAST_FOLLOWED_UP:
        raise NotEnoughEpisodes(count, year)
    table = table.at(usable)
    design = design_of(table, measures)
    rows = table.followed_up
    codes = measure_codes(table, measures)[rows]
    spreads = _spreads(table.change[rows], codes, len(measures))
    therapists = _dense(table.therapist.codes[rows])
    matrix, change = design.matrix(table)[rows], table.change[rows] / spreads[codes]
    slopes = _within(matrix, change, therapists)
    left = change - matrix @ slopes
    residual = _within_residuals(left, therapists)
    lost_df = (int(therapists.max()) + 1 + matrix.shape[1]) / count
    sigmas = spreads * _sigmas(residual, codes, len(measures), min(lost_df, 0.5))
    scales = zip(measures, spreads, sigmas, strict=True)
    return PredictionModel(
        year=year,
        design=design,
        scales=tuple(Scale(measure=name, change=float(spread), sigma=float(s)) for name, spread, s in scales),
        intercept=_centre(left, therapists),
        coefficients=tuple(float(slope) for slope in slopes),
        penalty=PENALTY,
        episodes=count,
        therapists=int(therapists.max()) + 1,
    )


def _measures(table: CaseTable) -> tuple[str, ...]:
    """Measures with enough known ends, and with any spread: one that never changes cannot be predicted."""
    codes, followed = table.measure.codes, table.followed_up
    found = []
    for place, measure in enumerate(table.measure.levels):
        change = table.change[(codes == place) & followed]
        if len(change) >= LEAST_OF_A_MEASURE and np.ptp(change) > 0:
            found.append(measure)
    return tuple(found)


def _spreads(change: Numbers, codes: Codes, measures: int) -> Numbers:
    return np.array([np.std(change[codes == place]) for place in range(measures)])


def _dense(codes: Codes) -> Codes:
    """Codes without gaps, from 0."""
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)


def _centre(left: Numbers, groups: Codes) -> float:
    """The practice's mean as step 6 would estimate it, so that the practice's effect in the model's own year is 0.

    A mean over episodes would do in the long run, but it lets a therapist who was busy in one year and not in the next
    look like a change of the practice.
    """
    return shrink(left, np.ones(len(left)), groups, int(groups.max()) + 1).practice


def _within(matrix: Numbers, change: Numbers, groups: Codes) -> Numbers:
    """Ridge slopes on distances from the groups' means.

    X'X of the distances is X'X less the groups' sums, S' diag(1/n) S, so that no distances need to be formed.
    """
    counts = np.bincount(groups)
    order = np.argsort(groups, kind="stable")
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    sums = np.add.reduceat(matrix[order], starts, axis=0)
    totals = np.add.reduceat(change[order], starts)
    inside = matrix.T @ matrix - (sums / counts[:, None]).T @ sums
    moment = matrix.T @ change - (sums / counts[:, None]).T @ totals
    slopes = np.linalg.solve(inside + PENALTY * np.eye(matrix.shape[1]), moment)
    return np.asarray(slopes, dtype=np.float64)


def _within_residuals(residual: Numbers, groups: Codes) -> Numbers:
    means = np.bincount(groups, residual) / np.bincount(groups)
    inside: Numbers = residual - means[groups]
    return inside


def _sigmas(residual: Numbers, codes: Codes, measures: int, lost_df: float) -> Numbers:
    """Per measure the residual standard deviation, in units of the spread of change.

    `lost_df` is the share of degrees of freedom that slopes and therapists' means took. A measure with few episodes is
    pulled towards all: its variance is averaged with the pooled one, which weighs as much as _PRIOR_DF episodes.
    """
    counts = np.bincount(codes, minlength=measures) * (1 - lost_df)
    squares = np.bincount(codes, residual**2, minlength=measures)
    pooled = squares.sum() / counts.sum()
    sigmas: Numbers = np.sqrt((squares + _PRIOR_DF * pooled) / (counts + _PRIOR_DF))
    return sigmas
