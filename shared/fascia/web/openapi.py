"""The OpenAPI 3.1 document of a service, rendered the same way every time.

python -m fascia.web.openapi scheduling_svc records_svc --to docs/openapi
"""

from __future__ import annotations

import argparse
import copy
import importlib
import inspect
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, current_app
from flask_smorest import Api
from werkzeug.routing import Rule

from fascia.web.access import Guard, guard_of, public

if TYPE_CHECKING:
    from fascia.service import Service

_EXTENSION = "fascia-openapi"
_VARIABLE = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "code", "detail", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "stable; what a program compares"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message", "fix"],
                "properties": {
                    "field": {"type": "string", "description": "with dots, list positions as numbers"},
                    "message": {"type": "string"},
                    "fix": {"type": "string"},
                },
            },
        },
    },
}
_PROBLEM_ANSWER = {
    "description": "A problem: what is wrong and how to mend it.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_AFTER = {
    "in": "header",
    "name": "Fascia-After",
    "description": "the Fascia-Event of an earlier answer: wait until it arrived here",
    "schema": {"type": "string"},
}
_IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "description": 'the ETag of the version that the change is based on, such as "3"',
    "schema": {"type": "string", "pattern": '^"[1-9][0-9]*"$'},
}
_IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "the same request under the same key has one effect",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
_COMMAND_ANSWER_HEADERS = {
    "ETag": {"description": 'the new version, such as "3", for If-Match', "schema": {"type": "string"}},
    "Fascia-Event": {"description": "the events it caused: type/id, comma separated", "schema": {"type": "string"}},
}
# Schemas that flask-smorest adds for features that the suite does not use.
_FOREIGN_SCHEMAS = ("Error", "PaginationMetadata")


class _Api(Api):  # type: ignore[misc]
    """flask-smorest without its error handler and error schema: the kit answers every error in one shape."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        return


def install(app: Flask, blueprints: Sequence[Any]) -> None:
    """Register a service's blueprints and the route /openapi.json."""
    app.config.update(API_TITLE=app.name, API_VERSION="v1", OPENAPI_VERSION="3.1.0")
    api = _Api(app)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    app.extensions[_EXTENSION] = api
    docs = Blueprint("openapi", __name__)
    docs.add_url_rule("/openapi.json", view_func=document, methods=["GET"])
    app.register_blueprint(docs)


@public("the description of the interface holds no data")
def document() -> Response:
    """The document of the service that is asked."""
    return Response(render(current_app), content_type="application/json")


def render_service(service: Service) -> str:
    """The document of a service, without a database or settings."""
    app = Flask(service.name, static_folder=None)
    install(app, service.blueprints)
    return render(app)


def render(app: Flask) -> str:
    """The document as JSON text with sorted names, ending in a line feed."""
    described: dict[str, Any] = copy.deepcopy(app.extensions[_EXTENSION].spec.to_dict())
    components = described.setdefault("components", {})
    components.pop("responses", None)
    components.pop("headers", None)
    schemas = components.setdefault("schemas", {})
    for name in _FOREIGN_SCHEMAS:
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "signed with Ed25519"}
    }
    for rule in app.url_map.iter_rules():
        _describe_rule(app, rule, described["paths"].get(_VARIABLE.sub(r"{\1}", rule.rule), {}))
    return json.dumps(described, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _describe_rule(app: Flask, rule: Rule, operations: dict[str, Any]) -> None:
    view = app.view_functions[rule.endpoint]
    guard = guard_of(view)
    for method in rule.methods or ():
        operation = operations.get(method.lower())
        if operation is not None and guard is not None:
            operation.setdefault("operationId", rule.endpoint.replace(".", "_"))
            _describe_guard(operation, guard)
            _describe_unit(operation, view)


def _describe_guard(operation: dict[str, Any], guard: Guard) -> None:
    operation["security"] = [{"bearer": []}] if guard.roles else []
    if guard.roles:
        operation["x-roles"] = sorted(guard.roles)
    else:
        operation["x-public-because"] = guard.reason


def _describe_unit(operation: dict[str, Any], view: Any) -> None:
    is_command = getattr(view, "fascia_unit", "") == "command"
    parameters = operation.setdefault("parameters", [])
    # A view asks for If-Match by calling required_version(): its code says so, and cannot be forgotten here.
    if "required_version" in inspect.unwrap(view).__code__.co_names:
        parameters.append(_IF_MATCH)
    parameters.extend([_IDEMPOTENCY_KEY, _AFTER] if is_command else [_AFTER])
    responses = operation.setdefault("responses", {})
    # flask-smorest refers to its own error answers, which this kit does not send.
    for status in [status for status, response in responses.items() if "$ref" in response]:
        del responses[status]
    for status, response in responses.items():
        if is_command and str(status).startswith("2"):
            response["headers"] = {**_COMMAND_ANSWER_HEADERS, **response.get("headers", {})}
    responses["default"] = _PROBLEM_ANSWER


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the documents of services; each package holds its SERVICE in a module `service`."""
    parser = argparse.ArgumentParser(prog="python -m fascia.web.openapi", description=main.__doc__)
    parser.add_argument("packages", nargs="+", help="such as scheduling_svc")
    parser.add_argument("--to", type=Path, required=True, help="folder of the documents")
    options = parser.parse_args(arguments)
    options.to.mkdir(parents=True, exist_ok=True)
    for package in options.packages:
        service = importlib.import_module(f"{package}.service").SERVICE
        (options.to / f"{service.name}.json").write_text(render_service(service), encoding="utf-8")


if __name__ == "__main__":
    main()
