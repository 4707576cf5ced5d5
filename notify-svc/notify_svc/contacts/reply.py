"""What a patient means by a reply. The words are data (data/reply_words.json)."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any


class Meaning(StrEnum):
    """What a reply asks for."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    CONFIRM = "confirm"
    CALL_ME = "call_me"
    HELP = "help"
    OTHER = "other"


# An opt-out must never be missed, so it is looked for first: "stop, call me" is an opt-out.
_ORDER = (Meaning.OPT_OUT, Meaning.OPT_IN, Meaning.CONFIRM, Meaning.CALL_ME, Meaning.HELP)


def meaning_of(text: str, words: Mapping[str, Any] | None = None) -> Meaning:
    """The request in a reply, in English or Spanish. CANCEL is an opt-out, never "cancel my visit"."""
    said = _plain(text)
    known = words if words is not None else reply_words()
    for meaning in _ORDER:
        if said in known[meaning]["words"]:
            return meaning
    for meaning in _ORDER:
        if any(re.search(rf"\b{re.escape(phrase)}", said) for phrase in known[meaning]["phrases"]):
            return meaning
    return Meaning.OTHER


@cache
def reply_words() -> Mapping[str, Any]:
    """The words that are understood."""
    text = files("notify_svc.contacts").joinpath("data/reply_words.json").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = json.loads(text)
    return loaded


def _plain(text: str) -> str:
    """Lower case, without accents, apostrophes or punctuation, single spaces."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in folded if not unicodedata.combining(c) and c not in "'’")
    return " ".join(re.sub(r"[^a-z0-9]+", " ", letters).split())
