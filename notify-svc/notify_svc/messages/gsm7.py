"""The alphabet of text messages, GSM 03.38 7-bit: one other character makes a text UCS-2, 70 a segment and not 160."""

from __future__ import annotations

import unicodedata

SEGMENT = 160

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")
_REPLACED = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ", "•": "*", "`": "'"}


def fold(text: str) -> str:
    """The text in the 7-bit alphabet: typographic marks made plain, accents dropped where the alphabet lacks them.

    What has no counterpart becomes a question mark.
    """
    return "".join(_fold_one(character) for character in unicodedata.normalize("NFC", text))


def _fold_one(character: str) -> str:
    if character in _BASIC or character in _EXTENDED:
        return character
    if character in _REPLACED:
        return _REPLACED[character]
    bare = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    if bare and all(c in _BASIC for c in bare):
        return bare
    return "?"


def septets(text: str) -> int:
    """Length as the network counts it: characters of the extension table take two. Raises ValueError for others."""
    count = 0
    for character in text:
        if character in _BASIC:
            count += 1
        elif character in _EXTENDED:
            count += 2
        else:
            raise ValueError(f"{character!r} is not in the 7-bit alphabet")
    return count


def fits(text: str) -> bool:
    """Whether a text is one segment of the 7-bit alphabet."""
    try:
        return septets(text) <= SEGMENT
    except ValueError:
        return False
