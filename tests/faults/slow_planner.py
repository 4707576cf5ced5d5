"""A worker with a planner that takes its time, to be killed in the middle of it.

Run as a script: `python slow_planner.py SECONDS`. Its solver processes import it again, so they are as slow.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from fascia.runtime import open_runtime
from fascia.settings import load
from scheduling_svc import worker
from scheduling_svc.planning import planner
from scheduling_svc.service import SERVICE

_quick = planner.solve


def _slow(*args: Any, **options: Any) -> Any:
    time.sleep(float(os.environ["SLOW_SECONDS"]))
    return _quick(*args, **options)


planner.solve = _slow


def main() -> None:
    """The worker as it is, until it is told to end or killed."""
    worker.run(open_runtime(SERVICE.name, load(SERVICE.settings, os.environ)))


if __name__ == "__main__":
    sys.exit(main())
