"""The dispatcher's board over HTTP."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.problem import Problem
from fascia.web.access import access
from fascia.web.etag import required_version, set_etag
from fascia.web.path_date import path_date
from fascia.web.unit import command, current_uow, query
from scheduling_svc.board import arranging
from scheduling_svc.board.board import Board
from scheduling_svc.board.link import board_link
from scheduling_svc.board.reading import read_board, read_scene
from scheduling_svc.board.schemas import (
    BoardLinkSchema,
    BoardQuerySchema,
    BoardSchema,
    LockSchema,
    MovedSchema,
    MoveRequestSchema,
    WhatIfRequestSchema,
    WhatIfSchema,
)
from scheduling_svc.board.what_if import Judgement, Move, judge
from scheduling_svc.roles import DESK
from scheduling_svc.routing.page_link import PageLink
from scheduling_svc.workforce import store as workforce

blp = Blueprint("boards", __name__, description="The dispatcher's board")
Shown = dict[str, Any]


@blp.route("/v1/boards/<day>", methods=["GET"])
@access(*DESK)
@query
@blp.arguments(BoardQuerySchema, location="query")
@blp.response(200, BoardSchema)
def show_board(wanted: dict[str, Any], day: str) -> Board:
    """A day: therapists against time, what nobody has taken on, promises in danger, and what is about to be planned."""
    board = read_board(current_uow(), path_date(day), wanted["region"])
    set_etag(board.mark)
    return board


@blp.route("/v1/boards/<day>/what-if", methods=["POST"])
@access(*DESK)
@query
@blp.arguments(WhatIfRequestSchema)
@blp.response(200, WhatIfSchema)
def ask_what_if(fields: dict[str, Any], day: str) -> Shown:
    """What would come of moving a visit: cost by part, who is affected, or what stands against it. Nothing changes."""
    judgement = judge(read_scene(current_uow(), path_date(day), ask_roads=True), Move(**fields))
    set_etag(judgement.mark)
    return _judgement(judgement)


@blp.route("/v1/boards/<day>/moves", methods=["POST"])
@access(*DESK)
@command
@blp.arguments(MoveRequestSchema)
@blp.response(201, MovedSchema)
def move(fields: dict[str, Any], day: str) -> Shown:
    """Carry out what was looked at: the body of the what-if, and its ETag as If-Match."""
    lock = fields.pop("lock")
    moved = arranging.carry_out(current_uow(), path_date(day), Move(**fields), required_version(), lock=lock)
    shown = {**vars(moved.retold), "published": moved.published, "locked": lock}
    return {**_judgement(moved.judgement), **shown}


@blp.route("/v1/boards/<day>/locks/<appointment_id>", methods=["PUT"])
@access(*DESK)
@command
@blp.response(200, LockSchema)
def lock(day: str, appointment_id: str) -> Shown:
    """Keep a visit where and when it is planned, whatever is planned later."""
    stop = arranging.set_lock(current_uow(), path_date(day), appointment_id, locked=True)
    return {**vars(stop), "appointment_id": stop.id}


@blp.route("/v1/boards/<day>/locks/<appointment_id>", methods=["DELETE"])
@access(*DESK)
@command
@blp.response(204)
def unlock(day: str, appointment_id: str) -> None:
    """Give a visit back to planning; the day is planned anew."""
    arranging.set_lock(current_uow(), path_date(day), appointment_id, locked=False)


@blp.route("/v1/boards/<day>/links", methods=["POST"])
@access(*DESK)
@command
@blp.response(201, BoardLinkSchema)
def make_link(day: str) -> PageLink:
    """Make a link to the page of the board, for a screen on the wall or whoever stands in. It lives as the day does."""
    uow = current_uow()
    return board_link(uow, workforce.directory(uow).practice, path_date(day))


def _judgement(judgement: Judgement) -> Shown:
    move = judgement.move
    placed = next((one for day in judgement.days for one in day.stops if one.id == move.appointment_id), None)
    return {
        "appointment_id": move.appointment_id,
        "therapist_id": move.therapist_id,
        "feasible": judgement.feasible,
        "obstacles": [_obstacle(problem) for problem in judgement.obstacles],
        "position": judgement.position,
        "starts_at": placed.starts_at if placed else None,
        "affected": judgement.affected,
        "added": judgement.cost,
        "travel": {**vars(judgement.travel), "because": [reason.value for reason in judgement.travel.because]},
    }


def _obstacle(problem: Problem) -> Shown:
    error = problem.errors[0] if problem.errors else None
    named = {"field": error.field, "fix": error.fix} if error else {"field": None, "fix": None}
    return {"code": problem.code, "detail": problem.detail, **named}
