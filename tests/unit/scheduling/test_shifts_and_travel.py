"""Wall times of shifts, the grid of slots, and drive times."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fascia.problem import Conflict, RuleViolation
from scheduling_svc.booking.reach import first_slot
from scheduling_svc.booking.wish import Wish
from scheduling_svc.travel.estimate import EstimatedTravel
from scheduling_svc.travel.great_circle import great_circle_km
from scheduling_svc.workforce.place import Address, Coordinates, Location
from scheduling_svc.workforce.practice import DEFAULT_KMH_BY_HOUR
from scheduling_svc.workforce.shift import Roster, plan_shift
from scheduling_svc.workforce.therapist import Licence, Therapist

ZONE = "America/New_York"
BOSTON, CAMBRIDGE = Coordinates(42.3601, -71.0589), Coordinates(42.3736, -71.1097)
LICENCE = Licence("MA", "MT-1", date(2026, 1, 1), date(2027, 1, 18))
ALMA = Therapist("alma", "Alma", None, None, BOSTON, ZONE, (LICENCE,), frozenset(), frozenset({"clinic", "mobile"}), 60)
SITE = Address("1 Sample Street", "Chicago", "IL", "60601", "US", Coordinates(41.88, -87.63))
CHICAGO = Location("chicago", "Chicago", "clinic", SITE, "America/Chicago")


@pytest.mark.parametrize(("day", "hours"), [("2027-03-13", 8), ("2027-03-14", 7), ("2027-11-06", 8), ("2027-11-07", 9)])
def test_a_shift_over_a_change_of_clocks_has_its_true_length(day: str, hours: int) -> None:
    shift = plan_shift("s", ALMA, None, f"{day}T00:00", f"{day}T08:00", ZONE)
    assert shift.ends_at - shift.starts_at == timedelta(hours=hours)
    assert (shift.local_start, shift.local_end) == (f"{day}T00:00", f"{day}T08:00")


def test_nine_stays_nine_across_the_change_of_clocks() -> None:
    winter = plan_shift("s", ALMA, None, "2027-03-13T09:00", "2027-03-13T17:00", None)
    summer = plan_shift("s", ALMA, None, "2027-03-14T09:00", "2027-03-14T17:00", None)
    assert (winter.starts_at.hour, summer.starts_at.hour) == (14, 13)


@pytest.mark.parametrize(
    ("begin", "end", "zone", "code"),
    [
        ("2027-03-14T02:30", "2027-03-14T08:00", ZONE, "nonexistent-local-time"),
        ("2027-03-14T00:30", "2027-03-14T02:30", ZONE, "nonexistent-local-time"),
        ("2027-01-18T09:00", "2027-01-18T17:00", "America/Chicago", "time-zone-differs"),
        ("2027-01-18T09:00", "2027-01-18T09:00", ZONE, "shift-ends-early"),
        ("2027-01-18T20:00", "2027-01-19T00:30", ZONE, "shift-over-midnight"),
        ("2027-01-18T09:00+01:00", "2027-01-18T17:00", ZONE, "not-a-local-time"),
    ],
)
def test_a_shift_that_cannot_be_is_refused(begin: str, end: str, zone: str, code: str) -> None:
    with pytest.raises(RuleViolation) as caught:
        plan_shift("s", ALMA, None, begin, end, zone)
    assert caught.value.code == code


def test_a_shift_at_a_site_goes_by_its_clocks_and_the_roster_sees_through_zones() -> None:
    east = plan_shift("a", ALMA, None, "2027-01-18T09:00", "2027-01-18T12:00", None)
    west = plan_shift("b", ALMA, CHICAGO, "2027-01-18T10:30", "2027-01-18T12:00", None)
    assert west.time_zone == "America/Chicago"
    assert (west.setting, west.location_id) == ("clinic", "chicago")
    with pytest.raises(Conflict):
        Roster("alma", shifts=(east,)).with_shift(west)
    later = replace(west, starts_at=west.starts_at + timedelta(hours=1), ends_at=west.ends_at + timedelta(hours=1))
    assert len(Roster("alma", shifts=(east,)).with_shift(later).shifts) == 2


def test_a_therapist_who_does_not_work_there_gets_no_shift_there() -> None:
    with pytest.raises(RuleViolation) as caught:
        plan_shift(
            "s", replace(ALMA, settings=frozenset({"clinic"})), None, "2027-01-18T09:00", "2027-01-18T12:00", None
        )
    assert caught.value.code == "setting-not-offered"


def test_a_licence_holds_through_its_last_day_in_its_own_state() -> None:
    assert ALMA.licensed_in("MA", date(2027, 1, 18))
    assert not ALMA.licensed_in("MA", date(2027, 1, 19))
    assert not ALMA.licensed_in("MA", date(2025, 12, 31))
    assert not ALMA.licensed_in("NH", date(2027, 1, 18))


@pytest.mark.parametrize(
    ("opens", "wanted", "first"),
    [
        ("2027-01-18T14:00", "2027-01-11T14:00", "2027-01-18T14:00"),
        ("2027-01-18T14:10", "2027-01-11T14:00", "2027-01-18T14:15"),
        ("2027-01-18T14:00", "2027-01-18T15:01", "2027-01-18T15:15"),
        ("2027-01-18T14:00", "2027-01-18T15:15", "2027-01-18T15:15"),
    ],
)
def test_slots_lie_on_the_grid_of_the_wall_clock(opens: str, wanted: str, first: str) -> None:
    moments = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (opens, wanted, first)]
    assert first_slot(moments[0], moments[1], ZONE, timedelta(minutes=15)) == moments[2]


def test_a_wish_spans_local_days_of_every_zone() -> None:
    begin = datetime(2027, 1, 19, 5, 30, tzinfo=UTC)  # the 19th in New York, still the 18th in Chicago
    wish = Wish("p", "massage-60", "mobile", begin, begin + timedelta(hours=1))
    assert wish.days([ZONE]) == [date(2027, 1, 19)]
    assert wish.days([ZONE, "America/Chicago"]) == [date(2027, 1, 18), date(2027, 1, 19)]


def test_drive_times_follow_distance_circuity_and_the_local_hour() -> None:
    travel = EstimatedTravel(1.3, tuple(float(kmh) for kmh in DEFAULT_KMH_BY_HOUR), ZoneInfo(ZONE))
    assert great_circle_km(BOSTON, CAMBRIDGE) == pytest.approx(4.44, abs=0.02)
    rush, night = datetime(2027, 1, 18, 13, tzinfo=UTC), datetime(2027, 1, 18, 7, tzinfo=UTC)
    assert travel.minutes(BOSTON, CAMBRIDGE, rush) == 15
    assert travel.minutes(BOSTON, CAMBRIDGE, night) == 8
    assert travel.minutes(BOSTON, BOSTON, rush) == 0
    assert len(DEFAULT_KMH_BY_HOUR) == 24
