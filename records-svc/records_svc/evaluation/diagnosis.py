"""ICD-10-CM codes: only leaves are diagnoses; a code with subdivisions says too little to be billed or compared."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from threading import Lock
from typing import Any

from fascia.problem import RuleViolation

_loading = Lock()


def _icd10() -> Any:
    # Requests that come while the table is being built wait for it: half of it would answer with an error.
    with _loading:
        return _whole_table()


@cache
def _whole_table() -> Any:
    # Builds its tree on import (1.4 s, measured) and its list at the first look-up, both without a lock of its own.
    import simple_icd_10_cm

    simple_icd_10_cm.get_all_codes()
    return simple_icd_10_cm


def preload() -> None:
    """Load the table now, so that the first clerk does not wait for it."""
    _icd10()


def leaf_codes(codes: Iterable[str], field: str = "condition_codes") -> tuple[str, ...]:
    """The codes in their dotted form, each once, in the order given; raises RuleViolation where one is no leaf."""
    return tuple(dict.fromkeys(_leaf(code, f"{field}.{index}") for index, code in enumerate(codes)))


def _leaf(text: str, field: str) -> str:
    icd10 = _icd10()
    code = text.strip().upper()
    if not code or not icd10.is_valid_item(code) or icd10.is_chapter_or_block(code):
        raise RuleViolation("unknown-icd-10-cm", f"{text!r} is not an ICD-10-CM code.", field, "For example M54.2.")
    dotted: str = icd10.add_dot(code)
    if not icd10.is_leaf(code):
        children = ", ".join(icd10.get_children(code)[:5])
        raise RuleViolation(
            "icd-10-cm-not-a-leaf", f"{dotted} is divided further.", field, f"Send the exact code, such as {children}."
        )
    return dotted
