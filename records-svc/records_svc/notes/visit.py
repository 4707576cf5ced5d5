"""A visit as this service knows it from appointment.*: who, where, when, and whether it took place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Visit:
    """An appointment's state as of `version`. `started_at` and `ended_at` are known once it is completed."""

    appointment_id: str
    version: int
    patient_id: str
    therapist_id: str
    claim_id: str | None
    service_type: str
    setting: str
    location_id: str | None
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    status: str
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def completed(self) -> bool:
        """Whether it took place."""
        return self.status == "completed"

    @property
    def longest_minutes(self) -> float:
        """The longer of what was booked and what was clocked: nobody can have treated for longer than that."""
        booked = self.ends_at - self.starts_at
        clocked = self.ended_at - self.started_at if self.ended_at and self.started_at else booked
        return max(booked, clocked).total_seconds() / 60


def newer(known: Visit | None, reported: Visit) -> Visit | None:
    """The reported state, or None when what is known is as new: an event that was replayed or overtaken."""
    if known is not None and known.version >= reported.version:
        return None
    return reported
