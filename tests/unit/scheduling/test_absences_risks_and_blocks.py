"""Shifts of which hours fall away, promises in danger, and roads that are slow for some hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from fascia.problem import Conflict
from scheduling_svc.disruption.blocked_roads import RoadBlock, blocks_of, with_blocks
from scheduling_svc.disruption.disruption import Cause
from scheduling_svc.disruption.risk import Danger, Risk, RiskState
from scheduling_svc.routing.therapist_day import TherapistDay
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.workforce.absence import Absence, around
from scheduling_svc.workforce.place import Coordinates
from scheduling_svc.workforce.practice import Practice
from scheduling_svc.workforce.shift import Roster, Shift, ShiftBreak

DAY = date(2027, 1, 18)


def at(clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2027, 1, 18, int(hour), int(minute), tzinfo=UTC)


LUNCH = ShiftBreak(at("11:30"), at("13:30"), 30)
SHIFT = Shift("s", "mobile", None, at("09:00"), at("17:00"), "UTC", (LUNCH,))


def _parts(since: str, until: str) -> list[tuple[str, str, str, int]]:
    parts = around(SHIFT, Absence(at(since), at(until)), "second")
    return [(one.id, f"{one.starts_at:%H:%M}", f"{one.ends_at:%H:%M}", len(one.breaks)) for one in parts]


@pytest.mark.parametrize(
    ("since", "until", "left"),
    [
        ("07:00", "09:00", [("s", "09:00", "17:00", 1)]),
        ("00:00", "23:59", [("s", "09:00", "09:00", 0)]),
        ("13:00", "23:59", [("s", "09:00", "13:00", 0)]),
        ("15:00", "23:59", [("s", "09:00", "15:00", 1)]),
        ("08:00", "12:00", [("s", "12:00", "17:00", 1)]),
        ("10:00", "11:00", [("s", "09:00", "10:00", 0), ("second", "11:00", "17:00", 1)]),
    ],
    ids=["before it", "all day", "from one o'clock", "after lunch", "in the morning", "for an hour"],
)
def test_what_is_left_of_a_shift(since: str, until: str, left: list[tuple[str, str, str, int]]) -> None:
    assert _parts(since, until) == left


def test_a_therapist_who_is_well_again_may_be_given_a_shift_in_the_hours_that_fell_away() -> None:
    roster = Roster("t", 3, (SHIFT,)).with_parts(SHIFT, around(SHIFT, Absence(at("00:00"), at("23:59")), "x"))
    again = roster.with_shift(replace(SHIFT, id="again", starts_at=at("08:00")))
    assert [shift.id for shift in again.shifts] == ["s", "again"]
    day = TherapistDay("t", DAY, shifts=(SHIFT,)).with_parts(
        SHIFT, around(SHIFT, Absence(at("12:00"), at("13:00")), "x")
    )
    assert [shift.id for shift in day.shifts] == ["s", "x"]


def test_visits_that_were_left_over_are_not_made_in_a_shift_that_ended_early() -> None:
    (ended,) = around(SHIFT, Absence(at("13:00"), at("23:59")), "x")
    assert ended.still_holds(at("12:00"))
    assert not ended.still_holds(at("13:00"))
    assert SHIFT.still_holds(at("18:00")), "a visit in overtime is made"


def _danger(expected: str | None, *, broken: bool) -> Danger:
    moment = at(expected) if expected else None
    return Danger(Cause.RUNNING_LATE, "t", at("12:00"), moment, broken)


RISK = Risk("a", "p", DAY, "UTC", _danger("11:55", broken=False), at("10:00"))


def test_the_dispatcher_hears_again_only_of_what_is_worse() -> None:
    assert RISK.raised_again(_danger("11:59", broken=False), at("10:05")) is None
    worse = RISK.raised_again(_danger("12:05", broken=True), at("10:10"))
    assert worse is not None
    assert (worse.state, worse.danger.late_minutes, worse.raised_at) == (RiskState.OPEN, 5, at("10:10"))
    seen = worse.acknowledged("clerk", at("10:11"))
    assert seen.raised_again(_danger("12:20", broken=True), at("10:20")) is None
    nobody = seen.raised_again(_danger(None, broken=True), at("10:30"))
    assert nobody is not None
    assert (nobody.state, nobody.acknowledged_by) == (RiskState.OPEN, None)


def test_a_danger_that_was_over_is_news_when_it_comes_back() -> None:
    over = RISK.resolved(at("10:30"))
    assert over.resolved(at("10:40")) is over
    again = over.raised_again(_danger("11:55", broken=False), at("11:00"))
    assert again is not None
    assert again.resolved_at is None


def test_it_is_acknowledged_once_and_not_after_it_is_over() -> None:
    seen = RISK.acknowledged("clerk", at("10:01"))
    assert seen.acknowledged("other", at("10:02")) is seen
    with pytest.raises(Conflict, match="no longer in danger"):
        RISK.resolved(at("10:30")).acknowledged("clerk", at("10:31"))


CENTRE = Coordinates(42.40, -71.10)
WEST, EAST = Coordinates(42.40, -71.20), Coordinates(42.40, -71.00)
NORTH, NORTH_EAST = Coordinates(42.60, -71.20), Coordinates(42.60, -71.00)
BLOCK = RoadBlock("b", CENTRE, 2, at("10:00"), at("12:00"), factor=2.0, delay_minutes=5)


def test_a_drive_through_a_blocked_area_is_slow_while_it_lasts() -> None:
    plain = PracticeTravel(Practice("Sample", "UTC"))
    travel = with_blocks(plain, [BLOCK])
    assert blocks_of(travel) == (BLOCK,)
    assert with_blocks(plain, []) is plain
    assert blocks_of(plain) == ()
    road, clear = travel.in_zone("UTC"), plain.in_zone("UTC")
    usual = clear.minutes(WEST, EAST, at("11:00"))
    assert road.minutes(WEST, EAST, at("11:00")) == 2 * usual + 5
    assert road.minutes(WEST, EAST, at("10:00") - timedelta(minutes=2)) > usual + 5, "it closes while they drive"
    assert road.minutes(WEST, EAST, at("12:00")) == clear.minutes(WEST, EAST, at("12:00"))
    assert road.minutes(NORTH, NORTH_EAST, at("11:00")) == clear.minutes(NORTH, NORTH_EAST, at("11:00"))
    assert road.minutes(WEST, WEST, at("11:00")) == 0


def test_a_closed_bridge_slows_only_the_way_over_it() -> None:
    bridge = replace(BLOCK, centre=WEST, other=EAST)
    assert bridge.touches(WEST, EAST)
    assert bridge.touches(EAST, WEST)
    assert not bridge.touches(WEST, NORTH)
    assert not bridge.touches(WEST, CENTRE)
