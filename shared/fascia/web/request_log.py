"""One log line and one finished span per request: method, route, status, time. Never a path, a query or a body."""

from __future__ import annotations

import logging
import time

from flask import Flask, Response, g, request
from opentelemetry import trace

from fascia.observability import tracing
from fascia.observability.metrics import REQUEST_SECONDS, REQUESTS
from fascia.web.headers import request_id
from fascia.web.running import kit

log = logging.getLogger(__name__)

UNMATCHED = "unmatched"
# A standard-to-be (W3C Trace Context, level 2) by which a caller learns the trace that its request started.
TRACE_HEADER = "traceresponse"
_QUIET = ("/health/", "/metrics")


def register(app: Flask) -> None:
    """Time, count, trace and log every request of the app."""
    app.wsgi_app = tracing.ServerSpans(app.wsgi_app)  # type: ignore[method-assign]
    app.before_request(_start)
    app.after_request(_finish)


def route_label() -> str:
    """The rule that a request matched, such as /v1/holds/<hold_id>."""
    return request.url_rule.rule if request.url_rule else UNMATCHED


def _start() -> None:
    g.fascia_started = time.perf_counter()


def _finish(response: Response) -> Response:
    # Any word may stand where the method is, so an unmatched one is not made a label.
    service, route = kit().service.name, route_label()
    method = request.method if request.url_rule else "other"
    seconds = time.perf_counter() - g.get("fascia_started", time.perf_counter())
    REQUESTS.labels(service, method, route, str(response.status_code)).inc()
    REQUEST_SECONDS.labels(service, method, route).observe(seconds)
    _trace(response, method, route)
    if not route.startswith(_QUIET):
        log.info(
            "request",
            extra={
                "method": method,
                "route": route,
                "status": response.status_code,
                "duration_ms": round(seconds * 1000, 2),
                "request_id": request_id(),
            },
        )
    return response


def _trace(response: Response, method: str, route: str) -> None:
    span = trace.get_current_span()
    span.update_name(f"{method} {route}")
    span.set_attributes(
        {"http.request.method": method, "http.route": route, "http.response.status_code": response.status_code}
    )
    if response.status_code >= 500:
        span.set_status(trace.StatusCode.ERROR)
    if traceparent := tracing.current_traceparent():
        response.headers[TRACE_HEADER] = traceparent
