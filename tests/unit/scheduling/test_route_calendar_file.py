"""The calendar file of a day: a calendar that imports the next revision has the new day, and nobody learns a name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar

from scheduling_svc.routes.calendar_file import calendar_file
from scheduling_svc.routing.route import Route, RouteStop
from scheduling_svc.workforce.place import Address, Coordinates

DAY = date(2027, 1, 18)
NINE = datetime(2027, 1, 18, 14, tzinfo=UTC)
HOME = Address("1 Sample Street", "Cambridge", "MA", "02139", "US", Coordinates(42.3736, -71.1097))


def stop(id_: str, hours: int) -> RouteStop:
    begin = NINE + timedelta(hours=hours)
    made = RouteStop(id_, "p", "Ada Sample", begin, begin + timedelta(hours=1), 12, "mobile", HOME)
    return replace(
        made,
        promised_from=begin,
        promised_until=begin + timedelta(hours=2),
        door_notes="Code 4711",
        service_type="lymphatic-60",
    )


FIRST = Route("alma", DAY, "America/New_York", 1, NINE - timedelta(hours=3), (stop("a", 0), stop("b", 2)))
SECOND = replace(FIRST, revision=2, published_at=NINE - timedelta(hours=1), stops=(stop("b", 1), stop("c", 4)))


def test_a_later_file_replaces_moves_and_cancels() -> None:
    old = {event["uid"]: event for event in Calendar.from_ical(calendar_file(FIRST, [])).walk("VEVENT")}
    new = {event["uid"]: event for event in Calendar.from_ical(calendar_file(SECOND, [FIRST])).walk("VEVENT")}
    assert set(old) < set(new)
    moved, gone = new["b.2027-01-18@fascia"], new["a.2027-01-18@fascia"]
    assert moved.decoded("dtstart") == NINE + timedelta(hours=1)
    assert (moved["summary"], moved["status"]) == ("Visit 1 of 2", "CONFIRMED")
    assert gone["status"] == "CANCELLED"
    assert all(new[uid]["sequence"] > old[uid]["sequence"] for uid in old)
    assert "Promised to begin from 10:00 to 12:00." in moved["description"]


def test_no_name_street_code_or_service_is_in_it() -> None:
    text = calendar_file(SECOND, [FIRST], "https://scheduling.example.org/r/token").decode()
    for private in ("Ada", "Sample", "Street", "4711", "lymphatic", "02139", "42.37"):
        assert private not in text
    assert "Cambridge" in text
    assert "https://scheduling.example.org/r/token" in text.replace("\r\n ", "")


def test_lines_end_and_fold_as_the_standard_says() -> None:
    raw = calendar_file(SECOND, [FIRST], "https://scheduling.example.org/r/" + "t" * 90)
    lines = raw.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in b"".join(lines)
    assert lines[0] == b"BEGIN:VCALENDAR"
