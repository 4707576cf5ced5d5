"""Timed work: tell of alerts once more that nobody acknowledged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from fascia.runtime import Runtime
from fascia.service import Job
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.alerts import store
from outcomes_svc.alerts.watching import escalate

BATCH = 200


def escalate_waiting(runtime: Runtime) -> None:
    """One transaction per alert, which looks again: of two workers at the same alert the second finds it escalated."""
    for practice_id in runtime.practices(store.COLLECTION):
        reading = runtime.reading(practice_id)
        for alert_id in store.due_to_escalate(reading, reading.now, BATCH):
            runtime.transaction(practice_id, _escalating(alert_id))


def _escalating(alert_id: str) -> Callable[[UnitOfWork], None]:
    def work(uow: UnitOfWork) -> None:
        escalate(uow, alert_id)

    return work


JOBS = (Job("escalate-alerts", timedelta(seconds=30), escalate_waiting),)
