"""All that a board, or a move on it, is judged by, read at one moment."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from fascia.problem import NotFound
from scheduling_svc.booking.appointment import Appointment
from scheduling_svc.patients.patient import Patient
from scheduling_svc.patients.preference import Preference
from scheduling_svc.routing.therapist_day import Stop, TherapistDay, schedule_of
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.shift import Shift


@dataclass(frozen=True)
class Scene:
    """The days of the practice's therapists on one date, and whom they visit.

    days: by therapist, those that have shifts or visits. worked: seconds that each worked in the weeks before.
    """

    date: date
    directory: Directory
    days: Mapping[str, TherapistDay]
    travel: PracticeTravel
    now: datetime
    appointments: Mapping[str, Appointment] = field(default_factory=dict)
    patients: Mapping[str, Patient] = field(default_factory=dict)
    preferences: Mapping[str, Preference] = field(default_factory=dict)
    worked: Mapping[str, int] = field(default_factory=dict)

    def day(self, therapist_id: str) -> TherapistDay:
        """A therapist's day, an empty one where nothing was planned."""
        return self.days.get(therapist_id) or TherapistDay(therapist_id, self.date)

    def appointment(self, id_: str) -> Appointment:
        """A visit of the day; raises NotFound."""
        if id_ not in self.appointments:
            raise NotFound(f"visit on {self.date}", id_)
        return self.appointments[id_]

    def owner(self, id_: str) -> TherapistDay:
        """The day in which a visit is; raises NotFound."""
        for day in self.days.values():
            if day.stop(id_) is not None:
                return day
        raise NotFound(f"visit on {self.date}", id_)

    def preference(self, patient_id: str) -> Preference:
        """A patient's preferences, none where none are known."""
        return self.preferences.get(patient_id) or Preference(patient_id)

    def live(self, day: TherapistDay) -> list[Stop]:
        """The visits of a day that count, in order."""
        return [stop for stop in day.stops if stop.live(self.now)]

    def driving(self, day: TherapistDay, stops: Iterable[Stop]) -> Run:
        """Minutes of driving and of overtime in a day with these visits."""
        therapist, listed = self.directory.therapist(day.therapist_id), list(stops)
        driving = overtime = 0
        for shift in day.shifts:
            travel = self.travel.in_zone(shift.time_zone)
            schedule = schedule_of(shift, listed, therapist, self.directory, travel)
            driving += schedule.driving
            overtime += _past(shift, schedule.ends)
        return Run(driving, overtime)


@dataclass(frozen=True)
class Run:
    """Minutes that a therapist drives in a day, and works past the end of the shifts."""

    driving: int
    overtime: int


def mark_of(versions: Mapping[str, int]) -> int:
    """One number for the versions of several days and visits: it is another one as soon as any of them changes."""
    named = ",".join(f"{name}={version}" for name, version in sorted(versions.items()))
    return zlib.crc32(named.encode()) or 1


def _past(shift: Shift, ends: datetime | None) -> int:
    return max(0, -int((shift.ends_at - ends).total_seconds() // 60)) if ends else 0
