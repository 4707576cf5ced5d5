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
    """A kind of visit with its length.

    skills: what a therapist must have learnt. therapists: 2 for a tandem visit.
    """

    code: str
    name: str
    kind: Kind
    minutes: int
    settings: frozenset[str]
    requires_prescription: bool = False
    skills: frozenset[str] = frozenset()
    therapists: int = 1
    version: int = 1

    @property
    def is_treatment(self) -> bool:
        """Whether a verdict, and where asked a prescription, must allow it."""
        return self.kind is Kind.TREATMENT
