"""The course of scores: a line with its uncertainty, the flat end of a course, and a change beyond error."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from scipy import stats

from outcomes_svc.scoring.reliable_change import reliable_change
from outcomes_svc.scoring.trend import Point, plateau, trend

DAY_0 = datetime(2026, 3, 1, 15, 0, tzinfo=UTC)


def course(*rows: tuple[float, float]) -> list[Point]:
    return [Point(DAY_0 + timedelta(days=day), Fraction(str(value))) for day, value in rows]


ROWS = ((0, 3), (6, 4.5), (15, 4), (22, 6), (40, 5.5))


def test_the_line_and_its_interval_are_those_of_ordinary_least_squares() -> None:
    found = trend(course(*ROWS))
    assert found is not None
    oracle = stats.linregress([day / 7 for day, _ in ROWS], [value for _, value in ROWS])
    half = stats.t.ppf(0.975, len(ROWS) - 2) * oracle.stderr
    assert found.per_week == pytest.approx(oracle.slope, abs=1e-12)
    assert (found.low, found.high) == pytest.approx((oracle.slope - half, oracle.slope + half), abs=1e-9)
    assert (found.scores, found.weeks) == (5, pytest.approx(40 / 7))


def test_the_order_of_the_points_does_not_matter() -> None:
    for order in itertools.permutations(course(*ROWS)):
        assert trend(order) == trend(course(*ROWS))


@pytest.mark.parametrize("rows", [(), ((0, 3),), ((0, 3), (7, 4)), ((0, 3), (0, 4), (0, 5))])
def test_too_little_for_a_line(rows: tuple[tuple[float, float], ...]) -> None:
    assert trend(course(*rows)) is None


def test_a_perfect_line_leaves_no_doubt() -> None:
    falling = trend(course((0, 7), (7, 6), (14, 5)))
    assert falling is not None
    assert (falling.per_week, falling.low, falling.high, falling.flat) == (-1, -1, -1, False)
    level = trend(course((0, 0.1), (7, 0.1), (21, 0.1)))
    assert level is not None
    assert (level.per_week, level.low, level.high, level.flat) == (0, 0, 0, True)


def test_a_week_is_a_week_across_a_change_of_clocks() -> None:
    """8 March 2026 has 23 hours in Boston; the points are instants, so the slope does not know."""
    over = trend(course((0, 1), (7, 2), (14, 3)))
    later = trend([Point(point.at + timedelta(days=60), point.value) for point in course((0, 1), (7, 2), (14, 3))])
    assert over == later


@pytest.mark.parametrize(
    ("rows", "noise", "flat"),
    [
        (((0, 5), (14, 5), (28, 5)), "2", True),
        (((0, 5), (14, 5.5), (28, 5)), "2", True),
        (((0, 5), (14, 5), (27.9, 5)), "2", False),  # not four weeks yet
        (((0, 5), (28, 5)), "2", False),  # two scores
        (((0, 5), (14, 5), (28, 7)), "2", False),  # the last step is as large as the noise
        (((0, 5), (14, 5), (28, 6.99)), "2", True),
        (((0, 3), (14, 5), (28, 7)), "3", False),  # a clear line
        (((0, 0), (7, 3), (14, 6), (28, 6.1), (45, 6)), "2", True),  # an early gain does not hide the flat end
        (((0, 6), (28, 6), (29, 6), (30, 6)), "2", True),
        ((), "2", False),
    ],
)
def test_a_plateau_is_three_scores_over_four_weeks_that_do_not_move(
    rows: tuple[tuple[float, float], ...], noise: str, flat: bool
) -> None:
    assert (plateau(course(*rows), Fraction(noise)) is not None) is flat


def test_a_change_is_reliable_beyond_1_96_standard_errors_of_a_difference() -> None:
    three, four = Fraction(3), Fraction(4)  # the error of the difference is 5
    border = reliable_change(Fraction("9.8"), three, four)
    beyond = reliable_change(Fraction("-9.81"), three, four)
    assert border is not None
    assert beyond is not None
    assert (border.index, border.reliable) == (pytest.approx(1.96), False)
    assert (beyond.index, beyond.reliable) == (pytest.approx(-1.962), True)
    assert reliable_change(Fraction(0), three, four) is not None
    assert reliable_change(Fraction(5), Fraction(0), Fraction(0)) is None
