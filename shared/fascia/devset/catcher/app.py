"""The catcher's HTTP application."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from fascia.devset.catcher import pages, script_api, sms_api
from fascia.devset.catcher.parts import Parts, install

_MAX_BODY = 2 * 1024 * 1024


def create_app(known: Parts) -> Flask:
    """Pages for people, JSON for scripts, and the provider's API for the suite."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY
    install(app, known)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(script_api.blueprint)
    app.register_blueprint(sms_api.blueprint)
    app.after_request(_guard)

    @app.get("/health/live")
    def live() -> Response:
        return jsonify({"status": "ok"})

    return app


def _guard(response: Response) -> Response:
    # A caught message is other people's text: nothing in it may run.
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


class _Handler(WSGIRequestHandler):
    """Keeps connections open and sends headers and body without waiting for each other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: addresses in query strings are not for a log."""

    def log_error(self, format: str, *args: Any) -> None:
        """Nothing: a kept-open connection that times out is no error."""


def http_server(app: Flask, port: int, host: str = "127.0.0.1") -> BaseWSGIServer:
    """A threaded server, bound but not yet serving; raises OSError or exits when the port is taken."""
    return make_server(host, port, app, threaded=True, request_handler=_Handler)
