"""A new red flag changes the clearance at once; scheduling then re-screens what is booked."""

from __future__ import annotations

from collections.abc import Sequence

from fascia.store import UnitOfWork
from records_svc.evaluation import store
from records_svc.evaluation.clearance import changed_event, rescreened
from records_svc.intake.red_flags import RedFlag


def rescreen(uow: UnitOfWork, patient_id: str, flags: Sequence[RedFlag]) -> None:
    """Tighten the patient's clearance where flags ask for it that the evaluation in force does not know."""
    before = store.clearance_of(uow, patient_id)
    if before is None:
        return
    tightened = rescreened(before, flags, frozenset(before.reasons), uow.now)
    if tightened is not None:
        store.put_clearance(uow, tightened)
        uow.publish("clearance.changed", changed_event(tightened), sequence=tightened.version)
