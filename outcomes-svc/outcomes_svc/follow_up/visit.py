"""A visit that is promised to a patient, as outcomes-svc keeps it: a projection of appointment.*. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Visit:
    """`version` is that of the appointment: an older event changes nothing. `booked`: it is still to take place."""

    id: str
    version: int
    patient_id: str
    therapist_id: str
    starts_at: datetime
    ends_at: datetime
    booked: bool


def next_visit(visits: Iterable[Visit], now: datetime) -> Visit | None:
    """The earliest visit that is still to take place."""
    ahead = [visit for visit in visits if visit.booked and visit.ends_at > now]
    return min(ahead, key=lambda visit: (visit.starts_at, visit.id), default=None)
