"""A therapist's day as it is told to the therapist: stops in order of driving, and what changed since last time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from scheduling_svc.patients.patient import Profile
from scheduling_svc.routing.page_link import PageLink
from scheduling_svc.routing.therapist_day import Stop, TherapistDay, schedule_of, stops_of
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import Address


@dataclass(frozen=True)
class RouteStop:
    """One visit; `drive_minutes` is the drive to it.

    promised_from, promised_until: the window in which the patient was promised that it begins; equal for an exact time.
    Revisions stored before there were windows have neither.
    """

    appointment_id: str
    patient_id: str
    patient_name: str
    starts_at: datetime
    ends_at: datetime
    drive_minutes: int
    setting: str
    address: Address | None
    promised_from: datetime | None = None
    promised_until: datetime | None = None
    service_type: str = ""
    door_notes: str = ""


@dataclass(frozen=True)
class Route:
    """One revision of a day; `added` and `removed` are appointments, compared with the revision before."""

    therapist_id: str
    date: date
    time_zone: str
    revision: int
    published_at: datetime
    stops: tuple[RouteStop, ...]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The route's id: the same for all its revisions."""
        return f"{self.therapist_id}:{self.date.isoformat()}"

    def without_door_notes(self) -> Route:
        """For readers who never stand at the door: a code that opens a home is not theirs to know."""
        return replace(self, stops=tuple(replace(stop, door_notes="") for stop in self.stops))


def legs(
    day: TherapistDay, stops: tuple[Stop, ...], directory: Directory, travel: PracticeTravel
) -> list[tuple[Stop, int]]:
    """Stops in order of driving, each with the minutes of the drive to it."""
    therapist = directory.therapist(day.therapist_id)
    driven: list[tuple[Stop, int]] = []
    for shift in day.shifts:
        mine = stops_of(shift, stops)
        drives = schedule_of(shift, mine, therapist, directory, travel.in_zone(shift.time_zone)).drives()
        driven += zip(mine, drives[: len(mine)], strict=True)
    return driven


def draw_route(
    day: TherapistDay,
    directory: Directory,
    profiles: Mapping[str, Profile],
    travel: PracticeTravel,
    before: Route | None,
    at: datetime,
) -> Route:
    """The route of a day's booked visits at its present revision."""
    therapist = directory.therapist(day.therapist_id)
    driven = legs(day, day.booked(), directory, travel)
    stops = tuple(_stop(stop, drive, directory, profiles) for stop, drive in driven)
    known = [stop.appointment_id for stop in before.stops] if before else []
    now = [stop.appointment_id for stop in stops]
    return Route(
        therapist_id=day.therapist_id,
        date=day.date,
        time_zone=day.shifts[0].time_zone if day.shifts else therapist.time_zone,
        revision=day.revision,
        published_at=at,
        stops=stops,
        added=tuple(id_ for id_ in now if id_ not in known),
        removed=tuple(id_ for id_ in known if id_ not in now),
    )


def _stop(stop: Stop, drive: int, directory: Directory, profiles: Mapping[str, Profile]) -> RouteStop:
    profile = profiles.get(stop.patient_id)
    home = profile.address if profile else None
    return RouteStop(
        appointment_id=stop.id,
        patient_id=stop.patient_id,
        patient_name=profile.name if profile else "",
        starts_at=stop.starts_at,
        ends_at=stop.ends_at,
        drive_minutes=drive,
        setting=stop.setting,
        address=directory.location(stop.location_id).address if stop.location_id else home,
        promised_from=stop.earliest,
        promised_until=stop.latest,
        service_type=stop.service_type,
        # How to get into a patient's home; a site of the practice needs none.
        door_notes=profile.door_notes if profile and not stop.location_id else "",
    )


def published_event(route: Route, directory: Directory, page: PageLink) -> dict[str, Any]:
    """The route as route.published carries it. Door notes stay here: they are read on the page, never in a mail."""
    therapist = directory.therapist(route.therapist_id)
    return {
        "route_id": route.id,
        "therapist_id": route.therapist_id,
        "therapist": {"name": therapist.name, "phone": therapist.phone, "email": therapist.email},
        "date": route.date,
        "time_zone": route.time_zone,
        "revision": route.revision,
        "stops": [_told(stop) for stop in route.stops],
        "page_url": page.url,
        "page_expires_at": page.expires_at,
    }


def _told(stop: RouteStop) -> dict[str, Any]:
    kept_here = ("door_notes", "service_type", "patient_id")
    told = {name: value for name, value in vars(stop).items() if name not in kept_here}
    return {name: value for name, value in told.items() if value is not None or name == "address"}
