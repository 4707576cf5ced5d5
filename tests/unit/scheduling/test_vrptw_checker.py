"""The judge of routes finds every kind of fault, and drives by the rules of the files."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest

from scheduling_svc.planning import cvrplib, solomon
from scheduling_svc.planning.vrptw_checker import check

PUBLISHED = Path(os.environ.get("FASCIA_VRPTW") or Path(__file__).parents[4] / "shared" / "data" / "vrptw")

INSTANCE = solomon.parse(
    """four in a row
VEHICLE
NUMBER CAPACITY
2 30
CUSTOMER
CUST NO. XCOORD. YCOORD. DEMAND READY DUE SERVICE
0 0 0 0 0 100 0
1 10 0 10 0 50 5
2 20 0 10 40 60 5
3 30 0 10 0 90 5
4 0 10 10 0 20 5
"""
)
GOOD = ((1, 2, 3), (4,))


def test_good_routes_have_their_length_and_no_fault() -> None:
    judged = check(INSTANCE, GOOD, Decimal(80))
    assert (judged.distance, judged.faults, judged.feasible) == (80, (), True)


@pytest.mark.parametrize(
    ("routes", "fault"),
    [
        (((1, 2, 3),), "customer 4 is not served"),
        (((1, 2, 3), (4, 1)), "customer 1 is served 2 times"),
        (((1, 2, 3), (4, 5)), "there is no customer 5"),
        (((1, 2, 3), (4, 0)), "there is no customer 0"),
        (((1, 2), (3,), (4,)), "3 routes, but there are 2 vehicles"),
        (((1, 2, 3, 4), ()), "route 1: it carries 40, but a vehicle holds 30"),
        (((1, 4), (2, 3)), "route 1: customer 4 is reached at 29.1, after 20"),  # 10 + 5 + 14.1 cut from 14.142
        (((3, 2, 1), (4,)), "route 1: customer 1 is reached at 60.0, after 50"),
    ],
)
def test_each_broken_rule_is_named(routes: cvrplib.Routes, fault: str) -> None:
    assert fault in check(INSTANCE, routes).faults


def test_a_vehicle_that_waits_too_long_is_late_at_the_depot() -> None:
    late = solomon.parse(
        "x\nVEHICLE\nNUMBER CAPACITY\n1 9\nCUSTOMER\nC\n0 0 0 0 0 56 0\n1 10 0 1 0 50 5\n2 20 0 1 30 40 5\n"
    )
    assert check(late, [(2, 1)]).faults == ("route 1: the depot is reached at 60.0, after 56",)


def test_a_cost_that_is_not_the_length_is_a_fault() -> None:
    assert check(INSTANCE, GOOD, Decimal("79.9")).faults == (
        "the cost is said to be 79.9, but the routes are 80.0 long",
    )


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason=f"NOT RUN: the published instances are not at {PUBLISHED}")
def test_every_published_best_known_solution_keeps_the_rules_and_has_the_length_it_claims() -> None:
    files = sorted(PUBLISHED.glob("*.txt.gz"))
    assert len(files) == 56
    for file in files:
        best = cvrplib.read(PUBLISHED / file.name.replace(".txt.gz", ".sol"))
        assert check(solomon.read(file), best.routes, best.cost).faults == (), file.name
