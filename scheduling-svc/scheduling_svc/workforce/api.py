"""The workforce over HTTP."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_smorest import Blueprint

from fascia.store import UnitOfWork
from fascia.web.access import access
from fascia.web.etag import required_version, set_etag
from fascia.web.pages import PageQuerySchema, page_of
from fascia.web.unit import command, current_uow, query
from scheduling_svc.roles import MANAGERS, READERS, sees_private
from scheduling_svc.workforce import changes, store
from scheduling_svc.workforce.place import Location, Room
from scheduling_svc.workforce.practice import Practice
from scheduling_svc.workforce.schemas import (
    LocationSchema,
    PracticeSchema,
    RoomSchema,
    ServiceTypeSchema,
    TherapistSchema,
    TherapistShownSchema,
)
from scheduling_svc.workforce.service_type import ServiceType
from scheduling_svc.workforce.therapist import Therapist

blp = Blueprint("workforce", __name__, description="Practice settings, sites, service types, therapists")


@blp.route("/v1/practice", methods=["GET"])
@access(*READERS)
@query
@blp.response(200, PracticeSchema)
def get_practice() -> Practice:
    """The practice's settings."""
    practice = store.directory(current_uow()).practice
    set_etag(practice.version)
    return practice


@blp.route("/v1/practice", methods=["PUT"])
@access(*MANAGERS)
@command
@blp.arguments(PracticeSchema)
@blp.response(200, PracticeSchema)
def put_practice(fields: dict[str, Any]) -> Practice:
    """Make the settings, or with If-Match change them."""
    based_on = required_version() if "If-Match" in request.headers else None
    practice = changes.put_practice(current_uow(), fields, based_on)
    set_etag(practice.version)
    return practice


@blp.route("/v1/locations", methods=["POST"])
@access(*MANAGERS)
@command
@blp.arguments(LocationSchema)
@blp.response(201, LocationSchema)
def add_location(fields: dict[str, Any]) -> Location:
    """Add a site."""
    return changes.add_location(current_uow(), fields)


@blp.route("/v1/locations", methods=["GET"])
@access(*READERS)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(LocationSchema))
def list_locations(wanted: dict[str, Any]) -> dict[str, Any]:
    """The sites."""
    return _page(store.locations_page(current_uow(), wanted))


@blp.route("/v1/locations/<location_id>", methods=["GET"])
@access(*READERS)
@query
@blp.response(200, LocationSchema)
def get_location(location_id: str) -> Location:
    """One site."""
    return store.directory(current_uow()).location(location_id)


@blp.route("/v1/rooms", methods=["POST"])
@access(*MANAGERS)
@command
@blp.arguments(RoomSchema)
@blp.response(201, RoomSchema)
def add_room(fields: dict[str, Any]) -> Room:
    """Add a room to a site."""
    return changes.add_room(current_uow(), fields)


@blp.route("/v1/rooms", methods=["GET"])
@access(*READERS)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(RoomSchema))
def list_rooms(wanted: dict[str, Any]) -> dict[str, Any]:
    """The rooms of all sites."""
    return _page(store.rooms_page(current_uow(), wanted))


@blp.route("/v1/service-types", methods=["POST"])
@access(*MANAGERS)
@command
@blp.arguments(ServiceTypeSchema)
@blp.response(201, ServiceTypeSchema)
def add_service_type(fields: dict[str, Any]) -> ServiceType:
    """Add a kind of visit."""
    return changes.add_service_type(current_uow(), fields)


@blp.route("/v1/service-types", methods=["GET"])
@access(*READERS)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(ServiceTypeSchema))
def list_service_types(wanted: dict[str, Any]) -> dict[str, Any]:
    """The kinds of visit."""
    return _page(store.service_types_page(current_uow(), wanted))


@blp.route("/v1/therapists", methods=["POST"])
@access(*MANAGERS)
@command
@blp.arguments(TherapistSchema)
@blp.response(201, TherapistSchema)
def add_therapist(fields: dict[str, Any]) -> Therapist:
    """Add a therapist."""
    therapist = changes.add_therapist(current_uow(), fields)
    set_etag(therapist.version)
    return therapist


@blp.route("/v1/therapists", methods=["GET"])
@access(*READERS)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(TherapistShownSchema))
def list_therapists(wanted: dict[str, Any]) -> dict[str, Any]:
    """The therapists. Home and contact of a colleague are shown to the desk only."""
    uow = current_uow()
    therapists, next_cursor = store.therapists_page(uow, wanted)
    return _page(([_shown(uow, therapist) for therapist in therapists], next_cursor))


@blp.route("/v1/therapists/<therapist_id>", methods=["GET"])
@access(*READERS)
@query
@blp.response(200, TherapistShownSchema)
def get_therapist(therapist_id: str) -> dict[str, Any]:
    """One therapist. Home and contact of a colleague are shown to the desk only."""
    uow = current_uow()
    therapist = store.get_therapist(uow, therapist_id)
    set_etag(therapist.version)
    return _shown(uow, therapist)


@blp.route("/v1/therapists/<therapist_id>", methods=["PUT"])
@access(*MANAGERS)
@command
@blp.arguments(TherapistSchema)
@blp.response(200, TherapistSchema)
def put_therapist(fields: dict[str, Any], therapist_id: str) -> Therapist:
    """Change a therapist; If-Match names the version that it is based on."""
    therapist = changes.put_therapist(current_uow(), therapist_id, fields, required_version())
    set_etag(therapist.version)
    return therapist


def _shown(uow: UnitOfWork, therapist: Therapist) -> dict[str, Any]:
    private = {} if sees_private(uow, therapist.id) else {"home": None, "phone": None, "email": None}
    return {**vars(therapist), **private}


def _page(page: tuple[list[Any], str | None]) -> dict[str, Any]:
    return {"items": page[0], "next_cursor": page[1]}
