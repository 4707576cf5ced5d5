"""An independent judge of routes: drives each one by the rules of the problem, and shares nothing with the planner.

Distances are taken from the coordinates anew, by decimal arithmetic, so that a mistake in the planner's matrix shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal

from scheduling_svc.planning.solomon import Customer, Instance

_TENTH = Decimal("0.1")
_PRECISE = Context(prec=60)


@dataclass(frozen=True)
class Checked:
    """The distance as driven, and each rule that the routes break, in words."""

    distance: Decimal
    faults: tuple[str, ...]

    @property
    def feasible(self) -> bool:
        """Whether no rule is broken."""
        return not self.faults


def check(instance: Instance, routes: Sequence[Sequence[int]], claimed: Decimal | None = None) -> Checked:
    """Judge routes of customer numbers without the depot; `claimed` is the cost that somebody says they have."""
    faults = _coverage(instance, routes)
    total = Decimal(0)
    if len(routes) > instance.vehicles:
        faults.append(f"{len(routes)} routes, but there are {instance.vehicles} vehicles")
    for number, route in enumerate(routes, start=1):
        known = [instance.customers[stop] for stop in route if 0 < stop < len(instance.customers)]
        distance, broken = _drive(instance, known)
        total += distance
        faults += [f"route {number}: {fault}" for fault in broken]
    if claimed is not None and claimed != total:
        faults.append(f"the cost is said to be {claimed}, but the routes are {total} long")
    return Checked(total, tuple(faults))


def _coverage(instance: Instance, routes: Sequence[Sequence[int]]) -> list[str]:
    served = Counter(stop for route in routes for stop in route)
    wanted = range(1, len(instance.customers))
    faults = [f"customer {number} is not served" for number in wanted if number not in served]
    faults += [f"customer {number} is served {times} times" for number, times in served.items() if times > 1]
    faults += [f"there is no customer {number}" for number in served if number not in wanted]
    return faults


def _drive(instance: Instance, stops: Sequence[Customer]) -> tuple[Decimal, list[str]]:
    depot = instance.customers[0]
    faults, here, clock, driven = [], depot, depot.ready, Decimal(0)
    load = sum(stop.demand for stop in stops)
    if load > instance.capacity:
        faults.append(f"it carries {load}, but a vehicle holds {instance.capacity}")
    for stop in (*stops, depot):
        leg = _leg(here, stop)
        driven += leg
        clock = max(clock + leg, stop.ready)
        if clock > stop.due:
            where = f"customer {stop.number}" if stop is not depot else "the depot"
            faults.append(f"{where} is reached at {clock}, after {stop.due}")
        clock += stop.service
        here = stop
    return driven, faults


def _leg(one: Customer, other: Customer) -> Decimal:
    square = _PRECISE.add(_PRECISE.power(one.x - other.x, 2), _PRECISE.power(one.y - other.y, 2))
    return _PRECISE.sqrt(square).quantize(_TENTH, rounding=ROUND_DOWN)
