"""Answers in the form that was asked for: CSV, SVG, PNG or a page."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

from flask import Response, render_template, request
from markupsafe import Markup

from fascia.web.headers import page_policy
from outcomes_svc.results.drawings import Drawing

# A chart carries its colours as style attributes; nothing in it can load or run anything.
_CHART_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


class Form(StrEnum):
    """What an answer can be written as."""

    JSON = "json"
    CSV = "csv"
    SVG = "svg"
    PNG = "png"
    HTML = "html"


_TYPES = {
    Form.JSON: "application/json",
    Form.CSV: "text/csv",
    Form.SVG: "image/svg+xml",
    Form.PNG: "image/png",
    Form.HTML: "text/html",
}


def wanted_form(query: Mapping[str, Any], forms: tuple[str, ...]) -> Form:
    """The form that the query names, else the one that the header Accept prefers, else JSON."""
    if query.get("format"):
        return Form(query["format"])
    types = {_TYPES[Form(form)]: Form(form) for form in forms}
    best = request.accept_mimetypes.best_match(list(types), default=_TYPES[Form.JSON])
    return types[best]


def documented(*forms: Form) -> dict[str, Any]:
    """What OpenAPI says of the forms beside JSON."""
    return {"200": {"content": {_TYPES[form]: {} for form in forms}}}


def csv_answer(text: str, name: str) -> Response:
    """A CSV file."""
    answer = Response(text, content_type="text/csv; charset=utf-8; header=present")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return _varying(answer)


def chart_answer(drawing: Drawing, form: Form) -> Response:
    """A chart. Its words are in the SVG; who asks for the PNG finds them in the JSON of the same address."""
    if form is Form.PNG:
        return _varying(Response(drawing.png(), content_type=_TYPES[Form.PNG]))
    page_policy(_CHART_POLICY)
    return _varying(Response(drawing.svg(), content_type="image/svg+xml; charset=utf-8"))


def page_answer(template: str, **values: Any) -> Response:
    """A page without anything from elsewhere: style and charts are in it."""
    style, policy = _style()
    page_policy(policy)
    # The style is ours and its hash is in the policy; escaping would change both.
    text = render_template(template, style=Markup(style), inline=_inline, **values)  # noqa: S704
    return _varying(Response(text, content_type="text/html; charset=utf-8"))


def _inline(drawing: Drawing) -> str:
    """A chart as the address of an image: so the policy of the page need not allow styles within it."""
    return f"data:image/svg+xml;base64,{base64.b64encode(drawing.svg()).decode()}"


def _varying(answer: Response) -> Response:
    answer.headers["Vary"] = "Accept"
    return answer


@cache
def _style() -> tuple[str, str]:
    file = resources.files("outcomes_svc.results").joinpath("templates", "results.css")
    style = file.read_text(encoding="utf-8")
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    return (
        style,
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
    )
