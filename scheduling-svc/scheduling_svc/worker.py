"""The worker process: relay, consumers, and the expiry of holds."""

from __future__ import annotations

from fascia.runtime import Runtime
from fascia.worker import run_worker
from scheduling_svc.service import SERVICE


def run(runtime: Runtime) -> None:
    """Run until SIGTERM or SIGINT."""
    run_worker(SERVICE, runtime)
