"""Solving in processes of its own, so that a worker goes on consuming and its relay goes on sending meanwhile."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.synchronize import Event

from scheduling_svc.planning import planner
from scheduling_svc.planning.engines.warm_up import warm_up
from scheduling_svc.planning.plan import Plan
from scheduling_svc.planning.problem import Problem
from scheduling_svc.plans.record import Effort

_lock = threading.Lock()
_pools: dict[int, ProcessPoolExecutor] = {}
_ends: list[Event] = []


def solve(problem: Problem, effort: Effort, start: Plan | None) -> Plan:
    """A plan of a problem, here and now: from where the days stand or, where asked and cheaper, from nothing."""
    if not effort.afresh or start is None:
        return planner.solve(problem, seed=effort.seed, rounds=effort.rounds, seconds=effort.seconds, start=start)
    rounds = effort.rounds // 2 if effort.rounds is not None else None
    seconds = effort.seconds / 2 if effort.seconds is not None else None
    found = [
        planner.solve(problem, seed=effort.seed, rounds=rounds, seconds=seconds, start=begin) for begin in (start, None)
    ]
    return min(found, key=lambda plan: plan.cost.total)


def submit(processes: int, problem: Problem, effort: Effort, start: Plan | None) -> Future[Plan]:
    """The same in one of so many processes; 0: in this one, at once."""
    if processes <= 0:
        return _done_here(problem, effort, start)
    try:
        return _pool(processes).submit(solve, problem, effort, start)
    except BrokenProcessPool:  # a process of it was killed
        with _lock:
            _pools.pop(processes, None)
        return _pool(processes).submit(solve, problem, effort, start)


def _done_here(problem: Problem, effort: Effort, start: Plan | None) -> Future[Plan]:
    done: Future[Plan] = Future()
    try:
        done.set_result(solve(problem, effort, start))
    except Exception as error:
        done.set_exception(error)
    return done


def _pool(processes: int) -> ProcessPoolExecutor:
    with _lock:
        if processes not in _pools:
            # A fork would copy the locks of the worker's threads and its sockets.
            spawn = multiprocessing.get_context("spawn")
            _ends.append(spawn.Event())
            _pools[processes] = ProcessPoolExecutor(
                processes, mp_context=spawn, initializer=_begin, initargs=(os.getpid(), _ends[-1])
            )
        return _pools[processes]


def end() -> None:
    """The worker ends: searches in hand are given up, and whoever waits for one gets BrokenProcessPool."""
    with _lock:
        for ended in _ends:
            ended.set()


def _begin(worker: int, ended: Event) -> None:
    """A solver gives way to whoever answers people, and ends with the worker even when that was killed."""
    os.nice(5)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the worker, which ends the solvers

    def watch() -> None:
        while os.getppid() == worker and not ended.wait(0.5):
            pass
        os._exit(0)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
    warm_up()  # else the first searches of half a second would be over before the search is loaded
