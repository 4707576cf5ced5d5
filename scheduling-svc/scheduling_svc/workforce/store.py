"""Where the workforce is kept.

A booking looks up half a dozen of these documents, which rarely change. So they are read together and kept in memory
under a mark that every change renews in its own transaction: a look-up costs one small read and is never stale.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from fascia.ids import new_id
from fascia.problem import Conflict, NotFound
from fascia.store import Document, Index, UnitOfWork
from fascia.web.pages import find_page
from scheduling_svc.store import Change, Documents, read, write
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import Address, Coordinates, Location, Room
from scheduling_svc.workforce.planning_policy import PlanningPolicy
from scheduling_svc.workforce.practice import Practice
from scheduling_svc.workforce.service_type import Kind, ServiceType
from scheduling_svc.workforce.shift import Roster, Shift, ShiftBreak
from scheduling_svc.workforce.therapist import MAIN_REGION, Licence, Therapist

T = TypeVar("T")
Page = tuple[list[T], str | None]
INDEXES = tuple(
    Index(name, (("practice_id", 1), ("_id", 1))) for name in ("locations", "rooms", "service_types", "therapists")
) + tuple(Index(name, (("practice_id", 1),)) for name in ("practices", "rosters"))

MARK = "directory"
_KEPT_DIRECTORIES = 256
_BY_HOUR = ("kmh_by_hour", "road_factor_by_hour")
_known: OrderedDict[tuple[str, str], Directory] = OrderedDict()
_lock = threading.Lock()


def directory(uow: UnitOfWork) -> Directory:
    """The practice's workforce as of this unit of work."""
    known = known_directory(uow)
    documents = read(uow, [MARK])
    if known is not None and is_current(known, documents):
        return known
    if MARK not in documents:
        return Directory(None)
    fresh = _read_directory(uow, documents[MARK]["mark"])
    with _lock:
        _known[_place(uow)] = fresh
        while len(_known) > _KEPT_DIRECTORIES:
            _known.popitem(last=False)
    return fresh


def known_directory(uow: UnitOfWork) -> Directory | None:
    """What this process read last. Whoever uses it reads `MARK` with what they need, and asks `is_current`."""
    with _lock:
        known = _known.get(_place(uow))
        if known is not None:
            _known.move_to_end(_place(uow))
        return known


def is_current(known: Directory, documents: Documents) -> bool:
    """Whether nothing has changed since, by the mark among aggregates that were read."""
    return MARK in documents and documents[MARK]["mark"] == known.mark


def _place(uow: UnitOfWork) -> tuple[str, str]:
    return uow.database.name, uow.practice_id


def save_practice(uow: UnitOfWork, practice: Practice) -> None:
    """Write the settings; `practice.version` is the new one. Raises StaleVersion."""
    by_hour = {name: list(getattr(practice, name)) for name in _BY_HOUR}
    own = {**by_hour, "planning": dict(vars(practice.planning))}
    document = {"_id": uow.practice_id, **vars(practice), **own}
    _save(uow, "practices", document)


def save_location(uow: UnitOfWork, location: Location) -> None:
    """Write a location; raises Conflict when its id is taken."""
    document = {
        "name": location.name,
        "setting": location.setting,
        "address": _from_address(location.address),
        "time_zone": location.time_zone,
    }
    _save(uow, "locations", _numbered(uow, location.id, location.version, document))


def save_room(uow: UnitOfWork, room: Room) -> None:
    """Write a room; raises Conflict when its id is taken."""
    document = {"location_id": room.location_id, "name": room.name}
    _save(uow, "rooms", _numbered(uow, room.id, room.version, document))


def save_service_type(uow: UnitOfWork, service: ServiceType) -> None:
    """Write a service type; raises Conflict when its code is taken."""
    document = {
        "name": service.name,
        "kind": service.kind.value,
        "minutes": service.minutes,
        "settings": sorted(service.settings),
        "requires_prescription": service.requires_prescription,
        "skills": sorted(service.skills),
        "therapists": service.therapists,
    }
    _save(uow, "service_types", _numbered(uow, service.code, service.version, document))


