"""Therapists: what they may do, where, and how far they drive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from scheduling_svc.workforce.place import Coordinates


@dataclass(frozen=True)
class Licence:
    """A state's licence, valid from its first to its last day, both included."""

    state: str
    number: str
    valid_from: date
    valid_until: date

    def covers(self, state: str, day: date) -> bool:
        """Whether it allows work in a state on a day."""
        return self.state == state and self.valid_from <= day <= self.valid_until


@dataclass(frozen=True)
class Therapist:
    """`time_zone` is that of home, where mobile days begin and end; `max_drive_minutes` bounds every single drive."""

    id: str
    name: str
    phone: str | None
    email: str | None
    home: Coordinates
    time_zone: str
    licences: tuple[Licence, ...]
    service_types: frozenset[str]
    settings: frozenset[str]
    max_drive_minutes: int
    active: bool = True
    version: int = 1

    def licensed_in(self, state: str, day: date) -> bool:
        """Whether any licence allows work in the state of the visit on the day of the visit."""
        return any(licence.covers(state, day) for licence in self.licences)
