"""The worker process: relay, consumer of appointment.*, and the chaining of the audit trail."""

from __future__ import annotations

from fascia.runtime import Runtime
from fascia.worker import run_worker
from records_svc.service import SERVICE


def run(runtime: Runtime) -> None:
    """Run until SIGTERM or SIGINT."""
    run_worker(SERVICE, runtime)