def save_therapist(uow: UnitOfWork, therapist: Therapist) -> None:
    """Write a therapist; name, contact and home are sealed. Raises Conflict or StaleVersion."""
    private = {
        "name": therapist.name,
        "phone": therapist.phone,
        "email": therapist.email,
        "home": [therapist.home.latitude, therapist.home.longitude],
    }
    document = {
        "sealed": uow.keyring.seal_json(private, _context(uow, therapist.id)),
        "time_zone": therapist.time_zone,
        "licences": [
            {
                "state": licence.state,
                "number": licence.number,
                "valid_from": licence.valid_from.isoformat(),
                "valid_until": licence.valid_until.isoformat(),
            }
            for licence in therapist.licences
        ],
        "service_types": sorted(therapist.service_types),
        "settings": sorted(therapist.settings),
        "max_drive_minutes": therapist.max_drive_minutes,
        "active": therapist.active,
        "skills": sorted(therapist.skills),
        "max_day_drive_minutes": therapist.max_day_drive_minutes,
        "max_overtime_minutes": therapist.max_overtime_minutes,
        "service_area": [[corner.latitude, corner.longitude] for corner in therapist.service_area],
        "region": therapist.region,
    }
    _save(uow, "therapists", _numbered(uow, therapist.id, therapist.version, document))


def get_roster(uow: UnitOfWork, therapist_id: str) -> Roster:
    """All shifts of a therapist."""
    found = uow.collection("rosters").find_one({"_id": f"{uow.practice_id}:{therapist_id}"})
    if found is None:
        return Roster(therapist_id)
    return Roster(therapist_id, found["version"], tuple(shift_of(shift) for shift in found["shifts"]))


def save_roster(uow: UnitOfWork, roster: Roster) -> None:
    """Write a roster; raises StaleVersion."""
    document = {
        "_id": f"{uow.practice_id}:{roster.therapist_id}",
        "version": roster.version + 1,
        "shifts": [from_shift(shift) for shift in roster.shifts],
    }
    if roster.version == 0:
        uow.collection("rosters").insert_one(document)
    else:
        uow.collection("rosters").replace(document, expected_version=roster.version)


def from_shift(shift: Shift) -> Document:
    """A shift inside another document."""
    return {**vars(shift), "breaks": [dict(vars(one)) for one in shift.breaks]}


def shift_of(document: Document) -> Shift:
    """Back from another document."""
    return Shift(**{**document, "breaks": tuple(ShiftBreak(**one) for one in document.get("breaks", ()))})


def locations_page(uow: UnitOfWork, query: dict[str, Any]) -> Page[Location]:
    """Locations by id."""
    return _page(uow, "locations", query, lambda document: _location(uow, document))


def rooms_page(uow: UnitOfWork, query: dict[str, Any]) -> Page[Room]:
    """Rooms by id."""
    return _page(uow, "rooms", query, lambda document: _room(uow, document))


def service_types_page(uow: UnitOfWork, query: dict[str, Any]) -> Page[ServiceType]:
    """Service types by code."""
    return _page(uow, "service_types", query, lambda document: _service_type(uow, document))


def therapists_page(uow: UnitOfWork, query: dict[str, Any]) -> Page[Therapist]:
    """Therapists by id."""
    return _page(uow, "therapists", query, lambda document: _therapist(uow, document))


def get_therapist(uow: UnitOfWork, id_: str) -> Therapist:
    """Raises NotFound."""
    found = uow.collection("therapists").find_one({"_id": f"{uow.practice_id}:{id_}"})
    if found is None:
        raise NotFound("therapist", id_)
    return _therapist(uow, found)


def _page(uow: UnitOfWork, name: str, query: dict[str, Any], load: Callable[[Document], T]) -> Page[T]:
    documents, next_cursor = find_page(uow.collection(name), {}, query)
    return [load(document) for document in documents], next_cursor


