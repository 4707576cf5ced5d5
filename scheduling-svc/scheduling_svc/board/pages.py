"""/b/{token}: the board of a day as a page, for a screen on the wall and for whoever gets a warning on the phone.

Whoever holds the link sees it, so it shows times and towns and no patient's name. It does nothing; the desk acts over
REST.
"""

from __future__ import annotations

import base64
from hashlib import sha256
from importlib import resources
from typing import Any

from flask import Response, render_template
from flask_smorest import Blueprint
from markupsafe import Markup

from fascia.links import BOARD, Link, read_link
from fascia.localtime import wall
from fascia.problem import Problem
from fascia.web.access import Principal, Role, public
from fascia.web.headers import page_policy
from fascia.web.unit import current_runtime, current_uow, query
from scheduling_svc.board.link import linked_date
from scheduling_svc.board.picture import LABELS, ROW, WIDTH, draw
from scheduling_svc.board.reading import read_board
from scheduling_svc.workforce import store as workforce

blp = Blueprint("board_page", __name__, template_folder="templates", description="The page of a day's board")
_STYLE = resources.files("scheduling_svc.board").joinpath("templates", "board", "page.css").read_text(encoding="utf-8")
_HASH = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_PAGE: dict[str, Any] = {"200": {"description": "the page", "content": {"text/html": {}}}}


def _link(token: str) -> Link:
    runtime = current_runtime()
    return read_link(runtime.keyring, BOARD, token, runtime.clock.now())


def _holder(token: str) -> Principal:
    """Whoever holds the link sees the one day that it names, in no role."""
    link = _link(token)
    return Principal("board", link.practice_id, frozenset[Role]())


@blp.route("/b/<token>", methods=["GET"])
@public("signed link", principal=_holder)
@query
@blp.doc(responses=_PAGE)
def show_page(token: str) -> Response:
    """Show the board as it is now; the page loads itself again every half minute."""
    uow = current_uow()
    board = read_board(uow, linked_date(_link(token)))
    zone = workforce.directory(uow).practice.time_zone
    return _html(
        "page.html",
        200,
        board=board,
        picture=draw(board, zone),
        size={"labels": LABELS, "width": WIDTH, "row": ROW},
        clock=lambda at: wall(at, zone)[-5:],
        zone=zone,
    )


@blp.errorhandler(Problem)
def _show_problem(problem: Problem) -> Response:
    """A person reads this, so a problem is a page here."""
    return _html("unavailable.html", problem.status, problem=problem)


def _html(template: str, status: int, **values: Any) -> Response:
    page_policy(_POLICY)
    return Response(
        # The style is ours and its hash is in the policy; escaping would change it.
        render_template(f"board/{template}", style=Markup(_STYLE), **values),  # noqa: S704
        status=status,
        content_type="text/html; charset=utf-8",
    )
