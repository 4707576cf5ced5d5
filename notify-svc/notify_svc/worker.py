"""The worker process: relay, consumer, and the sending of what is due."""

from __future__ import annotations

from fascia.runtime import Runtime
from fascia.worker import run_worker
from notify_svc.service import SERVICE


def run(runtime: Runtime) -> None:
    """Run until SIGTERM or SIGINT."""
    run_worker(SERVICE, runtime)
