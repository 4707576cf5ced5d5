"""Replay: compute a statement again from the inputs that stand in it, and compare its bytes. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from outcomes_svc.pay.canonical import canonical, digest
from outcomes_svc.pay.codec import DocumentError
from outcomes_svc.pay.rebuild import LoggedEvent, rebuilt
from outcomes_svc.pay.statement import FORMAT, inputs_of, statement

_AROUND = 24


@dataclass(frozen=True)
class Replay:
    """What came of a replay. `sha256` is that of the content as computed again, None where that was not possible.

    `difference` says in words where the first difference is; None when every byte is equal.
    """

    equal: bool
    sha256: str | None
    difference: str | None


def replay(content: bytes, events: Iterable[LoggedEvent] | None = None) -> Replay:
    """Compute a statement again; with `events` its sessions, ways and scores are projected anew from them.

    Never raises: whatever is wrong with the bytes is the difference.
    """
    try:
        document = json.loads(content)
        kept = document["content"]
        if kept["format"] != FORMAT:
            return Replay(False, None, f"content.format is {kept['format']!r}, not {FORMAT}")
        inputs = inputs_of(kept)
        again = statement(inputs if events is None else rebuilt(inputs, events))
    except DocumentError as error:
        return Replay(False, None, f"an input cannot be read: {error}")
    except (ValueError, KeyError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
        return Replay(False, None, f"this is no pay statement ({type(error).__name__}: {error})")
    sha256 = str(json.loads(again)["sha256"])
    if again == content:
        return Replay(True, sha256, None)
    return Replay(False, sha256, first_difference(content, again))


def first_difference(kept: bytes, again: bytes) -> str:
    """Where two statements part, in words: the name of the first field that differs, or the first byte."""
    try:
        left, right = json.loads(kept), json.loads(again)
    except ValueError:
        left = right = None
    # The hash differs with everything else, so it is only named where nothing else differs.
    place = _differs(left, right, "") if left is not None else None
    return place or _bytes_differ(kept, again)


def content_hash(content: bytes) -> str:
    """The SHA-256 that a statement's content has, whatever stands beside it."""
    return digest(canonical(json.loads(content)["content"]))


def _differs(kept: Any, again: Any, path: str) -> str | None:
    if isinstance(kept, dict) and isinstance(again, dict):
        for name in sorted({*kept, *again}):
            if name not in kept or name not in again:
                return f"{path}.{name} is only in the {'statement' if name in kept else 'replay'}".lstrip(".")
            if found := _differs(kept[name], again[name], f"{path}.{name}"):
                return found
        return None
    if isinstance(kept, list) and isinstance(again, list):
        if len(kept) != len(again):
            return f"{path} has {len(kept)} entries in the statement and {len(again)} in the replay".lstrip(".")
        pairs = enumerate(zip(kept, again, strict=True))
        return next((found for place, (a, b) in pairs if (found := _differs(a, b, f"{path}[{place}]"))), None)
    if type(kept) is type(again) and kept == again:
        return None
    return f"{path.lstrip('.')} is {kept!r} in the statement and {again!r} in the replay"


def _bytes_differ(kept: bytes, again: bytes) -> str:
    pairs = zip(kept, again, strict=False)
    place = next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(kept), len(again)))
    near = kept[max(0, place - _AROUND) : place + _AROUND]
    return f"byte {place}: {near!r}; the replay has {len(again)} bytes, the statement {len(kept)}"
