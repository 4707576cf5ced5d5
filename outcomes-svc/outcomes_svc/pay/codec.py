"""Dataclasses of pay as plain documents and back, by their type hints: no figure changes its spelling on the way. Pure.

Decimals become text with the places that they have, dates and moments ISO 8601, tuples lists. Reading is strict: a
field that is missing, unknown or of another kind raises DocumentError with its path.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, cast

from fascia.problem import RuleViolation
from outcomes_svc.pay.money import decimal_of
from outcomes_svc.pay.month import Month

T = TypeVar("T")


class DocumentError(ValueError):
    """The document does not hold what its form says; the message names the place."""


def to_document(value: Any) -> Any:
    """A dataclass (or what its fields hold) as JSON-like values."""
    if is_dataclass(value) and not isinstance(value, type | Month):
        return {field.name: to_document(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum | Month):
        return str(value)
    if isinstance(value, Mapping):
        return {name: to_document(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [to_document(inner) for inner in value]
    return value


def from_document(kind: type[T], document: Any, path: str = "") -> T:
    """A dataclass from its document; raises DocumentError."""
    if not isinstance(document, Mapping):
        raise DocumentError(f"{path or 'document'}: not an object")
    hints = _hints(cast(Hashable, kind))
    unknown = sorted(set(document) - set(hints))
    if unknown:
        raise DocumentError(f"{path}.{unknown[0]}: not a field of {kind.__name__}")
    values = {name: _read(hints[name], document[name], f"{path}.{name}") for name in hints if name in document}
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name not in values and field.default is MISSING and field.default_factory is MISSING:
            raise DocumentError(f"{path}.{field.name}: missing")
    return kind(**values)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _read(hint: Any, value: Any, path: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        (hint,) = [argument for argument in arguments if argument is not type(None)]
        return _read(hint, value, path)
    if origin is tuple:
        if not isinstance(value, list):
            raise DocumentError(f"{path}: not a list")
        return tuple(_read(arguments[0], inner, f"{path}[{place}]") for place, inner in enumerate(value))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            raise DocumentError(f"{path}: not an object")
        return {name: _read(arguments[1], inner, f"{path}.{name}") for name, inner in value.items()}
    if is_dataclass(hint) and hint is not Month and isinstance(hint, type):
        return from_document(hint, value, path)
    return _plain(hint, value, path)


def _plain(hint: Any, value: Any, path: str) -> Any:
    if hint in (bool, int):
        if type(value) is not hint:
            raise DocumentError(f"{path}: not {'a whole number' if hint is int else 'true or false'}")
        return value
    if not isinstance(value, str):
        raise DocumentError(f"{path}: not text")
    try:
        if hint is Decimal:
            return decimal_of(value)
        if hint is datetime:
            return datetime.fromisoformat(value)
        if hint is date:
            return date.fromisoformat(value)
        if hint is Month:
            return Month.read(value, path)
        return hint(value)
    except (ValueError, RuleViolation) as error:
        raise DocumentError(f"{path}: {error}") from None
