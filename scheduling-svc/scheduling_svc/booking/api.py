"""Offers, holds and appointments over HTTP."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_smorest import Blueprint

from fascia.web.access import access
from fascia.web.etag import required_version, set_etag
from fascia.web.pages import PageQuerySchema, page_of
from fascia.web.unit import beforehand, command, current_uow, query
from scheduling_svc.booking import holding, moving, offering, store, visiting
from scheduling_svc.booking.appointment import Appointment, Reason, Status
from scheduling_svc.booking.beforehand import ask_roads
from scheduling_svc.booking.hold import Hold
from scheduling_svc.booking.schemas import (
    AppointmentSchema,
    AppointmentsQuerySchema,
    BookingRequestSchema,
    CancellationSchema,
    HoldSchema,
    OffersRequestSchema,
    OffersSchema,
    ProgressSchema,
    SlotSchema,
)
from scheduling_svc.booking.slot import request_of
from scheduling_svc.booking.views import appointment_view, hold_view, offer_view
from scheduling_svc.booking.wish import Wish
from scheduling_svc.roles import DESK, READERS, WORKERS, own_only, require_own

blp = Blueprint("booking", __name__, description="Offers, holds and appointments")
Shown = dict[str, Any]


@blp.route("/v1/offers", methods=["POST"])
@access(*DESK)
@query
@blp.arguments(OffersRequestSchema)
@blp.response(200, OffersSchema)
def find_offers(fields: dict[str, Any]) -> Shown:
    """When and by whom the patient could be visited, cheapest first, each with its parts. Changes nothing."""
    found = offering.find_offers(current_uow(), Wish(**{**fields, "skills": tuple(fields["skills"])}))
    return {"items": [offer_view(offer) for offer in found.offers], "travel": found.travel}


@blp.route("/v1/holds", methods=["POST"])
@access(*DESK)
@beforehand(ask_roads)
@command
@blp.arguments(SlotSchema)
@blp.response(201, HoldSchema)
def place_hold(slot: dict[str, Any]) -> Shown:
    """Keep a slot for a few minutes; of a tandem both therapists, or neither."""
    second = slot["second_therapist_id"]
    return _hold(holding.place_hold(current_uow(), request_of(slot), slot["ends_at"], second_therapist_id=second))


@blp.route("/v1/holds", methods=["GET"])
@access(*DESK)
@query
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, page_of(HoldSchema))
def list_holds(wanted: dict[str, Any]) -> Shown:
    """All holds, also those that are over."""
    uow = current_uow()
    holds, next_cursor = store.holds_page(uow, wanted)
    return {"items": [hold_view(hold, uow.now) for hold in holds], "next_cursor": next_cursor}


@blp.route("/v1/holds/<hold_id>", methods=["GET"])
@access(*DESK)
@query
@blp.response(200, HoldSchema)
def get_hold(hold_id: str) -> Shown:
    """One hold."""
    return _hold(store.get_hold(current_uow(), hold_id))


@blp.route("/v1/holds/<hold_id>", methods=["DELETE"])
@access(*DESK)
@command
@blp.response(204)
def release_hold(hold_id: str) -> None:
    """Give a slot back."""
    holding.release_hold(current_uow(), hold_id)


@blp.route("/v1/appointments", methods=["POST"])
@access(*DESK)
@beforehand(ask_roads)
@command
@blp.arguments(BookingRequestSchema)
@blp.response(201, AppointmentSchema)
def book(fields: dict[str, Any]) -> Shown:
    """Book a hold, or a slot in one step."""
    uow = current_uow()
    if fields["hold_id"] is not None:
        return _appointment(visiting.book_hold(uow, fields["hold_id"]))
    slot = fields["slot"]
    second = slot["second_therapist_id"]
    return _appointment(visiting.book_now(uow, request_of(slot), slot["ends_at"], second_therapist_id=second))


@blp.route("/v1/appointments", methods=["GET"])
@access(*READERS)
@query
@blp.arguments(AppointmentsQuerySchema, location="query")
@blp.response(200, page_of(AppointmentSchema))
def list_appointments(wanted: dict[str, Any]) -> Shown:
    """Appointments in the order in which they were made; a therapist sees their own."""
    uow = current_uow()
    mine = own_only(uow)
    if mine is not None:
        require_own(uow, wanted["therapist_id"] or mine)
        wanted["therapist_id"] = mine
    appointments, next_cursor = store.appointments_page(uow, wanted)
    return {"items": [appointment_view(one) for one in appointments], "next_cursor": next_cursor}


@blp.route("/v1/appointments/<appointment_id>", methods=["GET"])
@access(*READERS)
@query
@blp.response(200, AppointmentSchema)
def get_appointment(appointment_id: str) -> Shown:
    """One appointment."""
    return _appointment(_found(appointment_id))


@blp.route("/v1/appointments/<appointment_id>/cancellation", methods=["POST"])
@access(*DESK)
@command
@blp.arguments(CancellationSchema)
@blp.response(200, AppointmentSchema)
def cancel(fields: dict[str, Any], appointment_id: str) -> Shown:
    """The visit will not take place. If-Match, where sent, must name the version at hand."""
    return _appointment(visiting.cancel(current_uow(), _current(appointment_id), Reason(fields["reason"])))


@blp.route("/v1/appointments/<appointment_id>/move", methods=["POST"])
@access(*DESK)
@beforehand(ask_roads)
@command
@blp.arguments(SlotSchema)
@blp.response(200, AppointmentSchema)
def move(slot: dict[str, Any], appointment_id: str) -> Shown:
    """The visit takes place in another slot and keeps its id. If-Match, where sent, must name the version at hand."""
    return _appointment(moving.move(current_uow(), _current(appointment_id), request_of(slot), slot["ends_at"]))


@blp.route("/v1/appointments/<appointment_id>/progress", methods=["POST"])
@access(*WORKERS)
@command
@blp.arguments(ProgressSchema)
@blp.response(200, AppointmentSchema)
def progress(fields: dict[str, Any], appointment_id: str) -> Shown:
    """The next step on the way to completion. If-Match, where sent, must name the version at hand."""
    return _appointment(visiting.progress(current_uow(), _current(appointment_id), Status(fields["status"])))


def _found(appointment_id: str) -> Appointment:
    uow = current_uow()
    appointment = store.get_appointment(uow, appointment_id)
    require_own(uow, appointment.visit.therapist_id)
    return appointment


def _current(appointment_id: str) -> Appointment:
    expected = required_version() if "If-Match" in request.headers else None
    return visiting.at_version(_found(appointment_id), expected)


def _appointment(appointment: Appointment) -> Shown:
    set_etag(appointment.version)
    return appointment_view(appointment)


def _hold(hold: Hold) -> Shown:
    set_etag(hold.version)
    return hold_view(hold, current_uow().now)
