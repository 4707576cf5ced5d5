"""Reading the body: its size, its media type, and JSON that means one thing only."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request

from fascia.problem import FieldError
from fascia.web.problems import BadRequest, UnsupportedMedia, too_large

View = TypeVar("View", bound=Callable[..., Any])

MAX_INTEGER = 2**63 - 1  # what the database can hold


def body_limit(max_bytes: int) -> Callable[[View], View]:
    """Let a route take larger (or only smaller) bodies than the service's usual limit."""

    def decorate(view: View) -> View:
        view.__dict__["fascia_body_limit"] = max_bytes
        return view

    return decorate


def check(view: Callable[..., Any]) -> None:
    """Refuse a body that is too large, of another format than the view reads, or not strict JSON."""
    limit = getattr(view, "fascia_body_limit", current_app.config["MAX_CONTENT_LENGTH"])
    request.max_content_length = limit
    if request.content_length is None:
        _bound_chunked(limit)
    elif request.content_length > limit:
        raise too_large(limit)
    if _reads_json(view):
        _check_json(request.get_data(cache=True))


def _bound_chunked(limit: int) -> None:
    # A body without a length is cut at the limit by the framework, without a word: so one byte more is asked for.
    # It is kept, so a view reads it with request.get_data(), not from the stream.
    request.max_content_length = limit + 1
    if len(request.get_data(cache=True)) > limit:
        raise too_large(limit)


def _check_json(raw: bytes) -> None:
    if not raw:
        return
    if not (request.mimetype == "application/json" or request.mimetype.endswith("+json")):
        sent = request.mimetype or "no media type"
        detail = f"This route reads JSON, not {sent}. Send Content-Type: application/json."
        raise UnsupportedMedia("unsupported-media-type", detail)
    strict_json(raw)


def strict_json(raw: bytes) -> Any:
    """Parse JSON (RFC 8259) and refuse what readers disagree about: doubled names, NaN, huge numbers, half characters.

    Raises BadRequest with the position (line and column) or the name at fault.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise malformed(f"byte {error.start + 1} is not UTF-8") from None
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_float
        )
    except json.JSONDecodeError as error:
        raise malformed(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise malformed("it is nested too deeply") from None
    if "\\ud" in text.lower() and not _encodable(value):
        raise malformed("a \\u escape names half a character")
    return value


def malformed(reason: str) -> BadRequest:
    """The 400 for a body that is not JSON."""
    detail = f"The body is not valid JSON: {reason}."
    return BadRequest("malformed-json", detail, errors=[FieldError("", detail, "Send one JSON object in UTF-8.")])


def _reads_json(view: Callable[..., Any]) -> bool:
    parameters = getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", [])
    return any(parameter.get("in") == "json" for parameter in parameters)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise malformed(f"the name {doubled[:80]!r} appears twice in one object")
    return value


def _constant(name: str) -> Any:
    raise malformed(f"{name} is not a JSON number")


def _integer(digits: str) -> int:
    if len(digits) > 20 or abs(int(digits)) > MAX_INTEGER:
        raise malformed("a number is larger than 64 bits hold")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise malformed("a number is larger than 64 bits hold")
    return value


def _encodable(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
