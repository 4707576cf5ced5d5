"""patient.*: keep what results need of a person; names, contacts and addresses are left where they are."""

from __future__ import annotations

from fascia.backbone.event import Event
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.patients.case_mix import Patient
from outcomes_svc.patients.store import put_patient


def keep_patient(uow: UnitOfWork, event: Event) -> None:
    """Project a patient's new state; an older one changes nothing."""
    data = event.data
    put_patient(
        uow,
        Patient(
            id=data["patient_id"],
            version=data["version"],
            birth_date=data["birth_date"],
            sex=data["sex"],
            language=data["language"],
            time_zone=data["time_zone"],
            deceased=data["deceased"],
        ),
    )


HANDLERS = {"patient.registered": keep_patient, "patient.updated": keep_patient}
