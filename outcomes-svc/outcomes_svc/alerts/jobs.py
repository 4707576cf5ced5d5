"""Timed work: tell of alerts once more that nobody acknowledged."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial

from fascia.runtime import Runtime
from fascia.service import Job
from outcomes_svc.alerts import store
from outcomes_svc.alerts.watching import escalate

BATCH = 500
_log = logging.getLogger(__name__)


def escalate_waiting(runtime: Runtime) -> None:
    """One transaction per alert, which looks again: of two workers at the same alert the second finds it escalated."""
    for practice_id, alert_id in store.due_to_escalate(runtime.database, runtime.clock.now(), BATCH):
        try:
            runtime.transaction(practice_id, partial(escalate, alert_id=alert_id))
        except Exception as error:
            # The others are not to wait for this one, which is tried again at the next tick.
            _log.warning("alert not escalated", extra={"alert_id": alert_id, "error": type(error).__name__})


JOBS = (Job("escalate-alerts", timedelta(seconds=30), escalate_waiting),)
