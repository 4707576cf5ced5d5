"""Therapists: what they may do, where, and how far they drive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from scheduling_svc.workforce.place import Coordinates, inside

MAIN_REGION = "main"


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
    """`time_zone` is that of home, where mobile days begin and end; `max_drive_minutes` bounds every single drive.

    skills: what they have learnt beside the service types (techniques, too). max_day_drive_minutes: bounds the driving
    of a day. service_area: corners of the area in which they visit homes; empty: everywhere. region: days are planned
    region by region.
    """

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
    skills: frozenset[str] = frozenset()
    max_day_drive_minutes: int | None = None
    max_overtime_minutes: int = 0
    service_area: tuple[Coordinates, ...] = ()
    region: str = MAIN_REGION
    version: int = 1

    def licensed_in(self, state: str, day: date) -> bool:
        """Whether any licence allows work in the state of the visit on the day of the visit."""
        return any(licence.covers(state, day) for licence in self.licences)

    def visits_homes_at(self, place: Coordinates) -> bool:
        """Whether a home lies in the area that they serve."""
        return not self.service_area or inside(place, self.service_area)

    def masters(self, skills: Iterable[str]) -> bool:
        """Whether they have learnt all of these."""
        return self.skills.issuperset(skills)
