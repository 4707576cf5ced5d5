"""The web process: `create_app` for servers and tests."""

from __future__ import annotations

from flask import Flask

from fascia.runtime import Runtime
from fascia.web import app
from scheduling_svc.service import SERVICE


def create_app(runtime: Runtime) -> Flask:
    """The web application."""
    return app.create_app(SERVICE, runtime)
