"""A visit as it is asked for, and as it is once everything that it names was looked up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fascia.localtime import local_date
from fascia.problem import Conflict, RuleViolation
from scheduling_svc.patients.patient import Profile
from scheduling_svc.routing.promise import Promise, exactly
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import MOBILE, Coordinates, Location, Room
from scheduling_svc.workforce.service_type import ServiceType
from scheduling_svc.workforce.therapist import Therapist


@dataclass(frozen=True)
class VisitRequest:
    """Who, what, where and when, by id.

    starts_at: the planned beginning. promise: the window in which the patient was promised that it lies; None: exactly
    then. skills: techniques asked for beside those of the service. asked_for: the patient wants this therapist and no
    other. partner_id: the appointment of the second therapist of a tandem visit.
    """

    patient_id: str
    service_type: str
    setting: str
    therapist_id: str
    starts_at: datetime
    claim_id: str | None = None
    location_id: str | None = None
    room_id: str | None = None
    skills: tuple[str, ...] = ()
    promise: Promise | None = None
    asked_for: bool = False
    partner_id: str | None = None

    @property
    def is_second_half(self) -> bool:
        """Whether it is the second therapist's part of a tandem: made after the first one, and without its claim."""
        return self.partner_id is not None and self.claim_id is None

    @property
    def promised(self) -> Promise:
        """When it begins at the earliest and at the latest."""
        return self.promise or exactly(self.starts_at)


@dataclass(frozen=True)
class Site:
    """Where a visit takes place: coordinates, the state whose licence counts, the zone of its clocks."""

    coordinates: Coordinates
    state: str
    time_zone: str


@dataclass(frozen=True)
class PlannedVisit:
    """A request with what it names."""

    request: VisitRequest
    therapist: Therapist
    service: ServiceType
    site: Site

    @property
    def starts_at(self) -> datetime:
        """Its beginning."""
        return self.request.starts_at

    @property
    def ends_at(self) -> datetime:
        """Its end, by the length of the service."""
        return self.starts_at + timedelta(minutes=self.service.minutes)

    @property
    def promised_until(self) -> datetime:
        """When it ends at the latest that was promised."""
        return self.request.promised.blocks_until(self.service.minutes)

    @property
    def skills(self) -> tuple[str, ...]:
        """What the therapist must have learnt: for the service, and for what was asked for beside."""
        return tuple(sorted({*self.service.skills, *self.request.skills}))

    @property
    def date(self) -> date:
        """The local day on which it takes place: licence, verdict and prescription are asked about this one."""
        return local_date(self.starts_at, self.site.time_zone)

    @property
    def mobile(self) -> bool:
        """Whether the therapist drives to the patient."""
        return self.request.setting == MOBILE


def plan_visit(request: VisitRequest, directory: Directory, profile: Profile) -> PlannedVisit:
    """Look up what a request names. Raises NotFound, RuleViolation or Conflict."""
    therapist = directory.therapist(request.therapist_id)
    service = directory.service_type(request.service_type)
    site = site_of(request.setting, request.location_id, request.room_id, directory, profile, therapist)
    if request.setting not in service.settings:
        raise RuleViolation(
            "setting-not-offered",
            f"{service.name} is not given in the setting {request.setting}.",
            "setting",
            f"Send one of: {', '.join(sorted(service.settings))}.",
        )
    if request.promise is not None and request.setting != MOBILE:
        raise RuleViolation(
            "promise-needs-mobile",
            "Only a visit at the patient's home has a window; one in a room begins at an exact time.",
            "promised_until",
            "Leave promised_from and promised_until out.",
        )
    return PlannedVisit(request, therapist, service, site)


def zone_of_visit(request: VisitRequest, directory: Directory) -> str:
    """Whose clocks a visit goes by: those of its location, or of the therapist who drives. Raises NotFound."""
    if request.location_id is not None:
        return directory.location(request.location_id).time_zone
    return directory.therapist(request.therapist_id).time_zone


def require_length(visit: PlannedVisit, ends_at: datetime | None) -> None:
    """Raise Conflict where a caller names another end than the service has: the offer is older than the service."""
    if ends_at not in (None, visit.ends_at):
        raise Conflict(
            "offer-outdated",
            f"{visit.service.name} takes {visit.service.minutes} minutes, which is not what the slot says.",
            "ends_at",
            "Ask for offers again, or leave ends_at out.",
        )


def site_of(
    setting: str,
    location_id: str | None,
    room_id: str | None,
    directory: Directory,
    profile: Profile,
    therapist: Therapist,
) -> Site:
    """Where a visit takes place. Raises NotFound, RuleViolation or Conflict."""
    if setting == MOBILE:
        for field, value in (("location_id", location_id), ("room_id", room_id)):
            if value is not None:
                raise RuleViolation("no-site-when-mobile", "A mobile visit has no location.", field, "Leave it out.")
        return home_of(profile, therapist)
    if location_id is None or room_id is None:
        field = "location_id" if location_id is None else "room_id"
        raise RuleViolation("site-required", f"A {setting} visit needs a location and a room.", field, "Add it.")
    location, room = directory.location(location_id), directory.room(room_id)
    _require_together(setting, location, room)
    return Site(location.coordinates, location.address.state, location.time_zone)


def home_of(profile: Profile, therapist: Therapist) -> Site:
    """The patient's home; its clocks are taken to be those of the therapist who drives there."""
    address = profile.address
    if address is None or address.coordinates is None:
        raise Conflict(
            "address-not-placed",
            "The patient's address is not on the map, so nobody can be sent there.",
            "setting",
            "Add coordinates to the patient's address, or book at a location.",
        )
    return Site(address.coordinates, address.state, therapist.time_zone)


def _require_together(setting: str, location: Location, room: Room) -> None:
    if location.setting != setting:
        raise RuleViolation(
            "setting-differs",
            f"{location.name} is a {location.setting}.",
            "setting",
            f"Send {location.setting}, or another location.",
        )
    if room.location_id != location.id:
        raise RuleViolation(
            "room-elsewhere", "The room belongs to another location.", "room_id", "Choose a room of the location."
        )
