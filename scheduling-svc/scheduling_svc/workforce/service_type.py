"""What can be booked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """An evaluation comes first and needs no verdict; a treatment needs one (Texas 16 TAC 117.92)."""

    EVALUATION = "evaluation"
    TREATMENT = "treatment"


@dataclass(frozen=True)
class ServiceType:
    """A kind of visit with its length."""

    code: str
    name: str
    kind: Kind
    minutes: int
    settings: frozenset[str]
    requires_prescription: bool = False
    version: int = 1

    @property
    def is_treatment(self) -> bool:
        """Whether a verdict, and where asked a prescription, must allow it."""
        return self.kind is Kind.TREATMENT
