"""Which prediction model judges the episodes of a year."""

from __future__ import annotations

from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.performance.prediction import PredictionModel
from outcomes_svc.performance.store import model_of

OLDEST = 2
"""Years between the episodes that a model was fitted on and those that it may still judge."""


def model_for(uow: UnitOfWork, year: int) -> PredictionModel | None:
    """The newest frozen model that was fitted on episodes of an earlier year, or None where none is recent enough.

    Never one of the same year: it would know the results that it is to judge. The year before can be fitted once its
    last end scores are in, in the middle of this one; until then the model before that stands in.
    """
    found = (model_of(uow, year - back) for back in range(1, OLDEST + 1))
    return next((model for model in found if model is not None), None)