def _save(uow: UnitOfWork, name: str, document: Document) -> None:
    collection = uow.collection(name)
    if document["version"] > 1:
        collection.replace(document, expected_version=document["version"] - 1)
    elif collection.find_one({"_id": document["_id"]}) is not None:
        raise Conflict(
            "already-exists", "There is already one with this id.", "id", "Choose another id or leave it out."
        )
    else:
        collection.insert_one(document)
    marked = read(uow, [MARK]).get(MARK)
    write(uow, Change(MARK, {"mark": new_id()}, marked["version"] if marked else 0))


def _numbered(uow: UnitOfWork, id_: str, version: int, fields: Document) -> Document:
    return {"_id": f"{uow.practice_id}:{id_}", "version": version, **fields}


def _read_directory(uow: UnitOfWork, mark: str) -> Directory:
    settings = uow.collection("practices").find_one({"_id": uow.practice_id})
    locations = [_location(uow, document) for document in uow.collection("locations").find({})]
    rooms = [_room(uow, document) for document in uow.collection("rooms").find({})]
    services = [_service_type(uow, document) for document in uow.collection("service_types").find({})]
    therapists = [_therapist(uow, document) for document in uow.collection("therapists").find({})]
    return Directory(
        _practice(settings) if settings else None,
        {location.id: location for location in locations},
        {room.id: room for room in rooms},
        {service.code: service for service in services},
        {therapist.id: therapist for therapist in therapists},
        mark,
    )


def _practice(document: Document) -> Practice:
    fields = {name: value for name, value in document.items() if name not in ("_id", "practice_id")}
    planning = PlanningPolicy(**document.get("planning", {}))
    by_hour = {name: tuple(document[name]) for name in _BY_HOUR if name in document}
    return Practice(**{**fields, **by_hour, "planning": planning})


def _location(uow: UnitOfWork, document: Document) -> Location:
    return Location(
        _id(uow, document),
        document["name"],
        document["setting"],
        _address(document["address"]),
        document["time_zone"],
        document["version"],
    )


def _room(uow: UnitOfWork, document: Document) -> Room:
    return Room(_id(uow, document), document["location_id"], document["name"], document["version"])


def _service_type(uow: UnitOfWork, document: Document) -> ServiceType:
    return ServiceType(
        _id(uow, document),
        document["name"],
        Kind(document["kind"]),
        document["minutes"],
        frozenset(document["settings"]),
        document["requires_prescription"],
        frozenset(document.get("skills", ())),
        document.get("therapists", 1),
        document["version"],
    )


def _therapist(uow: UnitOfWork, document: Document) -> Therapist:
    id_ = _id(uow, document)
    private = uow.keyring.open_json(document["sealed"], _context(uow, id_))
    return Therapist(
        id=id_,
        name=private["name"],
        phone=private["phone"],
        email=private["email"],
        home=Coordinates(*private["home"]),
        time_zone=document["time_zone"],
        licences=tuple(
            Licence(
                licence["state"],
                licence["number"],
                date.fromisoformat(licence["valid_from"]),
                date.fromisoformat(licence["valid_until"]),
            )
            for licence in document["licences"]
        ),
        service_types=frozenset(document["service_types"]),
        settings=frozenset(document["settings"]),
        max_drive_minutes=document["max_drive_minutes"],
        active=document["active"],
        skills=frozenset(document.get("skills", ())),
        max_day_drive_minutes=document.get("max_day_drive_minutes"),
        max_overtime_minutes=document.get("max_overtime_minutes", 0),
        service_area=tuple(Coordinates(*corner) for corner in document.get("service_area", ())),
        region=document.get("region", MAIN_REGION),
        version=document["version"],
    )


def _from_address(address: Address) -> Document:
    coordinates = address.coordinates
    return {**vars(address), "coordinates": [coordinates.latitude, coordinates.longitude] if coordinates else None}


def _address(document: Document) -> Address:
    return Address(**{**document, "coordinates": Coordinates(*document["coordinates"])})


def _id(uow: UnitOfWork, document: Document) -> str:
    return str(document["_id"]).removeprefix(f"{uow.practice_id}:")


def _context(uow: UnitOfWork, therapist_id: str) -> str:
    return f"therapist:{uow.practice_id}:{therapist_id}"
