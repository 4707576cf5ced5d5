"""`python -m scheduling_svc.planning.engines.warm_up`: compile the planner before anybody waits for it."""

from __future__ import annotations

from scheduling_svc.planning.made_up import Spec, day
from scheduling_svc.planning.planner import solve


def warm_up() -> None:
    """Plan a tiny day, which loads the compiled loops from disk or makes them."""
    solve(day(Spec(therapists=2, visits=4), seed=1), seed=1, rounds=2)


if __name__ == "__main__":
    warm_up()
