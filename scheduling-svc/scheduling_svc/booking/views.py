"""Domain objects as the schemas show them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fascia.localtime import wall
from scheduling_svc.booking.appointment import Appointment
from scheduling_svc.booking.hold import Hold
from scheduling_svc.booking.offers import Offer
from scheduling_svc.booking.visit import VisitRequest


def offer_view(offer: Offer) -> dict[str, Any]:
    """An offer."""
    return {**_visit(offer.visit), **_without_visit(offer), "local_start": offer.local_start}


def hold_view(hold: Hold, now: datetime) -> dict[str, Any]:
    """A hold as it is at a moment."""
    local_start = wall(hold.visit.starts_at, hold.time_zone)
    return {**_visit(hold.visit), **_without_visit(hold), "local_start": local_start, "state": hold.seen_at(now)}


def appointment_view(appointment: Appointment) -> dict[str, Any]:
    """An appointment."""
    return {
        **_visit(appointment.visit),
        **_without_visit(appointment),
        "local_start": appointment.local_start,
        "started_at": appointment.started_at,
        "ended_at": appointment.ended_at,
    }


def _visit(visit: VisitRequest) -> dict[str, Any]:
    return {**vars(visit), "promised_from": visit.promised.earliest, "promised_until": visit.promised.latest}


def _without_visit(one: Offer | Hold | Appointment) -> dict[str, Any]:
    return {name: value for name, value in vars(one).items() if name != "visit"}
