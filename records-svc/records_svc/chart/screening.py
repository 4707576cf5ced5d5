"""Red flags that the chart raises."""

from __future__ import annotations

from fascia.store import UnitOfWork
from records_svc.chart import store
from records_svc.intake.medication_flags import Medication, flags_of
from records_svc.intake.red_flags import RedFlag


def medication_flags(uow: UnitOfWork, patient_id: str) -> tuple[RedFlag, ...]:
    """The red flags that the medication in the chart raises."""
    return flags_of(
        Medication(order.code.code, order.code.display, order.status) for order in store.medications(uow, patient_id)
    )
