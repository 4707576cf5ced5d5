"""Who and what is taken when, and what a therapist's day tells."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from fascia.problem import Conflict
from scheduling_svc.patients.clearance import Clearance, refusal
from scheduling_svc.patients.patient import Patient, Profile
from scheduling_svc.routing.calendar import Calendar, Entry
from scheduling_svc.routing.therapist_day import DayStatus, Stop, TherapistDay
from scheduling_svc.workforce.place import Coordinates

NOW = datetime(2027, 1, 11, 14, tzinfo=UTC)


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def entry(id_: str, start: float, end: float, held: float | None = None) -> Entry:
    return Entry(id_, at(start), at(end), at(held) if held is not None else None)


@pytest.mark.parametrize(
    ("start", "end", "busy"), [(9, 10, False), (9, 10.1, True), (10.2, 10.4, True), (10.9, 12, True), (11, 12, False)]
)
def test_times_that_only_touch_do_not_overlap(start: float, end: float, busy: bool) -> None:
    calendar = Calendar("room:1").with_entry(entry("a", 10, 11), NOW)
    assert (calendar.blocking(at(start), at(end), NOW) is not None) is busy


def test_a_hold_is_in_the_way_until_it_runs_out() -> None:
    calendar = Calendar("room:1").with_entry(entry("a", 10, 11, held=0.2), NOW)
    assert calendar.blocking(at(10), at(11), NOW)
    assert not calendar.blocking(at(10), at(11), at(0.2))
    assert calendar.settled("a").blocking(at(10), at(11), at(0.2))
    assert [one.id for one in calendar.with_entry(entry("b", 10, 11), at(0.2)).entries] == ["b"]
    assert not calendar.without("a").holds("a", NOW)


def test_what_is_long_over_is_dropped() -> None:
    calendar = Calendar("patient:1").with_entry(entry("a", 1, 2), NOW)
    assert [one.id for one in calendar.with_entry(entry("b", 1000, 1001), at(24 * 8)).entries] == ["b"]


def stop(id_: str, held: float | None = None) -> Stop:
    held_until = at(held) if held is not None else None
    return Stop(id_, "patient", "mobile", None, "shift", Coordinates(0, 0), at(1), at(2), held_until)


def test_a_day_is_published_in_revisions_and_goes_on_running() -> None:
    day = TherapistDay("alma", date(2027, 1, 11), stops=(stop("booked"), stop("held", 1)))
    assert [one.id for one in day.booked()] == ["booked"]
    assert not day.is_published
    assert day.with_begun("booked").status is DayStatus.OPEN
    told = day.published()
    assert (told.status, told.revision) == (DayStatus.PUBLISHED, 1)
    again = told.with_begun("booked").published()
    assert (again.status, again.revision) == (DayStatus.RUNNING, 2)


def test_a_visit_where_there_is_no_shift_is_refused() -> None:
    with pytest.raises(Conflict) as caught:
        TherapistDay("alma", date(2027, 1, 11)).shift_around(at(1), at(2), "mobile", None)
    assert caught.value.code == "therapist-not-on-shift"


def verdict(version: int = 1, **changes: object) -> Clearance:
    fields = {"verdict": "cleared", "evaluation_id": "e1", "home_visits": True, "effective_at": NOW, **changes}
    return Clearance(version, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("clearance", "mobile", "code"),
    [
        (None, False, "evaluation-required"),
        (verdict(evaluation_id=None), False, "evaluation-required"),
        (verdict(verdict="declined"), False, "not-cleared"),
        (verdict(verdict="needs_clearance"), False, "not-cleared"),
        (verdict(expires_on=date(2027, 1, 17)), False, "clearance-expired"),
        (verdict(home_visits=False), True, "home-visits-not-cleared"),
        (verdict(home_visits=False), False, None),
        (verdict(verdict="restricted", expires_on=date(2027, 1, 18)), True, None),
    ],
)
def test_what_a_verdict_allows(clearance: Clearance | None, mobile: bool, code: str | None) -> None:
    found = refusal(clearance, date(2027, 1, 18), mobile=mobile)
    assert (found.code if found else None) == code


def test_of_two_versions_the_newer_one_is_kept_in_any_order() -> None:
    patient = Patient("p").with_clearance(verdict(2))
    assert patient is not None
    assert patient.with_clearance(verdict(1)) is None
    assert patient.with_clearance(verdict(2)) is None
    known = patient.with_profile(Profile(3, "Ada Sample-01", None, "America/New_York"))
    assert known is not None
    assert known.clearance == verdict(2)
    assert known.with_profile(Profile(2, "Old Name", None, "America/New_York")) is None
