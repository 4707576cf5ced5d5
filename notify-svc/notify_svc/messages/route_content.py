"""What a message about a published day holds, and the calendar file that goes with its mail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from icalendar import Calendar, Event

from fascia.localtime import wall
from notify_svc.messages.message import Message


def route_content(data: Mapping[str, Any], address: str | None, before: Mapping[str, Any] | None) -> dict[str, object]:
    """The content of a message about a route; `before`: that of the revision before.

    `gone` are visits that an earlier revision told of, so that a calendar drops what it was given.
    """
    zone, linked = data["time_zone"], data["page_url"] is not None
    stops = [_stop(stop, zone) for stop in data["stops"]]
    now = {stop["appointment_id"] for stop in stops}
    told = [*before.get("stops", ()), *before.get("gone", ())] if before else []
    return {
        "address": address,
        "name": data["therapist"]["name"],
        "date": data["date"].isoformat(),
        "revision": data["revision"],
        "stops": stops,
        "gone": [_times(stop) for stop in told if "appointment_id" in stop and stop["appointment_id"] not in now],
        **({"wording": "route_linked", "page_url": data["page_url"]} if linked else {}),
        **({"page_expires_at": data["page_expires_at"].isoformat()} if data["page_expires_at"] else {}),
    }


def calendar_file(message: Message) -> bytes:
    """The visits of a route's message as an iCalendar file (RFC 5545), the same bytes in every attempt to send it.

    The names are those in the mail that it comes with; nothing says what the visits are for.
    """
    content = message.content
    calendar = Calendar()
    calendar.add("prodid", "-//Fascia//notify-svc//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for stop in content["stops"]:
        event = _event(stop, message)
        event.add("summary", stop["patient_name"])
        event.add("status", "CONFIRMED")
        if stop["address"]:
            event.add("location", stop["address"])
        calendar.add_component(event)
    for stop in content["gone"]:
        event = _event(stop, message)
        event.add("status", "CANCELLED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _event(stop: Mapping[str, Any], message: Message) -> Event:
    event = Event()
    event.add("uid", f"{stop['appointment_id']}@fascia")
    event.add("dtstamp", message.created_at)
    event.add("sequence", message.content["revision"])
    event.add("dtstart", datetime.fromisoformat(stop["starts_at"]))
    event.add("dtend", datetime.fromisoformat(stop["ends_at"]))
    return event


def _stop(stop: Mapping[str, Any], zone: str) -> dict[str, Any]:
    address = stop["address"]
    # An event from before there were windows has neither.
    promised = [wall(stop[name], zone) for name in ("promised_from", "promised_until") if stop.get(name)]
    return {
        "appointment_id": stop["appointment_id"],
        "starts_at": stop["starts_at"].isoformat(),
        "ends_at": stop["ends_at"].isoformat(),
        "local_start": wall(stop["starts_at"], zone),
        "local_end": wall(stop["ends_at"], zone),
        "local_promised": promised if len(set(promised)) == 2 else None,
        "drive_minutes": stop["drive_minutes"],
        "patient_name": stop["patient_name"],
        "address": None if address is None else f"{address['line']}, {address['city']} {address['postal_code']}",
    }


def _times(stop: Mapping[str, Any]) -> dict[str, Any]:
    return {name: stop[name] for name in ("appointment_id", "starts_at", "ends_at")}
