"""Reading all that a plan of a region's days depends on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from fascia.store import UnitOfWork
from scheduling_svc.booking import store as booking
from scheduling_svc.disruption.blocked_roads import with_blocks
from scheduling_svc.disruption.store import road_blocks
from scheduling_svc.patients import store as patients
from scheduling_svc.plans.assembling import places_of
from scheduling_svc.plans.region_days import RegionDays
from scheduling_svc.routing import store as routing
from scheduling_svc.store import read
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.travel.supplying import Day, DayPlaces, prepared_travel
from scheduling_svc.waitlist import waiting
from scheduling_svc.workforce import store as workforce
from scheduling_svc.workforce.directory import Directory

# How far back work counts for fairness.
FAIRNESS_DAYS = 14


def read_region(uow: UnitOfWork, region: str, dates: Sequence[date], *, waitlist: bool = False) -> RegionDays:
    """A region's days with all that plans look up, in few trips whatever their number. Only days with shifts.

    waitlist: with the wishes that wait, to be placed where they are worth it.
    """
    directory = workforce.directory(uow)
    members = members_of(directory, region)
    keys = [routing.day_owner(therapist_id, day) for therapist_id in members for day in dates]
    days = tuple(sorted(routing.calendars(uow, keys).days(), key=lambda day: (day.date, day.therapist_id)))
    stops = [stop for day in days for stop in day.stops]
    entries = tuple(waiting.waiting(uow, dates)) if waitlist else ()
    patient_ids = {stop.patient_id for stop in stops} | {entry.patient_id for entry in entries}
    documents = read(uow, _patient_keys(patient_ids))
    return RegionDays(
        region=region,
        dates=tuple(dates),
        directory=directory,
        days=tuple(day for day in days if day.shifts),
        now=uow.now,
        appointments={one.id: one for one in booking.find_appointments(uow, [stop.id for stop in stops])},
        patients={id_: patients.among(uow, documents, id_) for id_ in patient_ids},
        preferences={id_: patients.preference_among(documents, id_) for id_ in patient_ids},
        waiting=entries,
        worked=_worked(uow, members, min(dates)) if directory.practice.planning.unfairness else {},
    )


def prepare_travel(uow: UnitOfWork, source: RegionDays) -> PracticeTravel:
    """Drive times between all places of the days; outside a transaction, for it may ask the roads."""
    places = places_of(source)
    asked = [DayPlaces(Day(on, source.region), places) for on in source.dates]
    return with_blocks(prepared_travel(uow, source.directory, asked), road_blocks(uow, source.dates))


def regions_of(directory: Directory) -> list[str]:
    """The regions in which anybody works."""
    return sorted({therapist.region for therapist in directory.therapists.values()})


def members_of(directory: Directory, region: str) -> list[str]:
    """The therapists of a region, also those who left: their visits wait for others."""
    return sorted(therapist.id for therapist in directory.therapists.values() if therapist.region == region)


def _patient_keys(patient_ids: Iterable[str]) -> list[str]:
    return [key for id_ in patient_ids for key in (patients.key(id_), patients.preference_key(id_))]


def _worked(uow: UnitOfWork, members: Sequence[str], before: date) -> dict[str, int]:
    """Seconds of visits in the weeks before a day, by therapist."""
    past = [before - timedelta(days=back) for back in range(1, FAIRNESS_DAYS + 1)]
    keys = [routing.day_owner(therapist_id, day) for therapist_id in members for day in past]
    return routing.worked_seconds(uow, keys)
