"""A prediction model in words, so that those whose results it judges can read what it expects. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from outcomes_svc.performance.prediction import PredictionModel
from outcomes_svc.performance.spline import nonlinear_terms

STANDINGS = (-2.0, -1.0, 0.0, 1.0, 2.0)
"""Baselines for which the expected change is told, in standard deviations from the instrument's mean."""
_SUBJECTS = {
    "pain": "Each point of pain at the start (0 to 10)",
    "age": "Each ten years of age",
    "age, squared": "Ten years away from the mean age, to either side",
    "comorbidities": "Each further illness (up to six)",
}


@dataclass(frozen=True, kw_only=True)
class Term:
    """One coefficient: its column, its value in standard deviations of change, and what it says."""

    column: str
    coefficient: float
    words: str


@dataclass(frozen=True, kw_only=True)
class ExpectedChange:
    """What the average patient with this baseline is expected to gain, both in points of the instrument."""

    measure: str
    baseline: float
    change: float


def terms(model: PredictionModel) -> list[Term]:
    """Every coefficient that is not a part of the baseline's curve, in the order of the design."""
    pairs = zip(model.design.columns, model.coefficients, strict=True)
    return [
        Term(column=column, coefficient=value, words=_words(column, value)) for column, value in pairs if _own(column)
    ]


def baseline_curve(model: PredictionModel) -> list[ExpectedChange]:
    """The baseline's part, which has a curve and no single number: expected change at five baselines a measure.

    The other covariates stand at their mean or at no level: the difference of two lines is what the baseline does.
    """
    z = np.array(STANDINGS)
    columns = dict(zip(model.design.columns, model.coefficients, strict=True))
    bends = nonlinear_terms(z, model.design.knots)
    shape = columns["baseline"] * z
    for place in range(bends.shape[1]):
        shape = shape + columns[f"baseline, bend {place + 1}"] * bends[:, place]
    found: list[ExpectedChange] = []
    for scale, baseline in zip(model.scales, model.design.baselines, strict=True):
        own = columns[f"instrument: {scale.measure}"] + columns[f"baseline of {scale.measure}"] * z
        change = scale.change * (model.intercept + shape + own)
        starts = baseline.mean + baseline.better * z * baseline.spread
        found += [
            ExpectedChange(measure=scale.measure, baseline=float(start), change=float(gain))
            for start, gain in zip(starts, change, strict=True)
        ]
    return found


def _own(column: str) -> bool:
    return not column.startswith(("baseline", "instrument: "))


def _words(column: str, value: float) -> str:
    subject = _SUBJECTS.get(column)
    if subject is None:
        covariate, _, level = column.partition(": ")
        subject = f"{covariate.replace('_', ' ').capitalize()}: {level}"
    if round(abs(value), 2) == 0:
        return f"{subject} makes no difference that can be told."
    return f"{subject} goes with {abs(value):.2f} standard deviations {'more' if value > 0 else 'less'} improvement."
