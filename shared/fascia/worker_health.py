"""The worker's own small port: /metrics, /health/live and /health/ready."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import make_wsgi_app
from pymongo.errors import PyMongoError

from fascia.runtime import Runtime

Alive = Callable[[], dict[str, bool]]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Probes are not worth a line."""


def serve_health(runtime: Runtime, parts: Alive, host: str, port: int) -> None:
    """Answer in a background thread. `parts` tells for each part of the worker whether it is alive."""
    metrics: WSGIApplication = make_wsgi_app()

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            return metrics(environ, start_response)
        checks: dict[str, Alive] = {
            "/health/live": parts,
            "/health/ready": lambda: {**parts(), "database": _answers(runtime)},
        }
        if path not in checks:
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"/metrics, /health/live or /health/ready\n"]
        found = checks[path]()
        status = "200 OK" if all(found.values()) else "503 Service Unavailable"
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps({"service": runtime.service, "parts": found}).encode()]

    server = make_server(host, port, application, server_class=_Server, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()


def _answers(runtime: Runtime) -> bool:
    try:
        runtime.client.admin.command("ping")
    except PyMongoError:
        return False
    return True
