"""When reminders go out, also when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from fascia.localtime import resolve, wall
from notify_svc.policy.quiet_hours import QuietHours, first_moment
from notify_svc.reminders.plan import Visit, lead_moment, plan_reminders

BOSTON = "America/New_York"
QUIET = QuietHours(time(20, 0), time(9, 0))
EARLY = datetime(2026, 1, 1, tzinfo=UTC)


def visit(local_start: str, zone: str = BOSTON) -> Visit:
    return Visit("a1", "p1", resolve(local_start, zone), zone, local_start, 1, 0)


@pytest.mark.parametrize(
    ("local_start", "hours", "expected"),
    [
        ("2026-03-08T09:00", 24, "2026-03-07T09:00"),  # the night before has 23 hours
        ("2026-11-01T09:00", 24, "2026-10-31T09:00"),  # it has 25
        ("2026-11-02T09:00", 48, "2026-10-31T09:00"),
        ("2026-03-09T02:30", 24, "2026-03-08T03:00"),  # 02:30 does not exist that day: the moment of the change
        ("2026-11-02T01:30", 24, "2026-11-01T01:30"),
        ("2026-06-10T09:00", 2, "2026-06-10T07:00"),
    ],
)
def test_whole_days_are_counted_by_the_wall_clock(local_start: str, hours: int, expected: str) -> None:
    starts_at = resolve(local_start, BOSTON)

    assert wall(lead_moment(starts_at, hours, BOSTON), BOSTON) == expected


def test_a_repeated_wall_time_means_the_first_of_the_two() -> None:
    due_at = lead_moment(resolve("2026-11-02T01:30", BOSTON), 24, BOSTON)

    assert due_at == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_hours_are_elapsed_time() -> None:
    starts_at = resolve("2026-03-08T04:00", BOSTON)

    assert starts_at - lead_moment(starts_at, 6, BOSTON) == timedelta(hours=6)
    assert wall(lead_moment(starts_at, 6, BOSTON), BOSTON) == "2026-03-07T21:00"


def test_a_reminder_in_quiet_hours_comes_before_them() -> None:
    planned = plan_reminders(visit("2026-06-10T09:30"), (24, 2), QUIET, BOSTON, EARLY)

    assert [(reminder.slot, wall(reminder.due_at, BOSTON)) for reminder in planned] == [
        ("24h", "2026-06-09T09:30"),
        ("2h", "2026-06-09T19:59"),
    ]


def test_quiet_hours_are_those_of_the_patient() -> None:
    planned = plan_reminders(visit("2026-06-10T13:00"), (2,), QUIET, "America/Los_Angeles", EARLY)

    # 11:00 at Boston is 08:00 for somebody in Los Angeles.
    assert [wall(reminder.due_at, "America/Los_Angeles") for reminder in planned] == ["2026-06-09T19:59"]


def test_what_has_passed_is_left_out() -> None:
    now = resolve("2026-06-09T07:00", BOSTON)

    planned = plan_reminders(visit("2026-06-10T13:00"), (48, 2), QUIET, BOSTON, now)

    assert [reminder.slot for reminder in planned] == ["2h"]


def test_two_that_meet_become_one() -> None:
    planned = plan_reminders(visit("2026-06-10T09:00"), (3, 2), QUIET, BOSTON, EARLY)

    assert [reminder.slot for reminder in planned] == ["3h"]


@pytest.mark.parametrize(
    ("local", "covered"),
    [("20:00", True), ("23:59", True), ("08:59", True), ("09:00", False), ("19:59", False)],
)
def test_quiet_hours_over_midnight(local: str, covered: bool) -> None:
    assert QUIET.covers(resolve(f"2026-06-10T{local}", BOSTON), BOSTON) is covered


def test_quiet_hours_within_a_day() -> None:
    siesta = QuietHours(time(13, 0), time(15, 0))
    at = resolve("2026-06-10T14:00", BOSTON)

    assert wall(siesta.next_open(at, BOSTON), BOSTON) == "2026-06-10T15:00"
    assert wall(siesta.last_open(at, BOSTON), BOSTON) == "2026-06-10T12:59"


@pytest.mark.parametrize("hour", range(24))
def test_the_next_open_moment_is_open_and_not_before(hour: int) -> None:
    at = datetime(2026, 3, 8, hour, 17, tzinfo=UTC)
    opens = QUIET.next_open(at, BOSTON)

    assert opens >= at
    assert not QUIET.covers(opens, BOSTON)
    assert not QUIET.covers(QUIET.last_open(at, BOSTON), BOSTON)


def test_the_first_moment_of_a_skipped_time_is_the_change_itself() -> None:
    skipped = first_moment(datetime(2026, 3, 8).date(), time(2, 30), BOSTON)  # noqa: DTZ001

    assert skipped == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)


def test_a_change_of_half_an_hour_is_found_as_well() -> None:
    skipped = first_moment(datetime(2026, 10, 4).date(), time(2, 15), "Australia/Lord_Howe")  # noqa: DTZ001

    assert wall(skipped, "Australia/Lord_Howe") == "2026-10-04T02:30"
