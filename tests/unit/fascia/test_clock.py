"""Clocks: a moment must be equal to itself after a trip through the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from fascia.clock import FixedClock, SystemClock


def test_the_clock_tells_utc_in_whole_milliseconds() -> None:
    for now in (SystemClock().now(), FixedClock(datetime(2027, 1, 1, 0, 0, 0, 123456, UTC)).now()):
        assert now.tzinfo is UTC
        assert now.microsecond % 1000 == 0


def test_a_fixed_clock_moves_only_when_it_is_told() -> None:
    clock = FixedClock(datetime(2027, 1, 1, 9, tzinfo=timezone(timedelta(hours=-5))))
    assert clock.now() == clock.now() == datetime(2027, 1, 1, 14, tzinfo=UTC)
    clock.advance(timedelta(minutes=5))
    assert clock.now() == datetime(2027, 1, 1, 14, 5, tzinfo=UTC)


def test_a_clock_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        FixedClock(datetime(2027, 1, 1))  # noqa: DTZ001 (that is what is refused)
