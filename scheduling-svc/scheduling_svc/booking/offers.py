"""Offers: when and by whom a patient could be visited, in order of the driving that it adds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from fascia.localtime import local_date, wall
from fascia.problem import NotFound, Problem
from scheduling_svc.booking.screening import licence_refusal, patient_refusal, therapist_refusal
from scheduling_svc.booking.visit import Site, VisitRequest, home_of
from scheduling_svc.patients.patient import Patient, Profile
from scheduling_svc.routing.calendar import Calendar, room_owner
from scheduling_svc.routing.therapist_day import TherapistDay, schedule_of
from scheduling_svc.routing.travel import travel_of
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import MOBILE
from scheduling_svc.workforce.service_type import ServiceType
from scheduling_svc.workforce.shift import Shift
from scheduling_svc.workforce.therapist import Therapist


@dataclass(frozen=True)
class Wish:
    """What a patient needs and when it would suit them."""

    patient_id: str
    service_type: str
    setting: str
    earliest: datetime
    latest: datetime
    claim_id: str | None = None
    therapist_id: str | None = None
    location_id: str | None = None
    limit: int = 10


@dataclass(frozen=True)
class Offer:
    """A visit that could be booked now."""

    visit: VisitRequest
    ends_at: datetime
    time_zone: str
    added_drive_minutes: int

    @property
    def local_start(self) -> str:
        """Its beginning in wall time."""
        return wall(self.visit.starts_at, self.time_zone)

    @property
    def rank(self) -> tuple[int, datetime, str]:
        """Least added driving first, then the earliest; the id makes the order the same every time."""
        return self.added_drive_minutes, self.visit.starts_at, self.visit.therapist_id


@dataclass(frozen=True)
class Situation:
    """All that the offers depend on, read at one moment. `allows` says whether the claim covers a local day."""

    directory: Directory
    patient: Patient
    profile: Profile
    days: Iterable[TherapistDay]
    calendars: Mapping[str, Calendar]
    own_calendar: Calendar
    allows: Callable[[date], bool]
    now: datetime


def candidates(wish: Wish, directory: Directory) -> list[Therapist]:
    """Therapists who give the service in the setting. Raises NotFound for one asked for by an unknown id."""
    service = directory.service_type(wish.service_type)
    wanted = [directory.therapist(wish.therapist_id)] if wish.therapist_id else directory.therapists.values()
    return [therapist for therapist in wanted if therapist_refusal(therapist, service, wish.setting) is None]


def offers(wish: Wish, situation: Situation) -> list[Offer]:
    """The best offers, at most `wish.limit`; empty when nothing fits."""
    found = (
        offer for day in situation.days for shift in day.shifts for offer in _in_shift(wish, situation, day, shift)
    )
    return sorted(found, key=lambda offer: offer.rank)[: wish.limit]


def _in_shift(wish: Wish, situation: Situation, day: TherapistDay, shift: Shift) -> Iterator[Offer]:
    if shift.setting != wish.setting or (wish.location_id and shift.location_id != wish.location_id):
        return
    directory, now = situation.directory, situation.now
    therapist, service = directory.therapist(day.therapist_id), directory.service_type(wish.service_type)
    site = _site(shift, situation, therapist)
    if site is None or _refused(wish, situation, therapist, service, site, shift.date):
        return
    live = [stop for stop in day.stops if stop.live(now)]
    schedule = schedule_of(shift, live, therapist, directory, travel_of(directory.practice, shift.time_zone))
    step = timedelta(minutes=directory.practice.slot_minutes)
    length = timedelta(minutes=service.minutes)
    first = first_slot(shift.starts_at, max(wish.earliest, now + timedelta(minutes=1)), shift.time_zone, step)
    for starts_at, fit in schedule.starts(site.coordinates, service.minutes, first, step):
        ends_at = starts_at + length
        if starts_at > wish.latest:
            return
        if situation.own_calendar.blocking(starts_at, ends_at, now):
            continue
        visit = VisitRequest(
            wish.patient_id, wish.service_type, wish.setting, therapist.id, starts_at, wish.claim_id, shift.location_id
        )
        if wish.setting != MOBILE:
            room_id = _free_room(situation, shift, starts_at, ends_at)
            if room_id is None:
                continue
            visit = replace(visit, room_id=room_id)
        yield Offer(visit, ends_at, shift.time_zone, fit.added_drive_minutes)


def first_slot(opens: datetime, wanted: datetime, time_zone: str, step: timedelta) -> datetime:
    """The first start on the grid of the wall clock, not before the shift opens nor before what is wanted.

    Steps are elapsed time from there on, so a change of clocks inside a shift moves no slot off its grid.
    """
    minute = int(wall(opens, time_zone)[-2:])
    aligned = opens + timedelta(minutes=-minute % int(step.total_seconds() // 60))
    missing = wanted - aligned
    return aligned + step * -(-missing // step) if missing > timedelta(0) else aligned


def days_between(wish: Wish, zones: Iterable[str]) -> list[date]:
    """The local days, in any of the zones, on which the wish could be met."""
    found: set[date] = set()
    for zone in set(zones):
        day, last = local_date(wish.earliest, zone), local_date(wish.latest, zone)
        while day <= last:
            found.add(day)
            day += timedelta(days=1)
    return sorted(found)


def _site(shift: Shift, situation: Situation, therapist: Therapist) -> Site | None:
    if shift.location_id is None:
        try:
            return home_of(situation.profile, therapist)
        except Problem:
            return None
    try:
        location = situation.directory.location(shift.location_id)
    except NotFound:
        return None
    return Site(location.coordinates, location.address.state, location.time_zone)


def _refused(
    wish: Wish, situation: Situation, therapist: Therapist, service: ServiceType, site: Site, day: date
) -> bool:
    mobile = wish.setting == MOBILE
    return (
        licence_refusal(therapist, site, day) is not None
        or patient_refusal(situation.patient, day, treatment=service.is_treatment, mobile=mobile) is not None
        or not situation.allows(day)
    )


def _free_room(situation: Situation, shift: Shift, starts_at: datetime, ends_at: datetime) -> str | None:
    for room in situation.directory.rooms_of(shift.location_id or ""):
        owner = room_owner(room.id, shift.date.isoformat())
        calendar = situation.calendars.get(owner)
        if calendar is None or calendar.blocking(starts_at, ends_at, situation.now) is None:
            return room.id
    return None
