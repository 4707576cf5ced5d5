"""The process of one searcher: searches until the deadline, hands over routes as it goes, takes in better plans."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection

from scheduling_svc.planning.engines.vrptw_model import Model, Route
from scheduling_svc.planning.engines.vrptw_search import Search, Settings

_STEPS = 100
"""Between two looks at the clock: some milliseconds."""
_REPORT_SECONDS = 0.4
READY = "ready"


@dataclass(frozen=True)
class Task:
    """What to search, from which seed, for how long."""

    model: Model
    seed: int
    seconds: float
    settings: Settings


@dataclass(frozen=True)
class Found:
    """What a searcher met since it last told: its best plan, routes with the cost of their solution, steps in all."""

    best: tuple[Route, ...]
    routes: dict[Route, int]
    steps: int
    last: bool


def work(connection: Connection) -> None:
    """Say that it is ready, then task after task until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the caller, and the caller ends this
    try:
        connection.send(READY)
        while True:
            task = connection.recv()
            if isinstance(task, Task):  # a plan that came too late for the task before is of no use now
                _search(task, connection)
    except (EOFError, OSError):
        return


def _search(task: Task, connection: Connection) -> None:
    started = time.perf_counter()
    search = Search(task.model, task.seed, task.settings)
    told = started
    while (now := time.perf_counter()) < started + task.seconds:
        search.run(_STEPS, 1 - (now - started) / task.seconds)
        if now >= told + _REPORT_SECONDS:
            told = now
            connection.send(Found(search.routes(), search.new_routes(), search.steps, last=False))
        while connection.poll():
            search.take_in(connection.recv())
    connection.send(Found(search.routes(), search.new_routes(), search.steps, last=True))
