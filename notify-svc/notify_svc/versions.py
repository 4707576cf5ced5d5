"""Holding a change to the version that its author saw."""

from __future__ import annotations

from fascia.problem import StaleVersion


def expect(present: int, wanted: int) -> None:
    """Raise StaleVersion unless the caller saw the present version."""
    if present != wanted:
        raise StaleVersion(wanted)
