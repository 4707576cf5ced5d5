"""The insertion kernel with promised windows, pauses and a day's driving, against trying out every timetable."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations_with_replacement, pairwise

import pytest

from scheduling_svc.routing.insertion import Fit, Obstacle, Run, Schedule, Visit
from scheduling_svc.workforce.place import Coordinates
from scheduling_svc.workforce.shift import ShiftBreak

OPENS = datetime(2027, 1, 18, 14, tzinfo=UTC)
BASE = Coordinates(0, 0)
NORTH, EAST = Coordinates(0.1, 0), Coordinates(0, 0.2)
LUNCH = ShiftBreak(OPENS + timedelta(minutes=180), OPENS + timedelta(minutes=300), 30)


class Grid:
    """Drives along a street grid: a minute per 0.01 degrees."""

    def minutes(self, origin: Coordinates, destination: Coordinates, departs_at: datetime) -> int:
        return round(
            100 * (abs(origin.latitude - destination.latitude) + abs(origin.longitude - destination.longitude))
        )


def at(minutes: int) -> datetime:
    return OPENS + timedelta(minutes=minutes)


def visit(first: int, last: int, place: Coordinates = NORTH, planned: int | None = None) -> Visit:
    return Visit(place, at(first), at(last), 60, at(planned) if planned is not None else None)


def run(minutes: int = 480, **more: object) -> Run:
    return Run(OPENS, at(minutes), BASE, 200, **more)  # type: ignore[arg-type]


def test_a_window_is_judged_as_a_whole_and_begins_as_early_as_it_can() -> None:
    schedule = Schedule(run(), [visit(10, 10)], Grid())
    found = schedule.judge(EAST, at(60), 60, latest=at(180))
    assert isinstance(found, Fit)
    assert (found.starts_at, found.added_drive_minutes) == (at(100), 40)
    assert schedule.judge(EAST, at(20), 60, latest=at(99)) is Obstacle.TRAVEL


def test_the_cheapest_place_wins_and_others_give_way_inside_their_promise() -> None:
    schedule = Schedule(run(), [visit(60, 180, EAST, 60), visit(200, 320, NORTH, 200)], Grid())
    found = schedule.judge(EAST, at(60), 60, latest=at(180))
    assert isinstance(found, Fit)
    assert (found.position, found.added_drive_minutes) == (0, 0)
    moved = schedule.with_visit(visit(60, 180, EAST), found.position)
    assert moved is not None
    assert moved.starts == (at(60), at(120), at(210))


def test_a_timetable_moves_nobody_who_need_not_move() -> None:
    schedule = Schedule(run(), [visit(60, 180, EAST, 150), visit(260, 380, NORTH, 300)], Grid())
    moved = schedule.with_visit(visit(60, 180, EAST), 0)
    assert moved is not None
    assert moved.starts == (at(60), at(150), at(300))


def test_a_visit_planned_later_than_it_may_is_pulled_forward_for_what_comes_behind() -> None:
    schedule = Schedule(run(), [visit(60, 180, NORTH, 180), visit(250, 250, NORTH)], Grid())
    moved = schedule.with_visit(visit(60, 190, NORTH), 1)
    assert moved is not None
    assert moved.starts == (at(130), at(190), at(250))


def test_lunch_is_not_eaten_up() -> None:
    full = [visit(10 + 70 * n, 10 + 70 * n) for n in range(3)]
    behind = [visit(310, 310), visit(370, 370)]
    assert isinstance(Schedule(run(), full + behind, Grid()).judge(NORTH, at(240), 60), Fit)
    schedule = Schedule(run(breaks=(LUNCH,)), full + behind, Grid())
    assert schedule.judge(NORTH, at(225), 60) is Obstacle.BREAK
    assert isinstance(schedule.judge(NORTH, at(250), 60), Fit)
    assert isinstance(schedule.judge(NORTH, at(215), 60, latest=at(250)), Fit)


def test_lunch_that_was_impossible_before_forbids_nothing() -> None:
    kept = [visit(120, 120), visit(180, 180), visit(240, 240), visit(300, 300)]
    schedule = Schedule(run(breaks=(LUNCH,)), kept, Grid())
    assert isinstance(schedule.judge(NORTH, at(370), 60), Fit)


def test_a_days_driving_is_bounded() -> None:
    schedule = Schedule(run(most_driving=45), [visit(100, 100)], Grid())
    assert schedule.judge(EAST, at(300), 60) is Obstacle.DRIVING
    assert isinstance(schedule.judge(NORTH, at(300), 60), Fit)


def test_the_way_home_may_take_overtime_but_not_the_visit() -> None:
    assert Schedule(run(), [], Grid()).judge(NORTH, at(415), 60) is Obstacle.TRAVEL
    schedule = Schedule(run(overtime=10), [], Grid())
    found = schedule.judge(NORTH, at(415), 60)
    assert isinstance(found, Fit)
    assert found.overtime_minutes == 5
    assert schedule.judge(NORTH, at(425), 60) is Obstacle.OUTSIDE


def test_nobody_sets_out_in_the_past_and_what_began_stays() -> None:
    schedule = Schedule(run(now=at(100)), [visit(60, 180, NORTH, 90)], Grid())
    assert schedule.judge(EAST, at(60), 60, latest=at(80)) is Obstacle.BUSY
    found = schedule.judge(EAST, at(60), 60, latest=at(300))
    assert isinstance(found, Fit)
    assert found.starts_at == at(180)
    idle = Schedule(run(now=at(100)), [], Grid())
    assert idle.judge(EAST, at(110), 60) is Obstacle.TRAVEL


def test_windows_lie_on_the_grid_and_inside_the_shift() -> None:
    found = dict(Schedule(run(), [], Grid()).starts(NORTH, 60, at(0), timedelta(minutes=30), timedelta(minutes=120)))
    assert min(found) == at(0)
    assert max(found) == at(300)
    assert found[at(0)].starts_at == at(10)


@pytest.mark.parametrize("seed", range(30))
def test_every_verdict_agrees_with_trying_every_timetable(seed: int) -> None:
    dice = random.Random(seed)
    breaks = [LUNCH, ShiftBreak(at(330), at(400), 15)][: dice.choice([0, 1, 1, 2])]
    frame = run(breaks=tuple(breaks), overtime=dice.choice([0, 20]))
    visits: list[Visit] = []
    booked = 0
    for _ in range(40):
        place = Coordinates(dice.randrange(-15, 15) / 100, dice.randrange(-15, 15) / 100)
        first, minutes = dice.randrange(0, 400, 5), dice.choice([30, 45, 60])
        wanted = Visit(place, at(first), at(first + dice.choice([0, 60, 120])), minutes)
        schedule = Schedule(frame, visits, Grid())
        verdict = schedule.judge(place, wanted.earliest, minutes, wanted.latest)
        costs = _costs(frame, visits, wanted)
        found = verdict.added_drive_minutes if isinstance(verdict, Fit) else None
        assert found == min(costs, default=None), (seed, verdict, wanted)
        if not isinstance(verdict, Fit):
            continue
        table = schedule.with_visit(wanted, verdict.position)
        assert table is not None
        order = [*visits[: verdict.position], wanted, *visits[verdict.position :]]
        visits = [replace(one, planned=begins) for one, begins in zip(order, table.starts, strict=True)]
        assert _drivable(frame, visits, fixed=True)
        booked += 1
    assert booked > 2


def _costs(frame: Run, visits: Sequence[Visit], wanted: Visit) -> list[int]:
    """What each position costs at which the visit fits."""
    if wanted.earliest + timedelta(minutes=wanted.minutes) > frame.closes:
        return []
    latest = min(wanted.latest, frame.closes - timedelta(minutes=wanted.minutes))
    clipped, found = replace(wanted, latest=latest), []
    for position in range(len(visits) + 1):
        order = [*visits[:position], clipped, *visits[position:]]
        if _drivable(frame, order):
            found.append(_driven(order) - _driven(visits))
    return found


def _driven(visits: Sequence[Visit]) -> int:
    places = [BASE, *(one.place for one in visits), BASE]
    return sum(Grid().minutes(a, b, OPENS) for a, b in pairwise(places))


def _drivable(frame: Run, visits: Sequence[Visit], *, fixed: bool = False) -> bool:
    """Whether a run can be driven in this order, with its pauses before or after whichever drives."""
    points = range(2 * len(visits) + 2)
    return any(
        _driven_with(frame, visits, taken, fixed) for taken in combinations_with_replacement(points, len(frame.breaks))
    )


def _driven_with(frame: Run, visits: Sequence[Visit], taken: Sequence[int], fixed: bool) -> bool:
    pauses = list(zip(taken, frame.breaks, strict=True))
    clock, here = frame.opens, BASE

    def rest(point: int) -> bool:
        nonlocal clock
        while pauses and pauses[0][0] == point:
            pause = pauses.pop(0)[1]
            if clock > pause.latest:
                return False
            clock = max(clock, pause.earliest) + timedelta(minutes=pause.minutes)
        return True

    for index, one in enumerate([*visits, None]):
        if not rest(2 * index):
            return False
        there = one.place if one else BASE
        clock, here = clock + timedelta(minutes=Grid().minutes(here, there, clock)), there
        if not rest(2 * index + 1):
            return False
        if one:
            clock = max(clock, one.at if fixed else one.earliest)
            if clock > (one.at if fixed else one.latest):
                return False
            clock += timedelta(minutes=one.minutes)
    return clock <= frame.closes + timedelta(minutes=frame.overtime)
