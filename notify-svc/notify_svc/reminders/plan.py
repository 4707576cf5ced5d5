"""When to remind a patient of a visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from notify_svc.policy.quiet_hours import QuietHours, first_moment


@dataclass(frozen=True)
class Visit:
    """What reminders need of an appointment. `sequence` is the iCalendar SEQUENCE: it rises when it is moved."""

    appointment_id: str
    patient_id: str
    starts_at: datetime
    time_zone: str
    local_start: str
    version: int
    sequence: int


@dataclass(frozen=True)
class Reminder:
    """One planned reminder. `slot` names the lead, such as 48h."""

    slot: str
    due_at: datetime


def plan_reminders(
    visit: Visit, lead_hours: Sequence[int], quiet: QuietHours | None, patient_zone: str, now: datetime
) -> list[Reminder]:
    """The reminders of a visit that still lie ahead, earliest first.

    A lead whose moment has passed is left out: whoever books 30 hours ahead gets the 2-hour reminder alone. One that
    falls into quiet hours comes before them, for after them may be too late; two that meet become one.
    """
    planned: dict[datetime, Reminder] = {}
    for hours in sorted(lead_hours, reverse=True):
        due_at = lead_moment(visit.starts_at, hours, visit.time_zone)
        if quiet is not None:
            due_at = quiet.last_open(due_at, patient_zone)
        if due_at > now:
            planned.setdefault(due_at, Reminder(f"{hours}h", due_at))
    return sorted(planned.values(), key=lambda reminder: reminder.due_at)


def lead_moment(starts_at: datetime, hours: int, zone: str) -> datetime:
    """The moment `hours` before a visit.

    The rule: whole days are counted by the wall clock at the place of the visit, so "24 hours before 09:00" is 09:00
    the day before, also when the clocks change in between (where elapsed time would say 08:00 or 10:00). Leads that are
    not whole days are elapsed time. A wall time that the change of clocks skips becomes the moment of the change.
    """
    if hours % 24:
        return starts_at - timedelta(hours=hours)
    local = starts_at.astimezone(ZoneInfo(zone))
    return first_moment(local.date() - timedelta(days=hours // 24), local.time().replace(tzinfo=None), zone)
