"""/v1/gaming: figures that are worth a look, for a person to review. Nothing here changes pay."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.web.access import Role, access, current_principal
from fascia.web.etag import required_version, set_etag
from fascia.web.pages import PageQuerySchema, page_of
from fascia.web.unit import command, current_uow, query
from outcomes_svc.gaming import store
from outcomes_svc.gaming.flag import FlagState, GamingFlag
from outcomes_svc.gaming.review import Review
from outcomes_svc.gaming.reviewing import decide, review_period
from outcomes_svc.gaming.schemas import (
    FlagDecisionSchema,
    FlagDetailSchema,
    FlagQuerySchema,
    FlagSchema,
    ReviewRequestSchema,
    ReviewSchema,
)
from outcomes_svc.results.period import period

blp = Blueprint("gaming watch", __name__, description="Figures that are worth a look")


@blp.route("/v1/gaming/reviews", methods=["POST"])
@access(Role.OWNER, Role.ADMIN)
@command
@blp.arguments(ReviewRequestSchema)
@blp.response(201, ReviewSchema)
def review_months(body: dict[str, Any]) -> Review:
    """Look at the episodes that opened in some months, and raise a flag for each figure that is worth a look."""
    uow = current_uow()
    return review_period(uow, period(body["first"], body["last"], uow.now.date()), current_principal().subject)


@blp.route("/v1/gaming/reviews", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.AUDITOR)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(ReviewSchema))
def list_reviews(filters: dict[str, Any]) -> dict[str, Any]:
    """List reviews: what could be judged, and how many flags chance alone would have raised."""
    items, cursor = store.review_page(current_uow(), filters)
    return {"items": items, "next_cursor": cursor}


@blp.route("/v1/gaming/flags", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.AUDITOR)
@query
@blp.arguments(FlagQuerySchema, location="query")
@blp.response(200, page_of(FlagSchema))
def list_flags(filters: dict[str, Any]) -> dict[str, Any]:
    """List flags, oldest first."""
    items, cursor = store.flag_page(current_uow(), filters)
    return {"items": items, "next_cursor": cursor}


@blp.route("/v1/gaming/flags/<flag_id>", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.AUDITOR)
@query
@blp.response(200, FlagDetailSchema)
def get_flag(flag_id: str) -> GamingFlag:
    """One flag with the cases behind its figure."""
    flag = store.get_flag(current_uow(), flag_id)
    set_etag(flag.version)
    return flag


@blp.route("/v1/gaming/flags/<flag_id>/decision", methods=["POST"])
@access(Role.OWNER, Role.ADMIN)
@command
@blp.arguments(FlagDecisionSchema)
@blp.response(200, FlagDetailSchema)
def decide_flag(body: dict[str, Any], flag_id: str) -> GamingFlag:
    """Dismiss or confirm a flag, with a note. Pay does not follow from it; nobody decides about their own figures."""
    by = current_principal().subject
    flag = decide(current_uow(), flag_id, required_version(), FlagState(body["outcome"]), by, body["note"])
    set_etag(flag.version)
    return flag
