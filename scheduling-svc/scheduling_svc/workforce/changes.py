"""Setting up and changing the workforce."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fascia.ids import new_id
from fascia.problem import PreconditionRequired, RuleViolation, StaleVersion
from fascia.store import UnitOfWork
from scheduling_svc.workforce import store
from scheduling_svc.workforce.place import Address, Coordinates, Location, Room
from scheduling_svc.workforce.planning_policy import PlanningPolicy
from scheduling_svc.workforce.practice import Practice
from scheduling_svc.workforce.service_type import ServiceType
from scheduling_svc.workforce.therapist import Licence, Therapist

Fields = dict[str, Any]


def put_practice(uow: UnitOfWork, fields: Fields, based_on: int | None) -> Practice:
    """Make the settings, or change them on the version that the caller read."""
    known = store.directory(uow).settings
    if known is not None and based_on is None:
        raise PreconditionRequired
    if based_on is not None and (known is None or known.version != based_on):
        raise StaleVersion(based_on)
    version = known.version + 1 if known else 1
    by_hour = {name: tuple(fields[name]) for name in ("kmh_by_hour", "road_factor_by_hour")}
    own = {**by_hour, "planning": PlanningPolicy(**fields["planning"])}
    practice = Practice(**{**fields, **own, "version": version})
    store.save_practice(uow, practice)
    return practice


def add_location(uow: UnitOfWork, fields: Fields) -> Location:
    """Add a site."""
    address = fields["address"]
    placed = Address(**{**address, "coordinates": Coordinates(**address["coordinates"])})
    location = Location(fields["id"] or new_id(), fields["name"], fields["setting"], placed, fields["time_zone"])
    store.save_location(uow, location)
    return location


def add_room(uow: UnitOfWork, fields: Fields) -> Room:
    """Add a room to a site; raises NotFound for a site of nobody or of another practice."""
    store.directory(uow).location(fields["location_id"])
    room = Room(fields["id"] or new_id(), fields["location_id"], fields["name"])
    store.save_room(uow, room)
    return room


def add_service_type(uow: UnitOfWork, fields: Fields) -> ServiceType:
    """Add a kind of visit."""
    service = ServiceType(
        **{**fields, "settings": frozenset(fields["settings"]), "skills": frozenset(fields["skills"])}
    )
    store.save_service_type(uow, service)
    return service


def add_therapist(uow: UnitOfWork, fields: Fields) -> Therapist:
    """Add a therapist."""
    therapist = _therapist(uow, fields["id"] or new_id(), fields)
    _keep(uow, therapist)
    return therapist


def put_therapist(uow: UnitOfWork, id_: str, fields: Fields, based_on: int) -> Therapist:
    """Change a therapist on the version that the caller read; raises NotFound or StaleVersion."""
    if fields["id"] not in (None, id_):
        raise RuleViolation("id-is-fixed", "The id in the body is not the one in the address.", "id", "Leave it out.")
    known = store.get_therapist(uow, id_)
    if known.version != based_on:
        raise StaleVersion(based_on)
    therapist = replace(_therapist(uow, id_, fields), version=based_on + 1)
    _keep(uow, therapist)
    return therapist


def _keep(uow: UnitOfWork, therapist: Therapist) -> None:
    store.save_therapist(uow, therapist)
    names = ("version", "name", "phone", "email", "time_zone", "active")
    data = {name: getattr(therapist, name) for name in names}
    uow.publish("therapist.updated", {"therapist_id": therapist.id, **data}, sequence=therapist.version)


def _therapist(uow: UnitOfWork, id_: str, fields: Fields) -> Therapist:
    directory = store.directory(uow)
    for position, code in enumerate(fields["service_types"]):
        if code not in directory.service_types:
            raise RuleViolation(
                "unknown-service-type",
                f"{code!r} is not a service type of this practice.",
                f"service_types.{position}",
                "Add it with POST /v1/service-types first.",
            )
    return Therapist(
        id=id_,
        name=fields["name"],
        phone=fields["phone"],
        email=fields["email"],
        home=Coordinates(**fields["home"]),
        time_zone=fields["time_zone"],
        licences=tuple(Licence(**licence) for licence in fields["licences"]),
        service_types=frozenset(fields["service_types"]),
        settings=frozenset(fields["settings"]),
        max_drive_minutes=fields["max_drive_minutes"],
        active=fields["active"],
        skills=frozenset(fields["skills"]),
        max_day_drive_minutes=fields["max_day_drive_minutes"],
        max_overtime_minutes=fields["max_overtime_minutes"],
        service_area=tuple(Coordinates(**corner) for corner in fields["service_area"]),
        region=fields["region"],
    )
