"""A toy service that has one route for each rule of the web kit."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from pymongo.errors import DuplicateKeyError

from fascia.backbone.event import Event
from fascia.observability.tracing import current_trace_id
from fascia.problem import Conflict
from fascia.service import Service
from fascia.settings import ServiceSettings
from fascia.store import Index, UnitOfWork
from fascia.testing.harness import Harness
from fascia.web.access import Principal, Role, access, public
from fascia.web.body import body_limit
from fascia.web.etag import required_version, set_etag
from fascia.web.headers import page_policy
from fascia.web.pages import PageQuerySchema, find_page, page_of
from fascia.web.schemas import LocalTimeField, RequestSchema, TextField, ZoneField
from fascia.web.unit import command, current_uow, query

_ids = itertools.count(1)


class PartSchema(RequestSchema):
    name = fields.String(required=True)


class LampRequestSchema(RequestSchema):
    name = TextField(required=True)
    watts = fields.Integer(strict=True, load_default=10, validate=validate.Range(1, 1000))
    parts = fields.List(fields.Nested(PartSchema), load_default=list)
    local_time = LocalTimeField(zone_field="time_zone")
    time_zone = ZoneField()


class LampSchema(Schema):
    id = fields.String(attribute="_id")
    name = fields.String()
    watts = fields.Integer()
    by = fields.String()


class LampQuerySchema(PageQuerySchema):
    watts = fields.Integer()


blp = Blueprint("lamps", __name__, description="Lamps")


@blp.route("/v1/lamps", methods=["POST"])
@access(Role.ADMIN, Role.THERAPIST)
@command
@blp.arguments(LampRequestSchema)
@blp.response(201, LampSchema)
def add_lamp(body: dict[str, Any]) -> dict[str, Any]:
    """Add a lamp."""
    uow = current_uow()
    lamps = uow.collection("lamps")
    assert uow.principal is not None
    if lamps.find_one({"name": body["name"]}):
        raise Conflict("lamp-exists", f"There is a lamp {body['name']!r}.", "name", "Choose another name.")
    lamp = {"_id": f"{uow.practice_id}:{next(_ids):06}", "version": 1, "by": uow.principal.subject}
    lamp |= {"name": body["name"], "watts": body["watts"]}
    lamps.insert_one(lamp)
    uow.publish("contact.opted_out", {"patient_id": "p-1", "channel": "sms", "at": uow.now}, sequence=1)
    set_etag(1)
    return lamp


@blp.route("/v1/lamps", methods=["GET"])
@access(Role.ADMIN, Role.AUDITOR)
@query
@blp.arguments(LampQuerySchema, location="query")
@blp.response(200, page_of(LampSchema))
def list_lamps(wanted: dict[str, Any]) -> dict[str, Any]:
    """List lamps."""
    condition = {"watts": wanted["watts"]} if "watts" in wanted else {}
    items, next_cursor = find_page(current_uow().collection("lamps"), condition, wanted)
    return {"items": items, "next_cursor": next_cursor}


@blp.route("/v1/lamps/<lamp_id>", methods=["PUT"])
@access(Role.ADMIN)
@command
@blp.arguments(LampRequestSchema)
@blp.response(200, LampSchema)
def change_lamp(body: dict[str, Any], lamp_id: str) -> dict[str, Any]:
    """Change a lamp."""
    expected = required_version()
    lamps = current_uow().collection("lamps")
    lamp = lamps.find_one({"_id": lamp_id})
    assert lamp is not None
    lamp |= {"name": body["name"], "watts": body["watts"], "version": expected + 1}
    lamps.replace(lamp, expected_version=expected)
    set_etag(expected + 1)
    return lamp


@blp.route("/v1/unchecked", methods=["POST"])
@access(Role.ADMIN)
@command
@blp.arguments(LampRequestSchema)
@blp.response(204)
def unchecked(body: dict[str, Any]) -> None:
    """Insert without looking first: the unique index answers."""
    uow = current_uow()
    uow.collection("lamps").insert_one(
        {"_id": f"{uow.practice_id}:{next(_ids):06}", "version": 1, "name": body["name"]}
    )


@blp.route("/v1/broken", methods=["POST"])
@access(Role.ADMIN)
@command
@blp.response(204)
def broken() -> None:
    """Write, then fail."""
    uow = current_uow()
    uow.collection("lamps").insert_one({"_id": f"{uow.practice_id}:broken", "version": 1, "name": "half"})
    raise RuntimeError("Maria Secret")


@blp.route("/v1/refused", methods=["POST"])
@access(Role.ADMIN)
@command
def refused() -> Response:
    """Write, then answer with an error instead of raising one."""
    uow = current_uow()
    uow.collection("lamps").insert_one({"_id": f"{uow.practice_id}:refused", "version": 1, "name": "half"})
    return Response("no", status=409)


@blp.route("/v1/small", methods=["POST"])
@access(Role.ADMIN)
@body_limit(64)
@command
@blp.arguments(LampRequestSchema)
@blp.response(204)
def small(body: dict[str, Any]) -> None:
    """Take little."""


RACES: list[str] = []


@blp.route("/v1/raced", methods=["POST"])
@access(Role.ADMIN)
@command
@blp.arguments(LampRequestSchema)
@blp.response(201, LampSchema)
def raced(body: dict[str, Any]) -> dict[str, Any]:
    """Lose a race for a unique value at the first attempt, as a database may tell it at the moment of the write."""
    lamp = {"_id": f"{current_uow().practice_id}:{next(_ids):06}", "version": 1, "name": body["name"]}
    current_uow().collection("lamps").insert_one(lamp)
    if RACES:
        raise DuplicateKeyError(RACES.pop(), 11000, {"keyPattern": {"practice_id": 1, "name": 1}})
    return lamp


@blp.route("/v1/sparks", methods=["POST"])
@access(Role.ADMIN)
@command
@blp.arguments(LampRequestSchema)
@blp.response(201, LampSchema)
def spark(body: dict[str, Any]) -> dict[str, Any]:
    """What may be done any number of times: no rule would notice that it was done before."""
    uow = current_uow()
    sparks = uow.collection("sparks")
    made = {"_id": f"{uow.practice_id}:{next(_ids):06}", "name": body["name"], "watts": sparks.count({})}
    sparks.insert_one(made)
    set_etag(1)
    return made


def _by_link(token: str) -> Principal:
    return Principal(token, "linked", frozenset({Role.PATIENT}))


@blp.route("/q/<token>", methods=["POST"])
@public("the link is signed", principal=_by_link)
@command
def by_link(token: str) -> Response:
    """Act for the practice that a link names."""
    uow = current_uow()
    uow.collection("lamps").insert_one({"_id": f"{uow.practice_id}:{token}", "version": 1, "name": token})
    page_policy("default-src 'self'")
    return Response(f"<p>{uow.practice_id}</p>", content_type="text/html")


def on_opted_out(uow: UnitOfWork, event: Event) -> None:
    """Note the trace in which the event is handled."""
    uow.collection("handled").insert_one({"_id": event.id, "trace_id": current_trace_id()})


TOY = Service(
    name="toy-svc",
    settings=ServiceSettings,
    blueprints=(blp,),
    handlers={"contact.opted_out": on_opted_out},
    publishes=("contact.opted_out",),
    indexes=(Index("lamps", (("practice_id", 1), ("name", 1)), unique=True),),
)


@pytest.fixture
def races() -> Iterator[list[str]]:
    """As many entries as `/v1/raced` shall lose."""
    yield RACES
    RACES.clear()


@pytest.fixture
def toy(harness_of: Callable[..., Harness]) -> Harness:
    return harness_of(TOY)
