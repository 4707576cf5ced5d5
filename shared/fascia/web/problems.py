"""Every error leaves as RFC 9457 problem+json: a stable code, what is wrong, and per field how to mend it."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, request
from marshmallow import ValidationError
from pymongo.errors import ConnectionFailure, DuplicateKeyError, ExecutionTimeout, WTimeoutError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from fascia.problem import Conflict, FieldError, Problem, Unavailable
from fascia.web import validation
from fascia.web.tokens import Unauthenticated

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:fascia:problem:"


class BadRequest(Problem):
    """400: the request could not be read at all."""

    status = 400


class InvalidRequest(Problem):
    """422: the request was read and some of its fields are not acceptable."""

    status = 422

    def __init__(self, errors: Sequence[FieldError]) -> None:
        count = len(errors)
        fields = "1 field is" if count == 1 else f"{count} fields are"
        super().__init__("invalid-request", f"{fields} not acceptable: {_names(errors)}.", errors=errors)


class BodyTooLarge(Problem):
    """413: more bytes than the route takes."""

    status = 413


class UnsupportedMedia(Problem):
    """415: the body is in another format than the route reads."""

    status = 415


def register(app: Flask) -> None:
    """Answer every error of the app with problem+json."""
    app.register_error_handler(Problem, response_of)
    app.register_error_handler(ValidationError, _invalid)
    app.register_error_handler(DuplicateKeyError, _duplicate)
    app.register_error_handler(HTTPException, _http)
    for transient in (ConnectionFailure, ExecutionTimeout, WTimeoutError):
        app.register_error_handler(transient, _database_away)
    app.register_error_handler(Exception, _unexpected)


def response_of(problem: Problem) -> Response:
    """The answer that tells a caller about a problem."""
    body: dict[str, Any] = {
        "type": TYPE_PREFIX + problem.code,
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "errors": [error._asdict() for error in problem.errors],
    }
    if request_id := g.get("fascia_request_id"):
        body["request_id"] = request_id
    response = Response(json.dumps(body), status=problem.status, content_type=MEDIA_TYPE)
    if isinstance(problem, Unauthenticated):
        response.headers["WWW-Authenticate"] = problem.challenge
    if isinstance(problem, Unavailable):
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def duplicate(error: DuplicateKeyError) -> Conflict:
    """A unique index said no; names its fields, never their values."""
    pattern = (error.details or {}).get("keyPattern") or {}
    fields = ", ".join(name for name in pattern if name not in ("practice_id", "_id"))
    about = f" with the same {fields}" if fields else ""
    return Conflict("already-exists", f"There is already one{about}.")


def database_away() -> Unavailable:
    """The 503 for a database that does not answer. An outcome may be unknown, so it promises nothing."""
    return Unavailable(
        "database-unavailable", "The database does not answer. Send the request again, with the same key."
    )


def too_large(limit: int | None) -> BodyTooLarge:
    """The 413 that names the limit."""
    allowed = f"{limit:,} bytes" if limit else "a few bytes"
    return BodyTooLarge("body-too-large", f"The body is larger than the {allowed} that this route takes.")


def _invalid(error: ValidationError) -> Response:
    return response_of(InvalidRequest(validation.field_errors(error.messages)))


def _duplicate(error: DuplicateKeyError) -> Response:
    return response_of(duplicate(error))


def _database_away(error: Exception) -> Response:
    log.warning("database away", extra={"error_type": type(error).__name__})
    return response_of(database_away())


def _http(error: HTTPException) -> Any:
    if isinstance(error, RequestEntityTooLarge):
        return response_of(too_large(request.max_content_length))
    data = getattr(error, "data", None) or {}
    if error.code == HTTPStatus.UNPROCESSABLE_ENTITY and "messages" in data:
        errors = validation.field_errors(_unlocated(data["messages"]), data.get("schema"))
        return response_of(InvalidRequest(errors))
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error  # a redirect, or a view that aborted with its own answer
    return _plain(error)


def _plain(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or 500)
    problem = _OfStatus(status.phrase.lower().replace(" ", "-"), _detail(error, status))
    problem.__dict__["status"] = status.value
    response = response_of(problem)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


class _OfStatus(Problem):
    """Stands for an HTTP error that the framework raised."""


def _detail(error: HTTPException, status: HTTPStatus) -> str:
    if status == HTTPStatus.NOT_FOUND:
        return "There is no such address in this service."
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        return f"{request.method} is not possible here. Possible: {allowed}."
    return error.description or status.phrase


def _unexpected(error: Exception) -> Response:
    # The message of an unknown exception may carry values of a person: only its type and place are logged.
    log.error("request failed", exc_info=error)
    return response_of(Problem("internal-error", "Something failed on our side; nothing was changed. It was logged."))


def _unlocated(messages: Any) -> Any:
    """Messages without the name of the place (json, query, ...) that the parser puts around them."""
    if isinstance(messages, dict) and len(messages) == 1:
        (location, inner), *_ = messages.items()
        if location in (
            "json",
            "query",
            "querystring",
            "form",
            "headers",
            "path",
            "view_args",
            "files",
            "json_or_form",
        ):
            return inner
    return messages


def _names(errors: Sequence[FieldError]) -> str:
    return ", ".join(dict.fromkeys(error.field or "the body" for error in errors))
