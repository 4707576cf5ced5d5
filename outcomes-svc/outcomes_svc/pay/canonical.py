"""One spelling for a document: the bytes that are stored, hashed, compared and shown. Pure.

UTF-8 JSON, names sorted, no white space, fractions as text with fixed places, one line feed at the end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any


class NotCanonical(ValueError):
    """The document holds a value that has more than one spelling."""


def canonical(document: Mapping[str, Any]) -> bytes:
    """The bytes of a document; raises NotCanonical for floats and anything that is not JSON."""
    _check(document, "")
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode() + b"\n"


def digest(content: bytes) -> str:
    """SHA-256, in hex."""
    return sha256(content).hexdigest()


def _check(value: Any, path: str) -> None:
    if isinstance(value, float):
        raise NotCanonical(f"{path}: a float has no fixed spelling; write it as text with fixed places")
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if not isinstance(name, str):
                raise NotCanonical(f"{path}: names are text")
            _check(inner, f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            _check(inner, f"{path}[{place}]")
    elif value is not None and not isinstance(value, str | int | bool):
        raise NotCanonical(f"{path}: {type(value).__name__} is no JSON")
