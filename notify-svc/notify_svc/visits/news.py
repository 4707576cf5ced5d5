"""What is told of a change of a visit: in which words, until when it is of use, and how urgent it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fascia.localtime import wall
from notify_svc.messages.message import Kind
from notify_svc.policy.messaging_policy import MessagingPolicy
from notify_svc.reminders.plan import Visit

# Within that time of the visit somebody may be on the way, or at the door.
_URGENT_WITHIN = timedelta(hours=24)
# A patient who waits learns of it also when the hour of the visit has struck.
_OF_USE_AFTER_START = timedelta(hours=2)
# Whoever cancelled themselves, or was not there, is told nothing new.
_KNOWN_TO_PATIENT = frozenset({"patient", "no_show"})


@dataclass(frozen=True)
class News:
    """One thing to tell a patient. `cause` names it uniquely within a practice."""

    kind: Kind
    cause: str
    content: dict[str, object]
    expires_at: datetime


def visit_of(data: Mapping[str, Any]) -> Visit:
    """A visit from the payload of an appointment event."""
    earliest, latest = data["promised_from"], data["promised_until"]
    return Visit(
        appointment_id=data["appointment_id"],
        patient_id=data["patient_id"],
        starts_at=data["starts_at"],
        time_zone=data["time_zone"],
        local_start=data["local_start"],
        version=data["version"],
        sequence=data["calendar_sequence"],
        promised=(earliest, latest) if earliest and latest and earliest < latest else None,
    )


def booked(visit: Visit, policy: MessagingPolicy, now: datetime) -> News | None:
    """The confirmation of a booking, where the practice wants one."""
    if visit.latest_start <= now or not policy.confirms(window=visit.promised is not None):
        return None
    cause = f"appointment:{visit.appointment_id}:{visit.version}:booking"
    return News("booking", cause, visit.content, visit.latest_start)


def moved(visit: Visit, before: datetime | None, now: datetime) -> News | None:
    """The new time; urgent when the patient waits or is to be there today. `before`: when it would have begun."""
    if visit.latest_start <= now:
        return None
    urgent = min(before or visit.starts_at, visit.starts_at) - now <= _URGENT_WITHIN
    cause = f"appointment:{visit.appointment_id}:{visit.version}:moved"
    return News("moved", cause, {**visit.content, "urgent": urgent}, visit.latest_start)


def cancelled(visit: Visit, reason: str, now: datetime) -> News | None:
    """That a visit will not take place, for whoever does not know."""
    expires_at = visit.latest_start + _OF_USE_AFTER_START
    if reason in _KNOWN_TO_PATIENT or expires_at <= now:
        return None
    urgent = visit.starts_at - now <= _URGENT_WITHIN
    cause = f"appointment:{visit.appointment_id}:{visit.version}:cancellation"
    return News("cancellation", cause, {**visit.content, "urgent": urgent}, expires_at)


def expected(data: Mapping[str, Any], now: datetime) -> News | None:
    """When a visit of today is now expected to begin; `data` is the payload of visit.eta_changed."""
    if not data["tell_patient"] or data["expected_at"] <= now:
        return None
    zone = data["time_zone"]
    content = {"local_start": data["local_expected"], "time_zone": zone, "urgent": True}
    # The estimates of a visit are counted from one; a visit that is moved may begin to count anew.
    cause = f"visit:{data['appointment_id']}:{wall(data['starts_at'], zone)}:estimate:{data['estimate']}"
    return News("running_late", cause, content, data["expected_at"])
