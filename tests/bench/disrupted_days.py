"""Days on which something goes wrong: eight therapists, two-hour promises, a plan that runs, one of six disruptions.

Plainly synthetic, and the same for the same number. Days have no lunch breaks and told times cost nothing, because the
yardstick knows neither; both are shown by tests.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from math import hypot

from scheduling_svc.disruption.rest_of_day import Standing, rest_of_day, slowed, with_visit
from scheduling_svc.planning import made_up
from scheduling_svc.planning.plan import URGENT, Plan, PlannedRun
from scheduling_svc.planning.planner import solve
from scheduling_svc.planning.problem import Assignment, Problem, Run, Visit, Weights, Window

HOUR, MINUTE = 3600, 60
KINDS = ("therapist away", "visit cancelled", "no-show", "overrun", "urgent visit", "road blocked")
CHANGED_HANDS = 15 * MINUTE
SPEC = made_up.Spec(therapists=8, visits=52, lunch_minutes=0, weights=Weights(changed_hands=CHANGED_HANDS))


@dataclass(frozen=True)
class DisruptedDay:
    """A day at the moment after something went wrong: what is left of it to plan."""

    number: int
    kind: str
    problem: Problem


def disrupted_day(number: int) -> DisruptedDay:
    """Day and disruption by number; the kinds take turns."""
    rng = random.Random(number)
    kind = KINDS[number % len(KINDS)]
    before = _planned_day(number)
    now = rng.randrange(9 * HOUR, 14 * HOUR, 5 * MINUTE)
    standings = _standings(before, now, rng)
    if kind in ("no-show", "overrun"):
        standings = _one_changes(standings, before, now, kind, rng)
    problem = rest_of_day(before.problem, now, standings)
    return DisruptedDay(number, kind, _CHANGES.get(kind, lambda plain, *_: plain)(problem, now, rng))


@dataclass(frozen=True)
class _Before:
    problem: Problem
    plan: Plan


def _planned_day(number: int) -> _Before:
    """Everything in the plan is promised; what did not fit was never booked."""
    asked = made_up.day(SPEC, 1_000 + number)
    plan = solve(asked, seed=number, rounds=20_000)
    made = {one.visit: Assignment(run.run, one.starts) for run in plan.runs for one in run.visits}
    visits = tuple(replace(visit, was=made[visit.id]) for visit in asked.visits if visit.id in made)
    return _Before(replace(asked, visits=visits), plan)


def _standings(before: _Before, now: int, rng: random.Random) -> dict[str, Standing]:
    """Where each run stands: on time, or up to ten minutes behind with the visit that it is at."""
    return {run.run: found for run in before.plan.runs if (found := _standing(before, run, now, rng.randrange(0, 601)))}


def _standing(before: _Before, run: PlannedRun, now: int, behind: int) -> Standing | None:
    visits = {visit.id: visit for visit in before.problem.visits}
    begun = [one for one in run.visits if one.arrives - one.drive <= now]
    if not begun:
        return None
    last = visits[begun[-1].visit]
    ends = begun[-1].starts + last.seconds
    return Standing(
        place=last.place,
        free_at=now if ends <= now else ends + behind,
        anchor=last.id,
        begun=frozenset(one.visit for one in begun),
        worked=sum(visits[one.visit].seconds for one in begun),
    )


def _one_changes(
    standings: dict[str, Standing], before: _Before, now: int, kind: str, rng: random.Random
) -> dict[str, Standing]:
    """A visit that is running takes 30 to 90 minutes longer, or its patient was not there."""
    busy = sorted(run for run, standing in standings.items() if standing.free_at > now) or sorted(standings)
    run = rng.choice(busy)
    at = standings[run]
    longer = rng.randrange(30, 91, 5) * MINUTE
    return {**standings, run: replace(at, free_at=at.free_at + longer if kind == "overrun" else now + 10 * MINUTE)}


def _therapist_away(problem: Problem, now: int, rng: random.Random) -> Problem:
    """Ill from now on: home as soon as may be."""
    gone = rng.choice(problem.runs)
    home = problem.drives[gone.start_place][gone.end_place]
    runs = tuple(replace(run, closes=run.opens + home) if run is gone else run for run in problem.runs)
    return replace(problem, runs=runs)


def _visit_cancelled(problem: Problem, now: int, rng: random.Random) -> Problem:
    ahead = [visit.id for visit in problem.visits if visit.seconds]
    gone = rng.choice(ahead)
    return replace(problem, visits=tuple(visit for visit in problem.visits if visit.id != gone))


def _urgent_visit(problem: Problem, now: int, rng: random.Random) -> Problem:
    """Somebody halfway between two others needs a visit within three hours."""
    a, b = rng.sample(range(len(problem.drives)), 2)
    there = [(row[a] + row[b]) // 2 + 60 for row in problem.drives]
    back = [(problem.drives[a][to] + problem.drives[b][to]) // 2 + 60 for to in range(len(problem.drives))]
    visit = Visit("urgent", 0, HOUR, (Window(now, now + 3 * HOUR),), prize=URGENT)
    return with_visit(problem, visit, there, back)


def _road_blocked(problem: Problem, now: int, rng: random.Random) -> Problem:
    """Some drives, as through an area, take twice as long for two to four hours."""
    spots = [(rng.uniform(0, 20), rng.uniform(0, 20)) for _ in problem.drives]
    centre = (rng.uniform(5, 15), rng.uniform(5, 15))
    near = {place for place, (x, y) in enumerate(spots) if hypot(x - centre[0], y - centre[1]) < 5}
    until = now + rng.randrange(2, 5) * HOUR
    return slowed(problem, lambda here, there, plain: plain * (2 if {here, there} & near else 1), now, until)


_CHANGES = {
    "therapist away": _therapist_away,
    "visit cancelled": _visit_cancelled,
    "urgent visit": _urgent_visit,
    "road blocked": _road_blocked,
}


def may_make(visit: Visit, run: Run) -> bool:
    """Whether a run may make a visit."""
    if visit.pinned is not None:
        return visit.pinned.run == run.id
    return visit.runs is None or run.id in visit.runs
