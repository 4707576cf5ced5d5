"""Timed work: look at the patients whose moment has come."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial

from fascia.runtime import Runtime
from fascia.service import Job
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.episodes.store import lock_patient
from outcomes_svc.follow_up import store
from outcomes_svc.follow_up.asking import attend

BATCH = 500
_log = logging.getLogger(__name__)


def ask_due(runtime: Runtime) -> None:
    """Ask and remind, one transaction per patient.

    A worker of another process that looks at the same patient waits for the patient's lock and then finds nothing due.
    At most BATCH per tick: the rest is still due at the next one.
    """
    for practice_id, patient_id in store.due_looks(runtime.database, runtime.clock.now(), BATCH):
        try:
            runtime.transaction(practice_id, partial(_look, patient_id=patient_id))
        except Exception as error:
            # One patient's trouble is not to keep the others waiting; theirs is tried again at the next tick.
            _log.warning("patient not looked at", extra={"patient_id": patient_id, "error": type(error).__name__})


def _look(uow: UnitOfWork, patient_id: str) -> None:
    attend(uow, patient_id, lock_patient(uow, patient_id))


JOBS = (Job("ask-due", timedelta(seconds=30), ask_due),)
