"""The OpenAPI 3.1 document of a service, rendered the same way every time."""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, current_app

from fascia.web.access import Guard, guard_of, public

if TYPE_CHECKING:
    from flask_smorest import Api

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
_COMMAND_HEADERS = (
    ("Idempotency-Key", "1 to 255 characters; the same request under the same key has one effect", 255),
)
_AFTER = ("Fascia-After", "the Fascia-Event of an earlier answer: wait until it arrived here", None)
_VARIABLE = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")


def blueprint(api: Api) -> Blueprint:
    """The route /openapi.json."""
    docs = Blueprint("openapi", __name__)

    @public("the description of the interface holds no data")
    def document() -> Response:
        return Response(render(current_app), content_type="application/json")

    docs.add_url_rule("/openapi.json", view_func=document, methods=["GET"])
    docs.record(lambda state: state.app.extensions.__setitem__("fascia-openapi", api))
    return docs


def render(app: Flask) -> str:
    """The document as JSON text with sorted names, ending in a line feed."""
    document: dict[str, Any] = copy.deepcopy(app.extensions["fascia-openapi"].spec.to_dict())
    components = document.setdefault("components", {})
    components.pop("responses", None)
    components.pop("headers", None)
    schemas = components.setdefault("schemas", {})
    schemas.pop("Error", None)
    schemas["Problem"] = PROBLEM
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "Ed25519"}
    }
    _describe_guards(app, document)
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _describe_guards(app: Flask, document: dict[str, Any]) -> None:
    for rule in app.url_map.iter_rules():
        operations = document["paths"].get(_VARIABLE.sub(r"{\1}", rule.rule), {})
        view = app.view_functions[rule.endpoint]
        guard = guard_of(view)
        for method in rule.methods or ():
            operation = operations.get(method.lower())
            if operation is not None and guard is not None:
                _describe(operation, guard, getattr(view, "fascia_unit", ""))


def _describe(operation: dict[str, Any], guard: Guard, unit: str) -> None:
    operation["security"] = [{"bearer": []}] if guard.roles else []
    operation["x-roles"] = sorted(guard.roles)
    if guard.reason:
        operation["x-public-because"] = guard.reason
    parameters = operation.setdefault("parameters", [])
    for name, description, most in (*(_COMMAND_HEADERS if unit == "command" else ()), _AFTER):
        schema: dict[str, Any] = {"type": "string"} | ({"maxLength": most} if most else {})
        parameters.append({"in": "header", "name": name, "description": description, "schema": schema})
    responses = operation.setdefault("responses", {})
    # flask-smorest refers to its own error answers, which this kit does not send.
    for status in [status for status, response in responses.items() if "$ref" in response]:
        del responses[status]
    responses["default"] = _PROBLEM_ANSWER
