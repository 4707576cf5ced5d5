"""Which prediction model judges a month: the one that was published for its year, the same for all its statements."""

from __future__ import annotations

from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.pay.month import Month
from outcomes_svc.performance.prediction import PredictionModel
from outcomes_svc.performance.store import model_of

YEARS_BEFORE = 2
"""A year's last end scores come in the middle of the next one, so only then can a model be fitted on it. It is there
before the first statement of the year after that, and all statements of that year are judged by it."""


def model_for(uow: UnitOfWork, month: Month) -> PredictionModel | None:
    """The frozen model of a month's year, or None where none was published."""
    return model_of(uow, month.year - YEARS_BEFORE)
