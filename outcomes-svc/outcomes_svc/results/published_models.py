"""Which prediction model judges the episodes of a year."""

from __future__ import annotations

from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.performance.prediction import PredictionModel
from outcomes_svc.performance.store import model_of


def model_for(uow: UnitOfWork, year: int) -> PredictionModel | None:
    """The frozen model for the episodes that opened in a year, or None where none was published."""
    return model_of(uow, year - 1)
