"""When to remind a patient of a visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fascia.localtime import wall
from notify_svc.policy.quiet_hours import QuietHours, first_moment


@dataclass(frozen=True)
class Visit:
    """What messages need of an appointment. `sequence` is the iCalendar SEQUENCE: it rises when it is moved.

    `promised`: the earliest and the latest beginning that the patient was promised; None where it is one moment.
    """

    appointment_id: str
    patient_id: str
    starts_at: datetime
    time_zone: str
    local_start: str
    version: int
    sequence: int
    promised: tuple[datetime, datetime] | None = None

    @property
    def latest_start(self) -> datetime:
        """When the visit has begun, if the promise is kept."""
        return max(self.starts_at, self.promised[1]) if self.promised else self.starts_at

    @property
    def content(self) -> dict[str, object]:
        """What the wording of a message about it needs."""
        content: dict[str, object] = {"local_start": self.local_start, "time_zone": self.time_zone}
        if self.promised:
            earliest, latest = self.promised
            content |= {"local_from": wall(earliest, self.time_zone), "local_until": wall(latest, self.time_zone)}
        return content


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
