"""The planner held to the time that there is, also in a process that has only just begun.

The planner's inner loops are compiled: a process loads them in a second or two, and the first one of an installation
makes them in a minute. Nobody who reports that a therapist is ill waits for that: until they are there, a plan is made
by insertion alone, which keeps promises as far as it can and is not the cheapest.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

from scheduling_svc.planning import planner
from scheduling_svc.planning.plan import Plan
from scheduling_svc.planning.problem import Problem

SEARCH_SECONDS = 0.21
"""How long the planner may look: somebody stands at a door and waits for the answer."""
_SEED = 1
_WARM_UP = "scheduling_svc.planning.engines.warm_up"
_log = logging.getLogger(__name__)
_ready = threading.Event()
_begun = threading.Lock()


@dataclass
class Search:
    """One search, or several after one another: how long they took, and whether all of them looked around."""

    seconds: float = 0.0
    thorough: bool = True

    def __call__(self, problem: Problem, start: Plan) -> Plan:
        began = time.monotonic()
        try:
            if _ready.is_set():
                return planner.solve(problem, seed=_SEED, seconds=SEARCH_SECONDS, start=start)
            begin_to_load()
            self.thorough = False
            return planner.solve(problem, seed=_SEED, rounds=0, start=start)
        finally:
            self.seconds += time.monotonic() - began


def load() -> None:
    """Have the planner compiled and loaded; afterwards every search in this process is a thorough one.

    What has to be compiled is compiled in a process of its own, at a lower priority: this one goes on answering.
    """
    if not _ready.is_set():
        subprocess.run(["nice", "-n", "10", sys.executable, "-m", _WARM_UP], check=False)  # noqa: S603, S607
        from scheduling_svc.planning.engines.warm_up import warm_up

        warm_up()
        _ready.set()


def begin_to_load() -> None:
    """Load it beside whatever else goes on; once."""
    if not _ready.is_set() and _begun.acquire(blocking=False):
        threading.Thread(target=_load_or_say_why_not, name="planner-loading", daemon=True).start()


def _load_or_say_why_not() -> None:
    try:
        load()
    except Exception:
        _log.exception("the planner could not be loaded; plans are made by insertion alone")
        _begun.release()
