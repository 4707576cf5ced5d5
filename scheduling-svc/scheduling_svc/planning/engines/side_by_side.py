"""Two searches from the same routes beside one another, where the clock is the limit and there are two processors."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from scheduling_svc.planning.engines.budget import Budget
from scheduling_svc.planning.engines.model import Model, Routes
from scheduling_svc.planning.engines.ruin_recreate import ROOM_TIME, Cooling, Engine

LANES = 2


def search(
    model: Model, routes: Routes, held: Mapping[int, int], *, seed: int, budget: Budget, cooling: Cooling
) -> tuple[Routes, dict[int, int]]:
    """The best routes found, and the moments of their tandem visits.

    Counted rounds are one search, which can be repeated exactly. By the clock, one looks for room for what is wanted
    and in no run, all the time if need be, while the other one saves driving: whichever matters is never cut short.
    """
    lanes = 1 if budget.deadline is None else min(LANES, os.cpu_count() or 1)
    engines = [Engine(model, routes, held, seed + lane) for lane in range(lanes)]
    rooms = [ROOM_TIME] if lanes == 1 else [1.0] + [0.0] * (lanes - 1)
    with ThreadPoolExecutor(lanes, thread_name_prefix="planner") as threads:
        list(threads.map(lambda engine, room: engine.run(budget, cooling, room), engines, rooms))
    return min(engines, key=lambda engine: engine.cost).best()
