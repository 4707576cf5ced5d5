"""What a therapist's page says, which taps it offers, and when a tap that came late really happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from scheduling_svc.booking.appointment import TRANSITIONS, Appointment, Reason, Status
from scheduling_svc.booking.visit import VisitRequest
from scheduling_svc.disruption.eta import Eta
from scheduling_svc.patients.patient import Profile
from scheduling_svc.routes.action import Action, can_give_up, happened_at, is_done, steps_left
from scheduling_svc.routes.given_up import GivenUp, Why
from scheduling_svc.routes.navigation import ways_to
from scheduling_svc.routes.sheet import Facts, Phase, sheet_of
from scheduling_svc.routing.page_link import link_end
from scheduling_svc.routing.route import Route, RouteStop
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import Address, Coordinates
from scheduling_svc.workforce.practice import Practice
from scheduling_svc.workforce.service_type import Kind, ServiceType
from scheduling_svc.workforce.shift import Shift, ShiftBreak
from scheduling_svc.workforce.therapist import Therapist

DAY = date(2027, 1, 18)
ZONE = "America/New_York"
MORNING = datetime(2027, 1, 18, 14, tzinfo=UTC)  # 09:00 in Boston
HOME = Coordinates(42.36, -71.06)
PLACED = Address("1 Sample Street", "Cambridge", "MA", "02139", "US", Coordinates(42.3736, -71.1097))


def at(hours: float) -> datetime:
    return MORNING + timedelta(hours=hours)


def stop(id_: str, hours: float, **changes: Any) -> RouteStop:
    made = RouteStop(id_, f"p-{id_}", f"Ada {id_}", at(hours), at(hours + 1), 12, "mobile", PLACED, service_type="m60")
    return replace(made, **changes)


def appointment(id_: str, hours: float, *statuses: Status, therapist: str = "alma") -> Appointment:
    visit = VisitRequest(f"p-{id_}", "m60", "mobile", therapist, at(hours))
    made = Appointment(id_, visit, at(hours + 1), DAY, ZONE).booked(at(-24))
    for status in statuses:
        made = made.progressed(status, at(hours), None)
    return made


def facts(*stops: RouteStop, **changes: Any) -> Facts:
    therapist = Therapist("alma", "Alma Sample", None, None, HOME, ZONE, (), frozenset(), frozenset({"mobile"}), 60)
    directory = Directory(
        Practice("Sample", ZONE),
        service_types={"m60": ServiceType("m60", "Massage", Kind.TREATMENT, 60, frozenset({"mobile"}))},
        therapists={"alma": therapist},
    )
    pause = ShiftBreak(at(2.5), at(4.5), 30)
    known: dict[str, Any] = {
        "route": Route("alma", DAY, ZONE, 2, at(-1), stops),
        "before": (),
        "shifts": (Shift("s1", "mobile", None, at(0), at(8), ZONE, (pause,)),),
        "directory": directory,
        "appointments": {},
        "profiles": {},
        "given_up": {},
    }
    return Facts(**{**known, **changes})


def test_every_way_of_taps_ends_a_visit_and_is_allowed_by_its_states() -> None:
    for status in Status:
        for mobile in (True, False):
            steps = steps_left(status, mobile=mobile)
            assert (not steps) is (not TRANSITIONS[status])
            assert not any(is_done(step, status) for step in steps)
            assert steps == () or steps[-1] is Action.DONE
            assert mobile or Action.ON_MY_WAY not in steps
        assert not can_give_up(status) or Status.NO_SHOW in TRANSITIONS[status]


@pytest.mark.parametrize(
    ("tapped", "sent", "expected"),
    [
        (None, None, 0.0),
        (-30.0, 0.0, -30.0),
        (1000.0, 1030.0, -30.0),  # the phone's clock is wrong: only the difference counts
        (0.0, -10.0, 0.0),  # its clock was set back in the meantime
        (-600.0, 0.0, -120.0),  # never before the step before
        (-9999.0, 0.0, -120.0),
    ],
)
def test_a_tap_that_waited_counts_when_it_was_made(tapped: float | None, sent: float | None, expected: float) -> None:
    def minutes(value: float | None) -> datetime | None:
        return None if value is None else MORNING + timedelta(minutes=value)

    found = happened_at(MORNING, minutes(tapped), minutes(sent), after=MORNING - timedelta(hours=2))
    assert found == MORNING + timedelta(minutes=expected)


def test_the_page_says_window_door_drive_and_what_comes_next() -> None:
    one = stop("1", 1, promised_from=at(0.5), promised_until=at(2.5), door_notes="Ring twice")
    two = stop("2", 3, promised_from=at(3), promised_until=at(3))
    first = appointment("1", 1, Status.EN_ROUTE, Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED)
    sheet = sheet_of(facts(one, two, appointments={"1": first, "2": appointment("2", 3, Status.EN_ROUTE)}), at(2))

    done, next_one = sheet.stops
    assert (sheet.day, sheet.therapist, sheet.revision, sheet.left) == ("Monday, January 18", "Alma Sample", 2, 1)
    assert (done.starts, done.window, done.door_notes, done.service) == (
        "10:00 AM",
        "9:30 to 11:30 AM",
        "Ring twice",
        "Massage",
    )
    assert (done.phase, done.steps, done.state) == (Phase.DONE, (), "Done at 10:00 AM")
    assert next_one.window is None, "an exact time is no window"
    assert sheet.current == next_one
    assert next_one.steps == (Action.ARRIVED, Action.DONE)
    assert next_one.state == "On my way since 12:00 PM"
    assert sheet.breaks == ("30 min break, to begin 11:30 AM to 1:30 PM",)
    assert sheet.published == "8:00 AM"


def test_door_notes_are_those_of_now() -> None:
    profile = Profile(2, "Ada", PLACED, ZONE, door_notes="New code 7")
    sheet = sheet_of(facts(stop("1", 1, door_notes="Code 5"), profiles={"p-1": profile}), at(0))
    assert sheet.stops[0].door_notes == "New code 7"


def test_what_is_gone_is_named_with_its_reason() -> None:
    before = Route("alma", DAY, ZONE, 1, at(-2), (stop("1", 1), stop("2", 2), stop("3", 3), stop("4", 4)))
    there = {
        "2": appointment("2", 2).cancelled(Reason.PRACTICE, at(0), 24),
        "3": appointment("3", 3, therapist="bela"),
        "4": appointment("4", 4, Status.EN_ROUTE).cancelled(Reason.NO_SHOW, at(4.2), 24),
    }
    sheet = sheet_of(facts(stop("1", 1), before=(before,), appointments=there), at(5))
    assert [(gone.patient, gone.why) for gone in sheet.gone] == [
        ("Ada 2", "cancelled"),
        ("Ada 3", "a colleague makes this visit"),
        ("Ada 4", "nobody was there at 1:12 PM"),
    ]


def test_what_was_given_up_says_whether_the_office_has_seen_it() -> None:
    def shown(said: GivenUp, *statuses: Status) -> str | None:
        there = {"1": appointment("1", 1, *statuses)}
        return sheet_of(facts(stop("1", 1), appointments=there, given_up={"1": said}), at(2)).stops[0].given_up

    said = GivenUp("1", "alma", DAY, Why.LATE, at(0.5))
    assert shown(said) == "You told the office at 9:30 AM that you can't make it. Nobody has answered yet."
    seen = shown(said.settled("clerk", at(0.75)))
    assert seen is not None
    assert seen.endswith("The office saw it at 9:45 AM.")
    assert shown(said, Status.EN_ROUTE) is None, "they set out after all, at 10:00"
    assert shown(replace(said, said_at=at(1.5)), Status.EN_ROUTE) is not None, "they said it on the way"
    assert said.settled("clerk", at(0.75)).settled("other", at(3)).settled_by == "clerk"
    assert said.settled("clerk", at(0.75)).again(Why.ILL, at(2)).settled_at is None


def test_a_delay_is_said_from_five_minutes_on() -> None:
    def shown(minutes: float, promised: float) -> tuple[str | None, bool]:
        begins = at(1 + minutes / 60)
        eta = Eta("1", begins, begins, begins + timedelta(hours=1), planned=at(1), promised_until=at(promised))
        found = sheet_of(facts(stop("1", 1), expected={"1": eta}), at(0.5)).stops[0]
        return found.expected, found.breaks_promise

    assert shown(4, 2) == (None, False)
    assert shown(5, 2) == ("10:05 AM", False)
    assert shown(75, 2) == ("11:15 AM", True)


def test_a_visit_that_was_given_up_waits_behind_the_others() -> None:
    there = {"1": appointment("1", 1), "2": appointment("2", 3)}
    said = {"1": GivenUp("1", "alma", DAY, Why.ILL, at(0.5))}
    sheet = sheet_of(facts(stop("1", 1), stop("2", 3), appointments=there, given_up=said), at(0.6))
    assert sheet.current is not None
    assert sheet.current.id == "2"


def test_a_day_without_visits_has_a_page_and_no_map() -> None:
    sheet = sheet_of(facts(), at(0))
    assert (sheet.stops, sheet.current, sheet.sketch) == ((), None, None)


def test_a_stop_without_coordinates_is_found_by_its_address_and_left_off_the_map() -> None:
    unplaced = replace(PLACED, coordinates=None)
    sheet = sheet_of(facts(stop("1", 1, address=unplaced), stop("2", 3), stop("3", 5, address=None)), at(0))
    assert sheet.sketch is not None
    assert {mark.place.key for mark in sheet.sketch.marks} == {"base-home", "2"}
    assert sheet.stops[0].ways[0].href.startswith("geo:0,0?q=1%20Sample%20Street")
    assert sheet.stops[2].ways == ()


def test_navigation_names_a_place_and_nobody() -> None:
    hrefs = [way.href for way in ways_to(PLACED)]
    assert hrefs[0] == "geo:42.373600,-71.109700?q=42.373600,-71.109700"
    assert all("42.373600" in href and "Ada" not in href for href in hrefs)


def test_a_link_ends_hours_after_local_midnight_also_when_the_clocks_change() -> None:
    assert link_end(date(2027, 1, 18), ZONE, 4) == datetime(2027, 1, 19, 9, tzinfo=UTC)
    assert link_end(date(2027, 3, 13), ZONE, 4) == datetime(2027, 3, 14, 9, tzinfo=UTC)
    assert link_end(date(2027, 3, 14), ZONE, 0) == datetime(2027, 3, 15, 4, tzinfo=UTC)
