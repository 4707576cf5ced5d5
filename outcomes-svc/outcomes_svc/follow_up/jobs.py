"""Timed work: look at the patients whose moment has come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from fascia.runtime import Runtime
from fascia.service import Job
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.episodes.store import lock_patient
from outcomes_svc.follow_up import store
from outcomes_svc.follow_up.asking import attend

BATCH = 200


def ask_due(runtime: Runtime) -> None:
    """Ask and remind, one transaction per patient.

    A worker of another process that looks at the same patient waits for the patient's lock and then finds nothing due.
    At most BATCH per practice and tick: the rest is still due at the next one.
    """
    for practice_id in runtime.practices(store.LOOKS):
        reading = runtime.reading(practice_id)
        for patient_id in store.due_looks(reading, reading.now, BATCH):
            runtime.transaction(practice_id, _looking_at(patient_id))


def _looking_at(patient_id: str) -> Callable[[UnitOfWork], None]:
    def work(uow: UnitOfWork) -> None:
        attend(uow, patient_id, lock_patient(uow, patient_id))

    return work


JOBS = (Job("ask-due", timedelta(seconds=30), ask_due),)
