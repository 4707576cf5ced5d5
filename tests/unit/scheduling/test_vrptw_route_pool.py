"""Recombination: the best plan that the routes of several plans make together."""

from __future__ import annotations

import itertools
import random

from scheduling_svc.planning.engines.vrptw_model import Model, Route
from scheduling_svc.planning.engines.vrptw_pool import RoutePool


def line(places: list[int], *, vehicles: int = 9, capacity: int = 3) -> Model:
    """Customers along a road on both sides of a depot at 0, each demanding 1, without any hurry."""
    at = [0, *places]
    count = len(at)
    return Model(
        matrix=tuple(tuple(abs(one - other) for other in at) for one in at),
        demands=(0, *[1] * len(places)),
        ready=(0,) * count,
        due=(100_000,) * count,
        service=(0, *[1] * len(places)),
        vehicles=vehicles,
        capacity=capacity,
    )


def offered(model: Model, *plans: list[Route]) -> RoutePool:
    pool = RoutePool(model)
    for plan in plans:
        pool.add({route: sum(map(model.length, plan)) for route in plan})
        pool.offer(plan)
    return pool


def test_good_halves_of_two_plans_become_one_better_plan() -> None:
    model = line([10, 11, -10, -11])
    pool = offered(model, [(1, 2), (3,), (4,)], [(1,), (2,), (3, 4)])
    assert pool.best_length == 22 + 20 + 22
    assert pool.recombine(5.0)
    assert (pool.best_length, sorted(pool.best)) == (44, [(1, 2), (3, 4)])


def test_without_a_better_plan_nothing_changes() -> None:
    pool = offered(line([10, 11]), [(1, 2)], [(1,), (2,)])
    assert not pool.recombine(5.0)
    assert pool.best == ((1, 2),)


def test_every_customer_is_served_once() -> None:
    model = line([10, 11, 12, 13, 14], capacity=3)
    pool = offered(model, [(1,), (2,), (3,), (4,), (5,)])
    pool.add({(1, 2, 3): 0, (3, 4, 5): 0})
    assert pool.recombine(5.0)
    assert sorted(stop for route in pool.best for stop in route) == [1, 2, 3, 4, 5]


def test_a_relaxation_less_than_a_unit_below_the_best_plan_ends_the_search() -> None:
    """Three pairs by halves are 16.5 long, a pair and a single 17: no whole plan fits between."""
    legs = ((0, 3, 3, 3), (3, 0, 5, 5), (3, 5, 0, 5), (3, 5, 5, 0))
    model = Model(legs, (0, 1, 1, 1), (0,) * 4, (100,) * 4, (0,) * 4, vehicles=3, capacity=2)
    pool = offered(model, [(1, 2), (3,)], [(1, 3), (2,)], [(2, 3), (1,)])
    assert not pool.recombine(5.0)
    assert pool.best_length == 17


def test_the_number_of_vehicles_holds() -> None:
    model = line([1, -1, 50, -50], vehicles=2)
    pool = offered(model, [(1, 3), (2, 4)])
    pool.add({(1,): 0, (2,): 0, (3,): 0, (4,): 0, (1, 2): 0, (3, 4): 0})
    pool.recombine(5.0)
    assert len(pool.best) <= 2


def test_of_one_set_of_customers_the_shortest_order_is_kept() -> None:
    model = line([10, 20, 30])
    pool = offered(model, [(2, 1, 3)], [(1, 2, 3)])
    assert len(pool) == 1
    assert pool.best_length == 60


def test_it_finds_the_best_partition_there_is() -> None:
    chance = random.Random(7)
    for _ in range(10):
        model = line([chance.randrange(-50, 50) or 1 for _ in range(6)])
        routes = [
            route
            for size in (1, 2, 3)
            for route in itertools.permutations(model.customers, size)
            if chance.random() < 0.5
        ]
        singles = [(stop,) for stop in model.customers]
        pool = offered(model, singles)
        pool.add(dict.fromkeys(routes, 0))
        pool.recombine(5.0)
        assert pool.best_length is not None
        assert pool.best_length == _best_partition(model, [*routes, *singles])


def _best_partition(model: Model, routes: list[Route]) -> int:
    """By trying all, customer after customer."""

    def complete(left: frozenset[int]) -> int:
        if not left:
            return 0
        first = min(left)
        return min(
            model.length(route) + complete(left - set(route))
            for route in routes
            if first in route and left >= set(route)
        )

    return complete(frozenset(model.customers))
