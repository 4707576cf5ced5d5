"""Days without a minute to spare: a plan that keeps every promise exists by construction, and has to be found."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest

from scheduling_svc.planning import checker
from scheduling_svc.planning.made_up import HOUR, ORIGIN, drives
from scheduling_svc.planning.plan import URGENT
from scheduling_svc.planning.planner import solve
from scheduling_svc.planning.problem import Problem, Run, Visit, Window

RUNS, LENGTH, SLACK = 8, 7, 30 * 60


def crowded(seed: int) -> Problem:
    """Eight runs of seven visits in a hidden order; windows of an hour lie about the hidden starts."""
    rng = random.Random(seed)
    points = [(rng.uniform(0, 12), rng.uniform(0, 12)) for _ in range(RUNS * (LENGTH + 1))]
    matrix = drives(points, 40.0)
    runs, visits = [], []
    for number in range(RUNS):
        at, here = 8 * HOUR, number
        for index in range(LENGTH):
            place = RUNS + number * LENGTH + index
            at += matrix[here][place]
            shift = rng.randrange(-SLACK, SLACK, 300)
            visits.append(Visit(f"visit-{place}", place, HOUR, (Window(at + shift - SLACK, at + shift + SLACK),)))
            at, here = at + HOUR, place
        closes = at + matrix[here][number]
        runs.append(Run(f"run-{number}", f"t-{number}", date(2030, 1, 7), number, number, 8 * HOUR, closes, 2 * HOUR))
    rng.shuffle(visits)
    return Problem(ORIGIN, tuple(runs), tuple(visits), matrix)


@pytest.mark.parametrize("seed", range(1, 4))
def test_every_promise_of_a_crowded_day_is_kept(seed: int) -> None:
    problem = crowded(seed)
    begun = solve(problem, seed=1, rounds=0)
    assert begun.left_out, "insertion alone does not find it"

    plan = solve(problem, seed=1, rounds=400, start=begun)

    assert plan.left_out == ()
    assert checker.faults(problem, plan) == []


@pytest.mark.parametrize("seed", range(1, 4))
def test_others_move_for_an_urgent_visit_and_none_is_left_out_for_it(seed: int) -> None:
    problem = crowded(seed)
    urgent = solve(problem, seed=1, rounds=0).left_out[0].visit
    visits = tuple(replace(visit, prize=URGENT) if visit.id == urgent else visit for visit in problem.visits)
    problem = replace(problem, visits=visits)
    begun = solve(problem, seed=1, rounds=0)
    assert urgent in {left.visit for left in begun.left_out}, "it fits nowhere between the others"

    plan = solve(problem, seed=1, rounds=400, start=begun)

    assert plan.left_out == ()
    assert checker.faults(problem, plan) == []


def test_room_is_found_by_the_clock_too() -> None:
    problem = crowded(1)

    plan = solve(problem, seed=1, rounds=400, seconds=60, start=solve(problem, seed=1, rounds=0))

    assert plan.left_out == ()
    assert checker.faults(problem, plan) == []
