"""The application factory: everything that the services' web processes have in common."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from flask import Flask

from fascia.settings import ServiceSettings, SettingsError
from fascia.web import headers, health, jwks, metrics, openapi, problems, request_log
from fascia.web.access import guard_of
from fascia.web.running import EXTENSION, Kit
from fascia.web.tokens import TokenReader

if TYPE_CHECKING:
    from fascia.runtime import Runtime
    from fascia.service import Service


class UnguardedRoute(TypeError):
    """A route says neither @access nor @public; nothing may be open by oversight."""


def create_app(service: Service, runtime: Runtime) -> Flask:
    """The web application of a service; raises UnguardedRoute or SettingsError before it could serve anything wrong."""
    app = Flask(service.name, static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=runtime.settings.max_body_bytes,
        MAX_FORM_MEMORY_SIZE=runtime.settings.max_body_bytes,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions[EXTENSION] = Kit(service, runtime, _token_reader(runtime))
    _register_hooks(app)
    _register_routes(app, service)
    _check_guards(app)
    return app


def _register_hooks(app: Flask) -> None:
    # Flask runs after_request in reverse: the log line comes last and sees the finished answer.
    request_log.register(app)
    headers.register(app)
    problems.register(app)


def _register_routes(app: Flask, service: Service) -> None:
    openapi.install(app, service.blueprints)
    app.register_blueprint(health.blueprint())
    app.register_blueprint(metrics.blueprint())


def _check_guards(app: Flask) -> None:
    open_routes = [
        f"{', '.join(sorted(rule.methods or ()))} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if not _guarded(app.view_functions[rule.endpoint])
    ]
    if open_routes:
        raise UnguardedRoute(f"neither @access nor @public on: {'; '.join(open_routes)}")


def _guarded(view: Any) -> bool:
    view_class = getattr(view, "view_class", None)
    if view_class is None:
        return guard_of(view) is not None
    methods = (getattr(view_class, method.lower(), None) for method in view_class.methods or ())
    return all(guard_of(method) for method in methods if method is not None)


def _token_reader(runtime: Runtime) -> TokenReader:
    settings = runtime.settings
    return TokenReader(
        key_source(settings), issuer=settings.oidc_issuer, audience=settings.token_audience, clock=runtime.clock
    )


def key_source(settings: ServiceSettings) -> jwks.KeySource:
    """Where the issuer's keys come from; raises SettingsError when no issuer is named."""
    if not settings.oidc_issuer:
        raise SettingsError("FASCIA_OIDC_ISSUER is not set: no token could be accepted")
    if settings.jwks_url.startswith("file:"):
        return jwks.from_file(Path(unquote(urlsplit(settings.jwks_url).path)))
    if settings.jwks_url:
        return jwks.from_url(settings.jwks_url)
    return jwks.from_issuer(settings.oidc_issuer)
