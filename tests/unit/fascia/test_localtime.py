"""Wall time: what a person says about a visit must never be moved in silence by a change of clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from fascia.localtime import local_date, resolve, wall, zone_of
from fascia.problem import RuleViolation

NEW_YORK = "America/New_York"


def test_nine_o_clock_is_nine_o_clock_before_and_after_a_change_of_clocks() -> None:
    assert resolve("2027-03-13T09:00", NEW_YORK) == datetime(2027, 3, 13, 14, tzinfo=UTC)
    assert resolve("2027-03-15T09:00", NEW_YORK) == datetime(2027, 3, 15, 13, tzinfo=UTC)


@pytest.mark.parametrize("local", ["2027-03-14T02:00", "2027-03-14T02:30", "2027-03-14T02:59"])
def test_a_time_that_the_spring_change_skips_is_refused(local: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        resolve(local, NEW_YORK, "starts_at")
    assert refused.value.code == "nonexistent-local-time"
    assert local in refused.value.detail
    assert NEW_YORK in refused.value.detail
    [error] = refused.value.errors
    assert error.field == "starts_at"
    assert "before or after" in error.fix


@pytest.mark.parametrize(("local", "hour"), [("2027-03-14T01:59", 6), ("2027-03-14T03:00", 7)])
def test_the_minutes_around_the_skipped_hour_exist(local: str, hour: int) -> None:
    assert resolve(local, NEW_YORK).hour == hour


def test_a_time_that_the_autumn_change_repeats_is_the_first_of_the_two() -> None:
    first = datetime(2027, 11, 7, 5, 30, tzinfo=UTC)
    assert resolve("2027-11-07T01:30", NEW_YORK) == first
    second = datetime(2027, 11, 7, 1, 30, fold=1)  # noqa: DTZ001 (wall time has no offset)
    assert resolve(second, NEW_YORK) == first
    assert wall(first, NEW_YORK) == wall(first + timedelta(hours=1), NEW_YORK) == "2027-11-07T01:30"


@pytest.mark.parametrize(
    "local",
    [
        "2027-03-15T09:00Z",
        "2027-03-15T09:00-04:00",
        "2027-03-15",
        "2027-03-15 09:00",
        "tomorrow at nine",
        "",
        datetime(2027, 3, 15, 9, tzinfo=UTC),
        datetime(2027, 3, 15, 9, tzinfo=timezone(timedelta(hours=-4))),
        "0001-01-01T00:00",
    ],
)
def test_what_is_not_a_wall_time_is_refused_with_field_and_fix(local: str | datetime) -> None:
    with pytest.raises(RuleViolation) as refused:
        resolve(local, "Asia/Tokyo", "starts_at")
    assert refused.value.code == "not-a-local-time"
    [error] = refused.value.errors
    assert error.field == "starts_at"
    assert error.fix == "Send YYYY-MM-DDTHH:MM without an offset."


@pytest.mark.parametrize("name", ["Boston", "", "America", "../America/New_York", "EST5EDT4", "Amérique/Paris", "a\0b"])
def test_a_name_that_is_no_zone_is_refused_with_field_and_fix(name: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        zone_of(name)
    assert refused.value.code == "unknown-time-zone"
    [error] = refused.value.errors
    assert error.field == "time_zone"
    assert NEW_YORK in error.fix


def test_the_day_of_a_moment_is_the_day_on_the_wall() -> None:
    late_evening = datetime(2027, 3, 15, 3, 30, tzinfo=UTC)
    assert local_date(late_evening, NEW_YORK) == date(2027, 3, 14)
    assert local_date(late_evening, "Europe/Zurich") == date(2027, 3, 15)
    assert wall(late_evening, NEW_YORK) == "2027-03-14T23:30"


@pytest.mark.parametrize("zone", [NEW_YORK, "Europe/Zurich", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
def test_wall_time_and_moment_are_each_other_s_inverse_all_year(zone: str) -> None:
    moment = datetime(2027, 1, 1, 0, 15, tzinfo=UTC)
    while moment.year == 2027:
        again = resolve(wall(moment, zone), zone)
        # Within a repeated hour the second moment has the wall time of the first.
        assert again == moment or wall(again, zone) == wall(moment, zone)
        moment += timedelta(hours=7, minutes=15)
