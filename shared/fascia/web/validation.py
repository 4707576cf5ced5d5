"""From marshmallow's nested messages to a flat list of fields, each with what is wrong and how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from marshmallow import Schema, fields, validate

from fascia.problem import FieldError

UNKNOWN = "Unknown field."
REQUIRED = "Missing data for required field."
NOT_NULL = "Field may not be null."

# Most specific class first: the first that matches an instance names the fix.
_WHAT_TO_SEND: tuple[tuple[type[fields.Field[Any]], str], ...] = (
    (fields.Boolean, "Send true or false."),
    (fields.Integer, "Send a whole number."),
    (fields.Number, "Send a number."),
    (fields.AwareDateTime, "Send an instant with its offset, for example 2026-11-23T14:30:00Z."),
    (fields.NaiveDateTime, "Send YYYY-MM-DDTHH:MM without an offset."),
    (fields.Date, "Send YYYY-MM-DD."),
    (fields.Email, "Send a mail address, for example name@example.org."),
    (fields.String, "Send a string."),
    (fields.List, "Send a list."),
    (fields.Dict, "Send an object."),
    (fields.Nested, "Send an object."),
)


def field_errors(messages: Any, schema: Schema | None = None) -> list[FieldError]:
    """Flatten messages; a field is written with dots, list positions are numbers: `measures.0.instrument`."""
    return [
        FieldError(".".join(path), _say(message, path), _fix(message, path, schema))
        for path, message in _walk(messages)
    ]


def _walk(messages: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from _walk(inner, path if key == "_schema" else (*path, str(key)))
    elif isinstance(messages, list | tuple):
        for inner in messages:
            yield from _walk(inner, path)
    else:
        yield path, str(messages)


def _say(message: str, path: tuple[str, ...]) -> str:
    if message == "Invalid input type.":
        return "This is not an object." if path else "The body is not a JSON object."
    return message


def _fix(message: str, path: tuple[str, ...], schema: Schema | None) -> str:
    if message == "Invalid input type.":
        return "Send an object."
    if message == UNKNOWN:
        return _fix_unknown(path, schema)
    field = _field_at(path, schema)
    return _fix_of(field, message)


def _fix_of(field: fields.Field[Any] | None, message: str) -> str:
    advice = getattr(field, "fix", "") or _advice(field)
    if message == REQUIRED:
        return f"Add it. {advice}".strip()
    if message == NOT_NULL:
        return f"Leave it out or give it a value. {advice}".strip()
    return advice or "Correct the value."


def _advice(field: fields.Field[Any] | None) -> str:
    if field is None:
        return ""
    for check in field.validators:
        if isinstance(check, validate.OneOf):
            return f"Send one of: {check.choices_text}."
        if isinstance(check, validate.Range | validate.Length):
            return _bounds(check, field)
    return next((advice for kind, advice in _WHAT_TO_SEND if isinstance(field, kind)), "")


def _bounds(check: validate.Range | validate.Length, field: fields.Field[Any]) -> str:
    unit = ""
    if isinstance(check, validate.Length):
        unit = " characters" if isinstance(field, fields.String) else " items"
    exact = getattr(check, "equal", None)
    if exact is not None:
        return f"Send exactly {exact}{unit}."
    low, high = check.min, check.max
    if low is not None and high is not None:
        return f"Send {low} to {high}{unit}."
    return f"Send at least {low}{unit}." if low is not None else f"Send at most {high}{unit}."


def _fix_unknown(path: tuple[str, ...], schema: Schema | None) -> str:
    owner = _schema_at(path[:-1], schema)
    if owner is None or not path:
        return "Remove it."
    known = sorted(field.data_key or name for name, field in owner.load_fields.items())
    near = difflib.get_close_matches(path[-1], known, n=1)
    if near:
        return f"Remove it, or did you mean {near[0]}?"
    return f"Remove it. Known fields: {', '.join(known)}." if known else "Remove it: nothing is expected here."


def _schema_at(path: tuple[str, ...], schema: Schema | None) -> Schema | None:
    if not path:
        return schema
    field = _field_at(path, schema)
    return field.schema if isinstance(field, fields.Nested) else None


def _field_at(path: tuple[str, ...], schema: Schema | None) -> fields.Field[Any] | None:
    field: fields.Field[Any] | None = None
    owner = schema
    for part in path:
        if isinstance(field, fields.List) and part.isdigit():
            field = field.inner
        elif isinstance(field, fields.Nested) and field.many and part.isdigit():
            continue
        elif owner is None:
            return None
        else:
            field = _named(owner, part)
        owner = field.schema if isinstance(field, fields.Nested) else None
    return field


def _named(owner: Schema, key: str) -> fields.Field[Any] | None:
    for name, field in owner.load_fields.items():
        if key == (field.data_key or name):
            return field
    return None
