"""Months of pay begin and end at midnight where the therapist works, also when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fascia.problem import RuleViolation
from outcomes_svc.pay.month import Month

BOSTON = "America/New_York"


def test_a_month_ends_where_the_next_begins() -> None:
    assert Month(2027, 12).bounds(BOSTON)[1] == Month(2028, 1).bounds(BOSTON)[0]
    assert Month(2027, 12).plus(1) == Month(2028, 1)
    assert Month(2027, 1).plus(-1) == Month(2026, 12)
    assert str(Month(2027, 3)) == "2027-03"


@pytest.mark.parametrize(
    ("number", "hours"), [(1, 31 * 24), (3, 31 * 24 - 1), (11, 30 * 24 + 1)], ids=["winter", "spring", "autumn"]
)
def test_a_change_of_clocks_makes_a_month_an_hour_shorter_or_longer(number: int, hours: int) -> None:
    begin, end = Month(2027, number).bounds(BOSTON)
    assert end - begin == timedelta(hours=hours)


def test_the_last_hour_of_a_month_belongs_to_it_where_it_was_worked() -> None:
    late = datetime(2027, 6, 1, 3, 30, tzinfo=UTC)
    assert Month.of(late, BOSTON) == Month(2027, 5)
    assert Month.of(late, "Europe/Berlin") == Month(2027, 6)
    begin, end = Month(2027, 5).bounds(BOSTON)
    assert begin <= late < end
    assert Month(2027, 6).bounds("Europe/Berlin")[0] <= late


def test_a_month_may_begin_at_one_where_clocks_skip_midnight() -> None:
    # Paraguay's clocks went forward over midnight of 1 October 2017.
    begins = Month(2017, 10).begins("America/Asuncion")
    assert Month.of(begins, "America/Asuncion") == Month(2017, 10)
    assert Month.of(begins - timedelta(milliseconds=1), "America/Asuncion") == Month(2017, 9)


@pytest.mark.parametrize("text", ["2027-13", "2027-1", "27-01", "2027-01-01", "", "may"])
def test_what_is_no_month_is_refused_by_name(text: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        Month.read(text)
    assert refused.value.errors[0].field == "month"
