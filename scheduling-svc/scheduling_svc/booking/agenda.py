"""What one visit occupies: the therapist's day, the patient's time, and the room where there is one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from fascia.problem import Conflict
from scheduling_svc.booking.visit import PlannedVisit
from scheduling_svc.routing.calendar import Calendar, Entry
from scheduling_svc.routing.run import Fit
from scheduling_svc.routing.therapist_day import Stop, TherapistDay, schedule_of
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.workforce.directory import Directory


@dataclass(frozen=True)
class Surroundings:
    """What a day is judged by: the workforce, the drive times, and the moment."""

    directory: Directory
    travel: PracticeTravel
    now: datetime


@dataclass(frozen=True)
class Agenda:
    """Written together or not at all, each by compare-and-swap on its version."""

    day: TherapistDay
    patient: Calendar
    room: Calendar | None = None

    def with_visit(
        self, id_: str, visit: PlannedVisit, around: Surroundings, held_until: datetime | None
    ) -> tuple[Agenda, Fit]:
        """Occupy therapist, patient and room; raises Conflict naming which of them is not free.

        The other half of a tandem is in nobody's way. When the visit begins is told by the stop of the day.
        """
        request, now = visit.request, around.now
        _require_free(self.patient, visit, now, "patient-busy", "The patient has another visit then.")
        if self.room is not None:
            _require_free(self.room, visit, now, "room-busy", "The room is taken then.")
        shift = self.day.shift_around(visit.starts_at, visit.ends_at, request.setting, request.location_id)
        live = [stop for stop in self.day.stops if stop.live(now)]
        travel = around.travel.in_zone(shift.time_zone)
        schedule = schedule_of(shift, live, visit.therapist, around.directory, travel, now)
        stop = Stop(
            id=id_,
            patient_id=request.patient_id,
            setting=request.setting,
            location_id=request.location_id,
            shift_id=shift.id,
            place=visit.site.coordinates,
            starts_at=visit.starts_at,
            ends_at=visit.ends_at,
            held_until=held_until,
            promise=request.promise,
            service_type=request.service_type,
            skills=visit.skills,
            fixed_therapist=request.asked_for or not visit.mobile,
            partner_id=request.partner_id,
        )
        day, fit = self.day.with_stop(stop, schedule, now)
        entry = Entry(id_, request.promised.earliest, visit.promised_until, held_until)
        room = self.room.with_entry(entry, now) if self.room else None
        return replace(self, day=day, patient=self.patient.with_entry(entry, now), room=room), fit

    def settled(self, id_: str, now: datetime) -> Agenda:
        """A held visit is now booked; raises Conflict when any of what it occupied was given to somebody else."""
        occupied = [self.day.holds(id_, now), self.patient.holds(id_, now)]
        if self.room is not None:
            occupied.append(self.room.holds(id_, now))
        if not all(occupied):
            raise Conflict("hold-expired", "The hold ran out.", "hold_id", "Ask for offers and hold again.")
        room = self.room.settled(id_) if self.room else None
        return replace(self, day=self.day.settled(id_), patient=self.patient.settled(id_), room=room)

    def without(self, id_: str) -> Agenda:
        """A visit is gone."""
        room = self.room.without(id_) if self.room else None
        return replace(self, day=self.day.without(id_), patient=self.patient.without(id_), room=room)

    def beside(self, other: Agenda) -> Agenda:
        """This therapist's day, with the patient and the room as another therapist's visit has left them."""
        return replace(self, patient=other.patient, room=other.room)


def _require_free(calendar: Calendar, visit: PlannedVisit, now: datetime, code: str, detail: str) -> None:
    partner_id = visit.request.partner_id
    others = calendar.without(partner_id) if partner_id else calendar
    if others.blocking(visit.request.promised.earliest, visit.promised_until, now) is not None:
        raise Conflict(code, detail, "starts_at", "Ask for offers and choose another time.")
