"""A therapist's day as an iCalendar file (RFC 5545, RFC 7986).

Calendars of phones are copied to other companies' servers. So an entry says when and in which town, and whose visit it
is stays behind the link: no name, no street, no door code, no service.
"""

from __future__ import annotations

from collections.abc import Sequence

from icalendar import Calendar, Event

from fascia.localtime import wall
from scheduling_svc.routing.route import Route, RouteStop

_MAKER = "-//Fascia//Routes//EN"


def calendar_file(route: Route, before: Sequence[Route], page_url: str | None = None) -> bytes:
    """The file of a route's latest revision. Visits of earlier revisions that are gone are in it as cancelled.

    An entry keeps its UID through all revisions, and SEQUENCE is the number of the revision, so a calendar that imports
    a later file replaces what it had.
    """
    calendar = Calendar()
    calendar.add("prodid", _MAKER)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", f"Route {route.date.isoformat()}")
    calendar.add("x-wr-timezone", route.time_zone)
    for number, stop in enumerate(route.stops, 1):
        event = _entry(route, stop, f"Visit {number} of {len(route.stops)}")
        event.add("description", _words(stop, route.time_zone, page_url))
        event.add("status", "CONFIRMED")
        if page_url:
            event.add("url", page_url)
        calendar.add_component(event)
    here = {stop.appointment_id for stop in route.stops}
    last = {stop.appointment_id: stop for each in before for stop in each.stops}
    for id_, stop in sorted(last.items()):
        if id_ not in here:
            event = _entry(route, stop, "Visit taken off the route")
            event.add("status", "CANCELLED")
            calendar.add_component(event)
    return bytes(calendar.to_ical())


def _entry(route: Route, stop: RouteStop, summary: str) -> Event:
    event = Event()
    event.add("uid", f"{stop.appointment_id}.{route.date.isoformat()}@fascia")
    event.add("dtstamp", route.published_at)
    event.add("sequence", route.revision)
    event.add("dtstart", stop.starts_at)
    event.add("dtend", stop.ends_at)
    event.add("summary", summary)
    event.add("class", "PRIVATE")
    event.add("transp", "OPAQUE")
    if stop.address:
        event.add("location", f"{stop.address.city}, {stop.address.state}")
    return event


def _words(stop: RouteStop, zone: str, page_url: str | None) -> str:
    drive = f"{stop.drive_minutes} min drive." if stop.drive_minutes else "No drive."
    where = " Name, address and door notes are on your route's page." if page_url else ""
    return drive + _window(stop, zone) + where


def _window(stop: RouteStop, zone: str) -> str:
    begin, end = stop.promised_from, stop.promised_until
    if begin is None or end is None or begin == end:
        return ""
    return f" Promised to begin from {wall(begin, zone)[-5:]} to {wall(end, zone)[-5:]}."
