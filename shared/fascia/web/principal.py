"""Who is asking: subject, practice and roles. No framework in here, so that any layer may name a role."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The roles of the suite; the value is how a token spells it."""

    OWNER = "owner"
    ADMIN = "admin"
    DISPATCHER = "dispatcher"
    THERAPIST = "therapist"
    BILLER = "biller"
    AUDITOR = "auditor"
    PATIENT = "patient"
    SERVICE = "service"


@dataclass(frozen=True)
class Principal:
    """The caller. A therapist's subject is the therapist's id; a patient's is the patient's id."""

    subject: str
    practice_id: str
    roles: frozenset[Role]

    def has(self, *roles: Role) -> bool:
        """Whether the caller holds at least one of these roles."""
        return not self.roles.isdisjoint(roles)
