"""National Provider Identifiers of prescribers."""

from __future__ import annotations

from stdnum import luhn

from fascia.problem import RuleViolation


def is_npi(text: str) -> bool:
    """Ten digits whose check digit holds (Luhn over 80840 + NPI, as CMS defines it)."""
    return len(text) == 10 and text.isascii() and text.isdigit() and bool(luhn.is_valid("80840" + text))


def checked_npi(text: str, field: str = "prescriber.npi") -> str:
    """The NPI; raises RuleViolation."""
    npi = text.strip()
    if not is_npi(npi):
        raise RuleViolation("invalid-npi", "The NPI's check digit does not hold.", field, "Read the ten digits again.")
    return npi
