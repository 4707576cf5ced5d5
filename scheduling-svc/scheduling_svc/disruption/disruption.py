"""What can go wrong with a day, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What happened."""

    THERAPIST_AWAY = "therapist_away"
    VISIT_CANCELLED = "visit_cancelled"
    NO_SHOW = "no_show"
    OVERRUN = "overrun"
    URGENT_VISIT = "urgent_visit"
    ROAD_BLOCKED = "road_blocked"


class Cause(StrEnum):
    """Why a promise is in danger."""

    RUNNING_LATE = "running_late"
    THERAPIST_AWAY = "therapist_away"
    VISIT_OVERRUNS = "visit_overruns"
    ROAD_BLOCKED = "road_blocked"
    URGENT_VISIT = "urgent_visit"
    VISIT_CANCELLED = "visit_cancelled"


CAUSES: Mapping[Kind, Cause] = {
    Kind.THERAPIST_AWAY: Cause.THERAPIST_AWAY,
    Kind.VISIT_CANCELLED: Cause.VISIT_CANCELLED,
    Kind.NO_SHOW: Cause.VISIT_CANCELLED,
    Kind.OVERRUN: Cause.VISIT_OVERRUNS,
    Kind.URGENT_VISIT: Cause.URGENT_VISIT,
    Kind.ROAD_BLOCKED: Cause.ROAD_BLOCKED,
}


class Way(StrEnum):
    """What could be done about a promise that can't be kept as things are."""

    OTHER_THERAPIST = "other_therapist"
    LATER = "later"
    CALL_PATIENT = "call_patient"


@dataclass(frozen=True)
class Proposal:
    """One way out. Somebody else, or the same therapist later; talking with the patient is always one."""

    kind: Way
    therapist_id: str | None = None
    starts_at: datetime | None = None
    added_drive_minutes: int | None = None


CALL = Proposal(Way.CALL_PATIENT)


@dataclass(frozen=True)
class Replanned:
    """A visit that is made otherwise than before. `told`: its patient is told a new time."""

    appointment_id: str
    therapist_before: str
    starts_before: datetime
    therapist_id: str
    starts_at: datetime
    told: bool = False


@dataclass(frozen=True)
class Broken:
    """A promise that no plan keeps. `expected_at` None: nobody can make the visit; `why` says what is in the way."""

    appointment_id: str
    patient_id: str
    therapist_id: str
    promised_until: datetime
    expected_at: datetime | None
    why: str
    proposals: tuple[Proposal, ...] = (CALL,)


@dataclass(frozen=True)
class Disruption:
    """Something that went wrong on a day, and how the day was planned anew.

    what: the report as it came, by field. appointment_id: of an urgent visit, the appointment that was made.
    solving_ms: how long the planner took.
    """

    id: str
    date: date
    kind: Kind
    what: Mapping[str, Any]
    reported_at: datetime
    reported_by: str
    regions: tuple[str, ...] = ()
    replanned: tuple[Replanned, ...] = ()
    broken: tuple[Broken, ...] = ()
    appointment_id: str | None = None
    solving_ms: int = 0
    version: int = field(default=0)

    @property
    def hands_changed(self) -> int:
        """How many visits went to another therapist."""
        return sum(one.therapist_id != one.therapist_before for one in self.replanned)

    @property
    def keeps_promises(self) -> bool:
        """Whether every promise of the day is still kept."""
        return not self.broken
