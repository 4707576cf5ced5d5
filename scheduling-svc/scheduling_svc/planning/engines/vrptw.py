"""Plans of pure instances: two searchers in processes of their own, and the best plan that their routes make together.

While they search, this process recombines their routes and hands each better plan back to them.
"""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Self

from scheduling_svc.planning.engines.vrptw_model import Model, Route
from scheduling_svc.planning.engines.vrptw_pool import RoutePool
from scheduling_svc.planning.engines.vrptw_search import Settings
from scheduling_svc.planning.engines.vrptw_worker import Found, Task, work

_BETWEEN = 1.0
_GRACE = 30.0


class PlannerLostError(RuntimeError):
    """Every searcher's process ended before its time."""


@dataclass(frozen=True)
class Planned:
    """Routes (none: no plan was found), their length, and what was done for them."""

    routes: tuple[Route, ...]
    length: int | None
    steps: int
    pooled: int
    recombined: int
    """How many of the better plans came from recombination."""
    seconds: float


class Planner:
    """Searchers that are started once and plan one instance after the other."""

    def __init__(self, searchers: int = 2, settings: Settings | None = None) -> None:
        self._settings = settings or Settings()
        context = multiprocessing.get_context("spawn")
        self._ends: list[Connection] = []
        self._processes = []
        for number in range(searchers):
            ours, theirs = context.Pipe()
            process = context.Process(target=work, args=(theirs,), name=f"searcher-{number}", daemon=True)
            process.start()
            theirs.close()
            self._ends.append(ours)
            self._processes.append(process)
        self._await_ready()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pids(self) -> list[int]:
        """Process ids of the searchers."""
        return [process.pid for process in self._processes if process.pid is not None]

    def close(self) -> None:
        """End the searchers, whatever they are doing."""
        for end in self._ends:
            end.close()
        for process in self._processes:
            process.terminate()
            process.join()

    def _await_ready(self) -> None:
        """Loading the libraries is no part of anybody's seconds."""
        for end in self._ends:
            try:
                end.recv()
            except EOFError:
                self.close()
                raise PlannerLostError("a process of the search could not be started") from None

    def plan(self, model: Model, seconds: float, seed: int = 1) -> Planned:
        """The best plan within so many seconds of wall clock. Raises PlannerLostError when no searcher lives."""
        run = _Run(model, seconds, list(self._ends))
        searching = seconds - _last_word(seconds)
        for number, end in enumerate(list(self._ends)):
            run.send(end, Task(model, seed * 1000 + number, searching, self._settings))
        while run.searching:
            run.listen()
            run.recombine_now_and_then()
        self._ends = run.alive
        if not self._ends:
            raise PlannerLostError("the processes of the search ended unexpectedly")
        run.last_word()
        return run.planned()


def _last_word(seconds: float) -> float:
    """Of so many seconds in all, those after the search for the last and widest recombination."""
    return min(max(0.5, seconds / 20), seconds / 5, 5.0)


class _Run:
    """One instance being planned, seen from the process that recombines."""

    def __init__(self, model: Model, seconds: float, ends: list[Connection]) -> None:
        self.alive = ends
        self.searching = list(ends)
        self._pool = RoutePool(model)
        self._started = time.perf_counter()
        self._seconds = seconds
        self._until = self._started + seconds
        self._next = self._started + min(_BETWEEN, seconds / 4)
        self._steps: dict[int, int] = {}
        self._recombined = 0

    def send(self, end: Connection, message: object) -> None:
        """To one searcher; one that has died is left out from then on."""
        try:
            end.send(message)
        except OSError:
            self._lose(end)

    def listen(self) -> None:
        """Take what the searchers tell."""
        left = max(0.01, self._next - time.perf_counter())
        ready = wait(self.searching, timeout=left)
        for end in ready:
            assert isinstance(end, Connection)
            try:
                found = end.recv()
            except (EOFError, OSError):
                self._lose(end)
                continue
            self._take(end, found)
        if time.perf_counter() > self._until + _GRACE:
            for end in list(self.searching):
                self._lose(end)

    def recombine_now_and_then(self) -> None:
        """Each time tell the searchers about a better plan."""
        now = time.perf_counter()
        if now < self._next or not self.searching:
            return
        if self._pool.recombine(min(0.3, self._seconds / 10), in_passing=True):
            self._recombined += 1
            for end in list(self.searching):
                self.send(end, self._pool.best)
        self._next = time.perf_counter() + min(_BETWEEN, self._seconds / 4)

    def last_word(self) -> None:
        """Recombine until the time is over."""
        self._recombined += self._pool.recombine(self._until - time.perf_counter() - 0.02)

    def planned(self) -> Planned:
        """What has come of it."""
        return Planned(
            routes=self._pool.best,
            length=self._pool.best_length,
            steps=sum(self._steps.values()),
            pooled=len(self._pool),
            recombined=self._recombined,
            seconds=time.perf_counter() - self._started,
        )

    def _take(self, end: Connection, found: Found) -> None:
        self._pool.add(found.routes)
        self._pool.offer(found.best)
        self._steps[id(end)] = found.steps
        if found.last:
            self.searching.remove(end)

    def _lose(self, end: Connection) -> None:
        for ends in (self.alive, self.searching):
            if end in ends:
                ends.remove(end)
