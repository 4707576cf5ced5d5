"""Whom a patient wants to be treated by, and by whom they have been treated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from fascia.problem import Conflict, RuleViolation

_NOBODY: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class Preference:
    """`visits`: how many sessions each therapist has given to the patient; `version` is the stored one, 0: none yet."""

    patient_id: str
    preferred: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    visits: Mapping[str, int] = field(default_factory=lambda: _NOBODY)
    version: int = 0

    @property
    def usual(self) -> str | None:
        """Who has treated the patient most often; of equals the first by id."""
        return min(self.visits, key=lambda id_: (-self.visits[id_], id_), default=None)

    def choosing(self, preferred: tuple[str, ...], refused: tuple[str, ...]) -> Preference:
        """Other wishes. Raises RuleViolation where somebody is wanted and refused."""
        both = sorted(set(preferred) & set(refused))
        if both:
            raise RuleViolation(
                "preferred-and-refused",
                f"{both[0]} is both preferred and refused.",
                "refused",
                "Leave each therapist in one of both lists.",
            )
        return replace(self, preferred=preferred, refused=refused)

    def treated_by(self, therapist_id: str) -> Preference:
        """One more session."""
        return replace(self, visits={**self.visits, therapist_id: self.visits.get(therapist_id, 0) + 1})

    def refusal(self, therapist_id: str) -> Conflict | None:
        """Why this therapist is not sent, or None."""
        if therapist_id not in self.refused:
            return None
        return Conflict(
            "therapist-refused",
            "The patient does not want to be treated by this therapist.",
            "therapist_id",
            "Choose another therapist, or change the patient's preferences.",
        )
