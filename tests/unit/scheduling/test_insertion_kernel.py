"""The insertion kernel against a slow, obvious check of every drive."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from scheduling_svc.routing.insertion import Fit, Obstacle, Run, Schedule, Visit
from scheduling_svc.workforce.place import Coordinates

OPENS = datetime(2027, 1, 18, 14, tzinfo=UTC)
BASE = Coordinates(0, 0)


class Grid:
    """Drives along a street grid: a minute per 0.01 degrees."""

    def minutes(self, origin: Coordinates, destination: Coordinates, departs_at: datetime) -> int:
        return round(
            100 * (abs(origin.latitude - destination.latitude) + abs(origin.longitude - destination.longitude))
        )


def at(minutes: int) -> datetime:
    return OPENS + timedelta(minutes=minutes)


def fixed(start: int, place: Coordinates, minutes: int = 60) -> Visit:
    return Visit(place, at(start), at(start), minutes)


def run(minutes: int = 480, longest: int = 60) -> Run:
    return Run(OPENS, at(minutes), BASE, longest)


NORTH, EAST, FAR = Coordinates(0.1, 0), Coordinates(0, 0.2), Coordinates(0.5, 0.5)


def test_the_first_visit_costs_the_way_there_and_back() -> None:
    assert Schedule(run(), [], Grid()).judge(NORTH, at(10), 60) == Fit(0, 10, 20)


def test_a_visit_on_the_way_costs_only_the_detour() -> None:
    schedule = Schedule(run(), [fixed(10, NORTH), fixed(200, NORTH)], Grid())
    assert schedule.judge(NORTH, at(100), 60) == Fit(1, 0, 0)
    assert schedule.judge(EAST, at(105), 60) == Fit(1, 30, 60)


@pytest.mark.parametrize(
    ("start", "place", "why"),
    [
        (-15, NORTH, Obstacle.OUTSIDE),
        (425, NORTH, Obstacle.OUTSIDE),
        (5, NORTH, Obstacle.TRAVEL),
        (415, NORTH, Obstacle.TRAVEL),
        (70, NORTH, Obstacle.BUSY),
        (100, NORTH, Obstacle.BUSY),
        (145, NORTH, Obstacle.BUSY),
        (165, EAST, Obstacle.TRAVEL),
        (300, FAR, Obstacle.TOO_FAR),
    ],
)
def test_what_does_not_fit_says_why(start: int, place: Coordinates, why: Obstacle) -> None:
    assert Schedule(run(), [fixed(100, NORTH)], Grid()).judge(place, at(start), 60) == why


def test_a_stop_with_a_window_gives_way_as_far_as_its_window_reaches() -> None:
    flexible = Visit(NORTH, at(100), at(130), 60)
    schedule = Schedule(run(), [flexible], Grid())
    assert isinstance(schedule.judge(NORTH, at(65), 60), Fit)
    assert schedule.judge(NORTH, at(75), 60) is Obstacle.BUSY


def test_slack_is_pushed_through_the_stops_behind() -> None:
    flexible = Visit(NORTH, at(100), at(130), 60)
    schedule = Schedule(run(), [flexible, fixed(175, NORTH)], Grid())
    assert schedule.judge(NORTH, at(65), 60) is Obstacle.BUSY
    assert isinstance(schedule.judge(NORTH, at(55), 60), Fit)


def test_drives_are_listed_with_the_way_back() -> None:
    assert Schedule(run(), [fixed(200, EAST), fixed(60, NORTH)], Grid()).drives() == [10, 30, 20]
    assert Schedule(run(), [], Grid()).drives() == [0]


def test_an_equal_start_is_busy() -> None:
    assert Schedule(run(), [fixed(100, NORTH)], Grid()).judge(NORTH, at(100), 30) is Obstacle.BUSY


@pytest.mark.parametrize("seed", range(25))
def test_every_verdict_agrees_with_driving_the_whole_run(seed: int) -> None:
    dice = random.Random(seed)
    visits: list[Visit] = []
    schedule = Schedule(run(), visits, Grid())
    for _ in range(60):
        place = Coordinates(dice.randrange(-20, 20) / 100, dice.randrange(-20, 20) / 100)
        start, minutes = dice.randrange(0, 480, 5), dice.choice([30, 45, 60])
        verdict = schedule.judge(place, at(start), minutes)
        wanted = sorted([*visits, fixed(start, place, minutes)], key=lambda visit: visit.earliest)
        assert isinstance(verdict, Fit) == _drivable(wanted), (seed, start)
        if isinstance(verdict, Fit):
            before = sum(schedule.drives())
            visits = wanted
            schedule = Schedule(run(), visits, Grid())
            assert sum(schedule.drives()) - before == verdict.added_drive_minutes
    assert visits


def _drivable(visits: list[Visit]) -> bool:
    grid, free, here = Grid(), OPENS, BASE
    for visit in visits:
        drive = grid.minutes(here, visit.place, free)
        if drive > 60 or free + timedelta(minutes=drive) > visit.earliest:
            return False
        free, here = visit.earliest + timedelta(minutes=visit.minutes), visit.place
    home = grid.minutes(here, BASE, free)
    return home <= 60 and free + timedelta(minutes=home) <= at(480)
