"""Made-up days for tests and benchmarks: feasible by construction where it matters, plainly synthetic."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import hypot

from scheduling_svc.planning.problem import Break, Matrix, Problem, Run, Visit, Weights, Window

HOUR = 3600
ORIGIN = datetime(2030, 1, 7, tzinfo=UTC)
DEFAULT_WEIGHTS = Weights()


@dataclass(frozen=True)
class Spec:
    """What a day is like. Square of `kilometres`, straight roads x 1.3 at `speed` km/h; windows as promised."""

    therapists: int = 8
    visits: int = 56
    kilometres: float = 20.0
    speed: float = 40.0
    visit_minutes: tuple[int, ...] = (45, 60)
    promise_minutes: int = 120
    skilled_share: float = 0.25
    lunch_minutes: int = 30
    overtime_minutes: int = 0
    longest_drive_minutes: int = 60
    optional: int = 0
    weights: Weights = DEFAULT_WEIGHTS


def day(spec: Spec, seed: int) -> Problem:
    """A day: therapists start at their homes at 8:00 and end at 17:00, windows lie anywhere in between."""
    rng = random.Random(seed)  # noqa: S311 - nothing secret
    count = spec.therapists + spec.visits + spec.optional
    points = [(rng.uniform(0, spec.kilometres), rng.uniform(0, spec.kilometres)) for _ in range(count)]
    runs = tuple(_run(spec, index) for index in range(spec.therapists))
    skilled = frozenset(run.id for run in runs[::2])
    visits = tuple(
        _visit(spec, rng, index, spec.therapists + index, skilled) for index in range(spec.visits + spec.optional)
    )
    return Problem(ORIGIN, runs, visits, drives(points, spec.speed), spec.weights)


def drives(points: list[tuple[float, float]], speed: float) -> Matrix:
    """Seconds of driving between points in km: straight x 1.3, with a little more one way than the other."""
    return tuple(
        tuple(
            0 if here == there else round(hypot(a - c, b - d) * 1.3 * HOUR / speed) + 20 + (17 * here + there) % 41
            for there, (c, d) in enumerate(points)
        )
        for here, (a, b) in enumerate(points)
    )


def _run(spec: Spec, index: int) -> Run:
    lunch = (Break(Window(11 * HOUR + 1800, 13 * HOUR + 1800), spec.lunch_minutes * 60),) if spec.lunch_minutes else ()
    return Run(
        f"run-{index}",
        f"therapist-{index}",
        date(2030, 1, 7),
        index,
        index,
        8 * HOUR,
        17 * HOUR,
        spec.longest_drive_minutes * 60,
        overtime=spec.overtime_minutes * 60,
        breaks=lunch,
    )


def _visit(spec: Spec, rng: random.Random, index: int, place: int, skilled: frozenset[str]) -> Visit:
    seconds = rng.choice(spec.visit_minutes) * 60
    opens = rng.randrange(8 * HOUR, 16 * HOUR - spec.promise_minutes * 60 + 1, 900)
    optional = index >= spec.visits
    return Visit(
        f"visit-{index}",
        place,
        seconds,
        (Window(opens, opens + spec.promise_minutes * 60),),
        skilled if rng.random() < spec.skilled_share else None,
        prize=rng.randrange(600, 3600) if optional else None,
    )
