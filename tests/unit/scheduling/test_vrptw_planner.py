"""The planner of pure instances: whole, feasible, as short as can be on small ones, and robust."""

from __future__ import annotations

import itertools
import os
import random
import signal
import time
from collections.abc import Iterator
from decimal import Decimal

import pytest

from scheduling_svc.planning import solomon
from scheduling_svc.planning.engines.vrptw import Planner, PlannerLostError
from scheduling_svc.planning.engines.vrptw_model import Model, Route
from scheduling_svc.planning.engines.vrptw_search import Search
from scheduling_svc.planning.vrptw_checker import check


def made_up(customers: int, seed: int, *, vehicles: int = 10, capacity: int = 40, width: int = 60) -> solomon.Instance:
    """An instance that has a plan: every window is open when a vehicle that drives straight there arrives."""
    chance = random.Random(seed)
    rows = ["0 50 50 0 0 600 0"]
    for number in range(1, customers + 1):
        x, y, ready = chance.randrange(100), chance.randrange(100), chance.randrange(100, 350)
        rows.append(f"{number} {x} {y} {chance.randrange(1, 15)} {ready} {ready + width} 10")
    fleet = f"VEHICLE\nNUMBER CAPACITY\n{vehicles} {capacity}\nCUSTOMER\nCOLUMNS\n"
    return solomon.parse(f"made-up-{seed}\n{fleet}" + "\n".join(rows))


@pytest.fixture(scope="module")
def planner() -> Iterator[Planner]:
    with Planner(2) as started:
        yield started


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_small_instance_is_planned_as_short_as_can_be(planner: Planner, seed: int) -> None:
    instance = made_up(6, seed)
    model = Model.of(instance)
    assert planner.plan(model, 1.0).length == _shortest(model)


def test_a_smoke_instance_of_60_customers_keeps_every_rule_and_the_time(planner: Planner) -> None:
    instance = made_up(60, 11, vehicles=25)
    started = time.perf_counter()
    planned = planner.plan(Model.of(instance), 3.0)
    assert time.perf_counter() - started < 3.0 + 4.0  # what a busy machine may add
    assert planned.length is not None
    assert check(instance, planned.routes, Decimal(planned.length) / 10).faults == ()
    alone = sum(Model.of(instance).length((stop,)) for stop in range(1, 61))
    assert planned.length < alone / 2


def test_where_the_fleet_is_too_small_no_plan_is_made_up(planner: Planner) -> None:
    planned = planner.plan(Model.of(made_up(8, 4, vehicles=1, capacity=15, width=20)), 1.0)
    assert (planned.routes, planned.length) == ((), None)


def test_one_lost_searcher_leaves_the_other_to_plan() -> None:
    with Planner(2) as planner:
        instance = made_up(20, 5)
        os.kill(planner.pids[0], signal.SIGKILL)
        for seed in (1, 2):
            planned = planner.plan(Model.of(instance), 1.0, seed)
            assert check(instance, planned.routes).faults == ()


def test_when_all_searchers_are_lost_it_says_so() -> None:
    with Planner(1) as planner:
        os.kill(planner.pids[0], signal.SIGKILL)
        with pytest.raises(PlannerLostError):
            planner.plan(Model.of(made_up(5, 5)), 1.0)


def test_a_searcher_goes_the_same_way_for_the_same_seed() -> None:
    model = Model.of(made_up(25, 9))

    def walk(seed: int) -> tuple[tuple[Route, ...], dict[Route, int]]:
        search = Search(model, seed)
        search.run(300, 0.5)
        return search.routes(), search.new_routes()

    assert walk(3) == walk(3)
    assert walk(3) != walk(4)


def test_a_searcher_takes_in_only_what_is_better_and_feasible() -> None:
    model = Model.of(made_up(12, 2, vehicles=12))
    search = Search(model, 1)
    search.run(500, 0.0)
    own = search.routes()
    search.take_in([(stop,) for stop in model.customers])
    search.take_in([tuple(model.customers)])
    assert search.routes() == own


def _shortest(model: Model) -> int:
    """By trying every route of every set of customers, and every partition into them."""
    best: dict[frozenset[int], int] = {}
    for size in range(1, len(model.customers) + 1):
        for route in itertools.permutations(model.customers, size):
            if model.feasible(route):
                key = frozenset(route)
                best[key] = min(model.length(route), best.get(key, 10**9))

    def complete(left: frozenset[int]) -> int:
        if not left:
            return 0
        first = min(left)
        return min(length + complete(left - key) for key, length in best.items() if first in key and key <= left)

    return complete(frozenset(model.customers))
