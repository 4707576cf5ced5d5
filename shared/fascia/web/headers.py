"""What every answer carries: a request id, and headers that keep browsers and caches from harm."""

from __future__ import annotations

import re

from flask import Flask, Response, g, request

from fascia.ids import new_id
from fascia.web import etag

REQUEST_ID = "X-Request-Id"
# What may stand in a log line and an answer; anything else is replaced, not refused.
_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{8,80}")
_HSTS = "max-age=31536000; includeSubDomains"
_DEFAULTS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def register(app: Flask) -> None:
    """Put the headers on every answer of the app, errors included."""
    app.before_request(_name_request)
    app.after_request(_finish)


def page_policy(policy: str) -> None:
    """Another Content-Security-Policy for this answer, for a view that renders a page."""
    g.fascia_page_policy = policy


def forget_page_policy() -> None:
    """Drop what an earlier attempt of the same request asked for."""
    g.pop("fascia_page_policy", None)


def request_id() -> str:
    """The id of this request, the caller's own where it sent a usable one."""
    return str(g.get("fascia_request_id", ""))


def _name_request() -> None:
    sent = request.headers.get(REQUEST_ID, "")
    g.fascia_request_id = sent if _SANE_ID.fullmatch(sent) else new_id()


def _finish(response: Response) -> Response:
    etag.apply(response)
    response.headers[REQUEST_ID] = request_id()
    for name, value in _DEFAULTS.items():
        response.headers.setdefault(name, value)
    if policy := g.get("fascia_page_policy"):
        response.headers["Content-Security-Policy"] = policy
    # A proxy that ends TLS says so; where nobody does, browsers ignore the header on plain http anyway.
    if request.is_secure or request.headers.get("X-Forwarded-Proto") == "https":
        response.headers["Strict-Transport-Security"] = _HSTS
    return response
