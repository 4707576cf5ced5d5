"""The web process: gunicorn, one worker process with threads. Clients are made after the fork."""

from __future__ import annotations

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from fascia.runtime import open_runtime
from fascia.service import Service
from fascia.settings import ServiceSettings, SettingsError
from fascia.web.app import create_app, key_source


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn without its command line."""

    def __init__(self, service: Service, settings: ServiceSettings) -> None:
        self._service = service
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": f"{self._settings.http_host}:{self._settings.http_port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": self._settings.http_threads,
            "graceful_timeout": 20,
            "keepalive": 30,
            "accesslog": None,
            "loglevel": "warning",
            "worker_tmp_dir": None,
            "control_socket_disable": True,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        runtime = open_runtime(self._service.name, self._settings)
        runtime.clear_away()
        self._service.prepare()
        return create_app(self._service, runtime)


def serve(service: Service, settings: ServiceSettings) -> None:
    """Serve until SIGTERM; requests in hand are finished. Settings that cannot work end it with one line."""
    try:
        key_source(settings)
    except SettingsError as error:
        raise SystemExit(f"{service.name}: {error}") from None
    _Server(service, settings).run()
