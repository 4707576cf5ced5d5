"""The fingerprint of a conversion table. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256


def table_digest(rows: Iterable[tuple[int, str, str]]) -> str:
    """SHA-256, as hex, of the rows (raw sum, T-score, standard error), each with the decimals that are printed."""
    text = "".join(f"{raw} {t} {standard_error}\n" for raw, t, standard_error in rows)
    return sha256(text.encode("ascii")).hexdigest()
