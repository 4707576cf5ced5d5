"""Delays cascade through a shift until waiting absorbs them, and who hears of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scheduling_svc.disruption.eta import LiveShift, LiveVisit, Pause, Step, etas, in_order, pauses_ahead, whereabouts
from scheduling_svc.disruption.telling import Level, Thresholds
from scheduling_svc.travel.travel import Basis, Matrix
from scheduling_svc.workforce.place import Coordinates

HOME, A, B, C = (Coordinates(42.0, -71.0 + 0.1 * number) for number in range(4))


def at(clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2027, 1, 18, int(hour), int(minute), tzinfo=UTC)


class TwentyMinutes:
    """Every drive takes twenty minutes."""

    def minutes(self, origin: Coordinates, destination: Coordinates, departs_at: datetime) -> int:
        return 0 if origin == destination else 20

    def seconds(self, places: Sequence[Coordinates], departs_at: datetime) -> Matrix:
        return tuple(tuple(60 * self.minutes(a, b, departs_at) for b in places) for a in places)

    def slowest(self, opens: datetime, closes: datetime) -> datetime:
        return opens

    def reaches(self, place: Coordinates) -> bool:
        return True

    def basis(self) -> Basis:
        return Basis()


ROADS = TwentyMinutes()
FIRST = LiveVisit("first", A, 60, at("09:00"), at("10:00"))
SECOND = LiveVisit("second", B, 60, at("10:30"), at("11:00"))
THIRD = LiveVisit("third", C, 60, at("12:30"), at("13:00"))
SHIFT = LiveShift(at("08:00"), HOME, (FIRST, SECOND, THIRD))


def _starts(shift: LiveShift, now: str) -> dict[str, str]:
    return {eta.visit: f"{eta.starts_at:%H:%M}" for eta in etas(shift, ROADS, at(now))}


def test_before_anything_has_happened_the_plan_stands() -> None:
    assert _starts(SHIFT, "07:00") == {"first": "09:00", "second": "10:30", "third": "12:30"}


def test_whoever_has_not_set_out_is_late_and_the_next_visits_with_them_until_waiting_absorbs_it() -> None:
    assert _starts(SHIFT, "09:20") == {"first": "09:40", "second": "11:00", "third": "12:30"}


def test_a_visit_that_takes_too_long_moves_what_follows_minute_by_minute() -> None:
    begun = replace(FIRST, step=Step.IN_PROGRESS, since=at("09:05"))
    shift = replace(SHIFT, visits=(begun, SECOND, THIRD))
    assert _starts(shift, "09:30") == {"second": "10:30", "third": "12:30"}
    assert _starts(shift, "10:25") == {"second": "10:45", "third": "12:30"}
    announced = replace(shift, visits=(replace(begun, overrun=90), SECOND, THIRD))
    assert _starts(announced, "09:30") == {"second": "11:55", "third": "13:15"}


def test_nobody_is_expected_before_the_time_that_they_were_told() -> None:
    over = replace(FIRST, step=Step.OVER, since=at("09:20"))
    assert _starts(replace(SHIFT, visits=(over, SECOND, THIRD)), "09:20") == {"second": "10:30", "third": "12:30"}


def test_a_therapist_on_the_road_arrives_a_drive_after_setting_out() -> None:
    over = replace(FIRST, step=Step.OVER, since=at("10:25"))
    driving = replace(SECOND, step=Step.EN_ROUTE, since=at("10:30"), set_out=at("10:30"))
    shift = replace(SHIFT, visits=(over, driving, THIRD))
    assert _starts(shift, "10:35") == {"second": "10:50", "third": "12:30"}
    assert _starts(shift, "11:05") == {"second": "11:05", "third": "12:30"}, "longer on the road than thought"
    there = whereabouts(shift, ROADS, at("10:35"))
    assert (there.place, there.free_at) == (B, at("11:50"))


def test_who_waits_at_the_door_begins_as_told() -> None:
    there = replace(FIRST, step=Step.ARRIVED, since=at("08:40"), set_out=at("08:20"))
    assert _starts(replace(SHIFT, visits=(there, SECOND, THIRD)), "08:45")["first"] == "09:00"


@pytest.mark.parametrize(
    ("pause", "expected"),
    [
        (Pause(at("11:30"), at("12:00"), 30), {"second": "10:30", "third": "12:30"}),
        (Pause(at("11:30"), at("12:00"), 60), {"second": "10:30", "third": "12:50"}),
        (Pause(at("11:30"), at("14:00"), 60), {"second": "10:30", "third": "12:30"}),
    ],
    ids=["taken while waiting", "must be taken before the next visit", "can be taken later"],
)
def test_a_break_is_taken_where_it_delays_least(pause: Pause, expected: dict[str, str]) -> None:
    over = replace(FIRST, step=Step.OVER, since=at("10:00"))
    shift = replace(SHIFT, visits=(over, SECOND, THIRD), pauses=(pause,))
    assert _starts(shift, "10:00") == expected


def test_a_break_that_fitted_between_two_visits_is_not_due_again() -> None:
    pause = Pause(at("11:00"), at("14:00"), 30)
    visits = (
        replace(SECOND, step=Step.OVER, since=at("11:30"), set_out=at("10:10")),
        replace(THIRD, step=Step.EN_ROUTE, since=at("12:10"), set_out=at("12:10")),
    )
    shift = replace(SHIFT, visits=visits, pauses=(pause,))
    assert pauses_ahead(shift, ROADS, at("12:15")) == ()
    assert pauses_ahead(replace(SHIFT, pauses=(pause,)), ROADS, at("12:15")) == (pause,)


def test_visits_stand_in_the_order_in_which_they_were_made_whatever_was_planned() -> None:
    begun = replace(THIRD, step=Step.IN_PROGRESS, since=at("09:00"))
    assert [visit.id for visit in in_order([FIRST, SECOND, begun])] == ["third", "first", "second"]


THRESHOLDS = Thresholds(tell=10, warn=10)


def test_a_patient_hears_of_a_time_that_differs_by_more_than_the_threshold() -> None:
    assert not THRESHOLDS.is_news(at("10:10"), at("10:00"))
    assert THRESHOLDS.is_news(at("10:11"), at("10:00"))
    assert THRESHOLDS.is_news(at("10:00"), at("10:11")), "a delay that melted away is news, too"


def _level(planned: str, until: str, now: str) -> Level:
    visit = replace(SECOND, planned=at(planned), promised_until=at(until))
    (eta,) = etas(LiveShift(at("08:00"), HOME, (visit,)), ROADS, at(now))
    return THRESHOLDS.level(eta, exact=planned == until)


def test_the_dispatcher_is_warned_before_a_promise_breaks() -> None:
    assert _level("10:30", "11:00", "10:10") is Level.NONE
    assert _level("10:30", "11:00", "10:35") is Level.NEAR
    assert _level("10:30", "11:00", "10:41") is Level.BROKEN
    assert _level("10:58", "11:00", "10:10") is Level.NONE, "planned late in the window, and on time"


def test_an_exact_time_is_broken_where_its_patient_is_told() -> None:
    assert _level("10:30", "10:30", "10:20") is Level.NONE
    assert _level("10:30", "10:30", "10:21") is Level.BROKEN
    assert timedelta(minutes=THRESHOLDS.tell) == at("10:40") - at("10:30")
