"""/v1/prediction-models: what change is expected of whom. Fitted once a year, frozen, and open to those it judges."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import Role, access, current_principal
from fascia.web.pages import PageQuerySchema, page_of
from fascia.web.unit import command, current_uow, query
from outcomes_svc.performance import store
from outcomes_svc.performance.prediction import fit
from outcomes_svc.performance.publication import FrozenModel, check_may_freeze, frozen, span_of
from outcomes_svc.performance.schemas import ModelRequestSchema, PredictionModelSchema
from outcomes_svc.results.store import episode_results

blp = Blueprint("prediction models", __name__, description="Prediction models")

READERS = (Role.OWNER, Role.ADMIN, Role.THERAPIST, Role.BILLER, Role.AUDITOR, Role.SERVICE)


@blp.route("/v1/prediction-models", methods=["POST"])
@access(Role.OWNER, Role.ADMIN)
@command
@blp.arguments(ModelRequestSchema)
@blp.response(201, PredictionModelSchema)
def freeze_model(body: dict[str, Any]) -> FrozenModel:
    """Fit a model on the episodes that opened in a year, and freeze it. Each year is fitted once."""
    uow, year = current_uow(), body["year"]
    check_may_freeze(year, store.find_model(uow, year), uow.now)
    opened_from, opened_until = span_of(year)
    model = fit(episode_results(uow, opened_from=opened_from, opened_until=opened_until), year)
    made = FrozenModel(model=model, frozen_at=uow.now, frozen_by=current_principal().subject)
    store.save_model(uow, made)
    return made


@blp.route("/v1/prediction-models", methods=["GET"])
@access(*READERS)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(PredictionModelSchema))
def list_models(filters: dict[str, Any]) -> dict[str, Any]:
    """List the practice's models, oldest year first, with their coefficients in words."""
    items, cursor = store.model_page(current_uow(), filters)
    return {"items": items, "next_cursor": cursor}


@blp.route("/v1/prediction-models/<int:year>", methods=["GET"])
@access(*READERS)
@query
@blp.response(200, PredictionModelSchema)
def get_model(year: int) -> FrozenModel:
    """The model that was fitted on the episodes of a year."""
    return store.get_model(current_uow(), year)


@blp.route("/v1/prediction-models/<int:year>", methods=["PUT"])
@access(Role.OWNER, Role.ADMIN)
@command
@blp.response(200, PredictionModelSchema)
def replace_model(year: int) -> FrozenModel:
    """Always refused with 409: a model that statements rest on is never changed."""
    store.get_model(current_uow(), year)
    raise frozen(year)
