"""Prediction models in MongoDB: one per practice and year, written once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fascia.problem import NotFound
from fascia.store.tenant_collection import Document
from fascia.store.unit_of_work import UnitOfWork
from fascia.web.pages import find_page
from outcomes_svc.performance.prediction import PredictionModel
from outcomes_svc.performance.publication import FrozenModel

_COLLECTION = "prediction_models"


def find_model(uow: UnitOfWork, year: int) -> FrozenModel | None:
    """The model that was fitted on the episodes that opened in a year, or None."""
    document = uow.collection(_COLLECTION).find_one({"_id": _key(uow, year)})
    return _frozen(document) if document else None


def get_model(uow: UnitOfWork, year: int) -> FrozenModel:
    """The same; raises NotFound."""
    found = find_model(uow, year)
    if found is None:
        raise NotFound("prediction model", str(year))
    return found


def model_of(uow: UnitOfWork, year: int) -> PredictionModel | None:
    """The model that was fitted on the episodes that opened in `year`, or None. It judges later years' episodes."""
    found = find_model(uow, year)
    return found.model if found else None


def save_model(uow: UnitOfWork, frozen: FrozenModel) -> None:
    """Keep a new model. There is no way to write a second one for the year: the id is taken."""
    uow.collection(_COLLECTION).insert_one(
        {
            "_id": _key(uow, frozen.model.year),
            "model": frozen.model.to_document(),
            "model_version": frozen.model.version,
            "frozen_at": frozen.frozen_at,
            "frozen_by": frozen.frozen_by,
            "version": 1,
        }
    )


def model_page(uow: UnitOfWork, query: Mapping[str, Any]) -> tuple[list[FrozenModel], str | None]:
    """A page of models, oldest year first."""
    documents, cursor = find_page(uow.collection(_COLLECTION), {}, query)
    return [_frozen(document) for document in documents], cursor


def _key(uow: UnitOfWork, year: int) -> str:
    return f"{uow.practice_id}:{year:04d}"


def _frozen(document: Document) -> FrozenModel:
    return FrozenModel(
        model=PredictionModel.from_document(document["model"]),
        frozen_at=document["frozen_at"],
        frozen_by=document["frozen_by"],
    )
