"""OpenTelemetry traces: a request, its events and their handlers are one trace, joined by `traceparent`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_propagator = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("fascia.web")


def configure_tracing(service: str, otlp_endpoint: str = "") -> None:
    """Make spans real, and export them where a collector is named. The first call of a process counts.

    Without a collector the ids are still made and passed on: logs and events carry them.
    """
    if isinstance(trace.get_tracer_provider(), TracerProvider):
        return
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    if otlp_endpoint:
        exporter = OTLPSpanExporter(endpoint=otlp_endpoint.rstrip("/") + "/v1/traces", timeout=5)
        provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)


def current_traceparent() -> str | None:
    """The W3C traceparent of the span that runs now, or None outside one."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")


def current_trace_id() -> str | None:
    """The id of the trace that runs now, 32 hex digits, or None outside one."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


@contextmanager
def continued(traceparent: str | None, name: str) -> Iterator[None]:
    """A span of the trace that was noted down earlier, for what is done on its behalf; without one, of its own."""
    context = _propagator.extract({"traceparent": traceparent} if traceparent else {})
    with _tracer.start_as_current_span(name, context=context):
        yield


class ServerSpans:
    """WSGI middleware: one server span around each request, joined to the caller's trace.

    It names no path: the web kit adds the route once it is known.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = str(environ.get("REQUEST_METHOD", ""))
        with _tracer.start_as_current_span(method, context=_caller(environ), kind=trace.SpanKind.SERVER):
            return self._application(environ, start_response)


def _caller(environ: dict[str, Any]) -> Any:
    carrier = {"traceparent": environ.get("HTTP_TRACEPARENT", ""), "tracestate": environ.get("HTTP_TRACESTATE", "")}
    return _propagator.extract({name: value for name, value in carrier.items() if value})
