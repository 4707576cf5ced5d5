"""Room for what was promised or is urgent: guided ejection search (Nagata and Bräysy, 2009) on the kernel's runs.

A wanted visit that fits nowhere takes the place of another one, of that which was missing least often so far, and
the other one looks for room next. Between two such steps a few runs are shaken, so that the same steps do not recur.
"""

from __future__ import annotations

from scheduling_svc.planning.engines.compiling import compiled
from scheduling_svc.planning.engines.kernel import (
    FROZEN,
    GROUP,
    LENGTH,
    NEVER,
    NO_WAY,
    RUN_OF,
    WANTED,
    World,
    best_in,
    put,
    refresh,
    take,
    total,
)
from scheduling_svc.planning.engines.kernel_search import Search, below, cheapest, keep_best, one_round

SHAKEN = 3
"""Rounds of ruin and recreate between two steps."""
SHAKEN_VISITS = 4.0
"""How many visits each of them takes out on average."""


@compiled
def homeless(w: World, last: int) -> int:
    """Who looks for room: the visit that lost its place last, else any wanted one in no run. -1: nobody."""
    visits = w.visits.shape[0]
    first = last if last >= 0 else below(w, visits)
    for step in range(visits):
        visit = (first + step) % visits
        if w.visits[visit, RUN_OF] < 0 and w.visits[visit, WANTED] and w.visits[visit, GROUP] < 0:
            for run in range(w.runs.shape[0]):
                if w.allowed[visit, run]:
                    return int(visit)
    return -1


@compiled
def settle(w: World, visit: int) -> bool:
    """Put a visit where it costs least; False: it fits nowhere."""
    run, at = cheapest(w, visit, NO_WAY, 0.0)
    if run >= 0:
        put(w, run, visit, at)
    return run >= 0


@compiled
def place_without(w: World, run: int, index: int, visit: int) -> float:
    """What a visit costs in a run without the one at an index, which stays in it after all. NO_WAY: it does not fit."""
    other, cost = w.route[run, index], NO_WAY
    take(w, other)
    if refresh(w, run):
        cost = best_in(w, run, visit, NO_WAY, 0.0)[0]
    put(w, run, other, index)
    return cost


@compiled
def displace(w: World, search: Search, visit: int) -> int:
    """Give a visit the place of the one that was missing least often; which one that is, -1: none helps."""
    least, cheapest, found = NEVER, NO_WAY, -1
    for run in range(w.runs.shape[0]):
        if not w.allowed[visit, run]:
            continue
        for index in range(w.runs[run, LENGTH]):
            other = w.route[run, index]
            often = search.missing[other]
            if w.visits[other, FROZEN] or w.visits[other, GROUP] >= 0 or often > least:
                continue
            cost = place_without(w, run, index, visit)
            if cost < NO_WAY and (often < least or cost < cheapest):
                least, cheapest, found = often, cost, other
    if found >= 0:
        run = w.visits[found, RUN_OF]
        take(w, found)
        refresh(w, run)
        put(w, run, visit, best_in(w, run, visit, NO_WAY, 0.0)[1])
    return found


@compiled
def make_room(w: World, search: Search, steps: int, heat: float) -> bool:
    """Some steps of the search; whether nothing that is wanted is missing any more."""
    last = -1
    for _ in range(steps):
        visit = homeless(w, last)
        if visit < 0:
            return True
        if not settle(w, visit):
            search.missing[visit] += 1
            last = displace(w, search, visit)
        search.costs[0] = total(w)
        if search.costs[0] < search.costs[1] - 1e-6:
            keep_best(w, search, search.costs[0])
        for _ in range(SHAKEN):
            one_round(w, search, SHAKEN_VISITS, heat)
    return homeless(w, -1) < 0
