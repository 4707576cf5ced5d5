"""The waitlist over HTTP."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from fascia.ids import new_id
from fascia.web.access import access
from fascia.web.etag import set_etag
from fascia.web.pages import page_of
from fascia.web.unit import command, current_uow, query
from scheduling_svc.roles import DESK
from scheduling_svc.waitlist import store
from scheduling_svc.waitlist.entry import Entry, Hours
from scheduling_svc.waitlist.schemas import EntrySchema, WaitlistQuerySchema
from scheduling_svc.waitlist.waiting import add_entry, seen, withdraw_entry

blp = Blueprint("waitlist", __name__, description="Wishes that a plan may place where they cost little")


@blp.route("/v1/waitlist", methods=["POST"])
@access(*DESK)
@command
@blp.arguments(EntrySchema)
@blp.response(201, EntrySchema)
def add(fields: dict[str, Any]) -> Entry:
    """Keep a wish until a plan has a place for it."""
    hours = tuple(Hours(**part) for part in fields["hours"])
    entry = Entry(id=new_id(), **{**fields, "skills": tuple(fields["skills"]), "hours": hours})
    stored = add_entry(current_uow(), entry)
    set_etag(stored.version)
    return stored


@blp.route("/v1/waitlist", methods=["GET"])
@access(*DESK)
@query
@blp.arguments(WaitlistQuerySchema, location="query")
@blp.response(200, page_of(EntrySchema))
def list_entries(wanted: dict[str, Any]) -> dict[str, Any]:
    """Wishes in the order in which they were made, also those that are over."""
    uow = current_uow()
    entries, next_cursor = store.entries_page(uow, wanted)
    states = seen(uow, entries)
    return {"items": [{**vars(one), "state": states[one.id]} for one in entries], "next_cursor": next_cursor}


@blp.route("/v1/waitlist/<entry_id>", methods=["GET"])
@access(*DESK)
@query
@blp.response(200, EntrySchema)
def get(entry_id: str) -> dict[str, Any]:
    """One wish."""
    uow = current_uow()
    entry = store.get_entry(uow, entry_id)
    set_etag(entry.version)
    return {**vars(entry), "state": seen(uow, [entry])[entry.id]}


@blp.route("/v1/waitlist/<entry_id>", methods=["DELETE"])
@access(*DESK)
@command
@blp.response(204)
def withdraw(entry_id: str) -> None:
    """The patient does not wait any more."""
    withdraw_entry(current_uow(), entry_id)
