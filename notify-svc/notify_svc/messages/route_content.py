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

    Calendars of phones are copied to other companies' servers, so an entry says when and in which town, and no more.
    UID and SEQUENCE are those of the calendar file that scheduling-svc serves: a calendar that has one takes the other
    as its next version.
    """
    content = message.content
    calendar = Calendar()
    calendar.add("prodid", "-//Fascia//notify-svc//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    count = len(content["stops"])
    for number, stop in enumerate(content["stops"], start=1):
        event = _event(stop, message, f"Visit {number} of {count}")
        event.add("status", "CONFIRMED")
        if stop["town"]:
            event.add("location", stop["town"])
        if content.get("page_url"):
            event.add("url", content["page_url"])
        calendar.add_component(event)
    for stop in content["gone"]:
        event = _event(stop, message, "Visit taken off the route")
        event.add("status", "CANCELLED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _event(stop: Mapping[str, Any], message: Message, summary: str) -> Event:
    event = Event()
    event.add("uid", f"{stop['appointment_id']}.{message.content['date']}@fascia")
    event.add("dtstamp", message.created_at)
    event.add("sequence", message.content["revision"])
    event.add("dtstart", datetime.fromisoformat(stop["starts_at"]))
    event.add("dtend", datetime.fromisoformat(stop["ends_at"]))
    event.add("summary", summary)
    event.add("class", "PRIVATE")
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
        "town": None if address is None else f"{address['city']}, {address['state']}",
    }


def _times(stop: Mapping[str, Any]) -> dict[str, Any]:
    return {name: stop[name] for name in ("appointment_id", "starts_at", "ends_at")}
