"""The worker process of outcomes-svc: relay, consumer and timed work."""

from __future__ import annotations

from fascia.runtime import Runtime
from fascia.worker import run_worker
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.service import SERVICE


def run(runtime: Runtime) -> None:
    """Run until the process is told to end. Fails at once when an instrument's data does not fit."""
    shipped()
    run_worker(SERVICE, runtime)
