"""The worker process: relay, consumers, the expiry of holds, and planning."""

from __future__ import annotations

import threading

from fascia.runtime import Runtime
from fascia.worker import run_worker
from scheduling_svc.plans import solving
from scheduling_svc.service import SERVICE


def run(runtime: Runtime) -> None:
    """Run until SIGTERM or SIGINT. A search in hand is given up then: its plan is solved by the next worker."""
    stop = threading.Event()

    def end_searches() -> None:
        stop.wait()
        solving.end()

    threading.Thread(target=end_searches, name="end-searches", daemon=True).start()
    run_worker(SERVICE, runtime, stop)
