"""A statement as a page and as a PDF: for a reader who is signed in, and behind the signed link of a message."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from importlib import resources
from typing import Any

from flask import Response, render_template, request, url_for
from flask_smorest import Blueprint
from markupsafe import Markup

from fascia.links import PAY_STATEMENT, Link, read_link
from fascia.problem import Problem
from fascia.web.access import Principal, Role, access, public
from fascia.web.headers import page_policy
from fascia.web.problems import response_of
from fascia.web.unit import current_runtime, current_uow, query
from outcomes_svc.pay import store
from outcomes_svc.pay.api import readable
from outcomes_svc.pay.explanation import Explanation, explain
from outcomes_svc.pay.pdf import pdf

blp = Blueprint("pay-pages", __name__, template_folder="templates", description="Pay statements to read")

_STYLE = resources.files("outcomes_svc.pay").joinpath("templates", "pay", "page.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"
_PAGE = {"200": {"description": "the page", "content": {"text/html": {}}}}
_PDF = {"200": {"description": "the document", "content": {"application/pdf": {}}}}


def _link(token: str) -> Link:
    runtime = current_runtime()
    return read_link(runtime.keyring, PAY_STATEMENT, token, runtime.clock.now())


def _holder(token: str) -> Principal:
    """Whoever holds the link reads the one statement that it names, and nothing else."""
    link = _link(token)
    return Principal(f"link:{link.subject}", link.practice_id, frozenset())


@blp.route("/v1/pay/statements/<statement_id>/page", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.BILLER, Role.AUDITOR, Role.THERAPIST)
@query
@blp.doc(responses=_PAGE)
def show_page(statement_id: str) -> Response:
    """A statement in words and worked figures, as a page."""
    return _page(readable(statement_id), "pdf")


@blp.route("/v1/pay/statements/<statement_id>/pdf", methods=["GET"])
@access(Role.OWNER, Role.ADMIN, Role.BILLER, Role.AUDITOR, Role.THERAPIST)
@query
@blp.doc(responses=_PDF)
def show_pdf(statement_id: str) -> Response:
    """The same as a PDF."""
    return _document(readable(statement_id))


@blp.route("/p/<token>", methods=["GET"])
@public("signed link", principal=_holder)
@query
@blp.doc(responses=_PAGE)
def show_linked_page(token: str) -> Response:
    """The statement that a message's link leads to."""
    found = store.get_statement(current_uow(), _link(token).subject)
    return _page(found, url_for("pay-pages.show_linked_pdf", token=token))


@blp.route("/p/<token>/pdf", methods=["GET"])
@public("signed link", principal=_holder)
@query
@blp.doc(responses=_PDF)
def show_linked_pdf(token: str) -> Response:
    """The same as a PDF."""
    return _document(store.get_statement(current_uow(), _link(token).subject))


@blp.errorhandler(Problem)
def _show_problem(problem: Problem) -> Response:
    """Behind a link a person reads this, so a problem is a page; a client with a token gets its problem document."""
    if request.path.startswith("/v1/"):
        return response_of(problem)
    return _html("unavailable.html", problem.status, expired=problem.status == 410, later=problem.status >= 500)


def _page(found: store.IssuedStatement, pdf_path: str) -> Response:
    return _html("statement.html", 200, found=_explained(found), pdf=pdf_path)


def _document(found: store.IssuedStatement) -> Response:
    named = {"Content-Disposition": f'inline; filename="pay-{found.month}.pdf"'}
    return Response(pdf(_explained(found)), content_type="application/pdf", headers=named)


def _explained(found: store.IssuedStatement) -> Explanation:
    return explain(json.loads(found.content))


def _html(template: str, status: int, **values: Any) -> Response:
    page_policy(_POLICY)
    return Response(
        # The style is ours and its hash is in the policy; escaping would change both.
        render_template(f"pay/{template}", style=Markup(_STYLE), **values),  # noqa: S704
        status=status,
        content_type="text/html; charset=utf-8",
    )
