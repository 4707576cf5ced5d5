"""A therapist says that they cannot make a visit. The promise stands; somebody at the desk finds another way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum


class Why(StrEnum):
    """Chosen from a list: free text about a patient has no place here."""

    LATE = "late"
    ILL = "ill"
    NO_ENTRY = "no_entry"
    OTHER = "other"


@dataclass(frozen=True)
class GivenUp:
    """One visit, given up by one therapist. `settled_at` None: nobody at the desk has seen to it."""

    appointment_id: str
    therapist_id: str
    date: date
    why: Why
    said_at: datetime
    settled_at: datetime | None = None
    settled_by: str | None = None
    version: int = 0

    @property
    def id(self) -> str:
        """A visit that changed hands may be given up once more, by somebody else."""
        return f"{self.appointment_id}:{self.therapist_id}"

    def settled(self, by: str, now: datetime) -> GivenUp:
        """Somebody has seen to it; saying so twice keeps the first."""
        return self if self.settled_at else replace(self, settled_at=now, settled_by=by)

    def again(self, why: Why, now: datetime) -> GivenUp:
        """Said once more, after it was settled."""
        return replace(self, why=why, said_at=now, settled_at=None, settled_by=None)
