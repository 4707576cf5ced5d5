"""All that a plan of a region's days depends on, read at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from scheduling_svc.booking.appointment import Appointment
from scheduling_svc.expecting.expected import ExpectedVisit
from scheduling_svc.patients.patient import Patient
from scheduling_svc.patients.preference import Preference
from scheduling_svc.routing.therapist_day import TherapistDay
from scheduling_svc.waitlist.entry import Entry
from scheduling_svc.workforce.directory import Directory


@dataclass(frozen=True)
class RegionDays:
    """The days of a region's therapists on some dates, and whom they visit.

    worked: seconds that each therapist worked in the weeks before. waiting: entries of the waitlist that may be placed.
    expected: visits that nobody has booked yet; a plan leaves room for them where it costs little.
    """

    region: str
    dates: tuple[date, ...]
    directory: Directory
    days: tuple[TherapistDay, ...]
    now: datetime
    appointments: Mapping[str, Appointment] = field(default_factory=dict)
    patients: Mapping[str, Patient] = field(default_factory=dict)
    preferences: Mapping[str, Preference] = field(default_factory=dict)
    waiting: tuple[Entry, ...] = ()
    worked: Mapping[str, int] = field(default_factory=dict)
    expected: tuple[ExpectedVisit, ...] = ()

    @property
    def versions(self) -> dict[str, int]:
        """The version of each day that is stored, by `THERAPIST:YYYY-MM-DD`: what a plan is based on."""
        return {day_name(day): day.version for day in self.days if day.version}

    def day(self, therapist_id: str, on: date) -> TherapistDay:
        """A therapist's day; raises KeyError for one that was not read."""
        return next(day for day in self.days if day.therapist_id == therapist_id and day.date == on)

    def has_begun(self, visit_id: str) -> bool:
        """Whether a visit is out of the planner's hands."""
        appointment = self.appointments.get(visit_id)
        return appointment is not None and appointment.has_begun

    def preference(self, patient_id: str) -> Preference:
        """A patient's preferences, none where none are known."""
        return self.preferences.get(patient_id) or Preference(patient_id)


def day_name(day: TherapistDay) -> str:
    """How a therapist's day is named towards people: `THERAPIST:YYYY-MM-DD`, as its route is."""
    return f"{day.therapist_id}:{day.date.isoformat()}"
