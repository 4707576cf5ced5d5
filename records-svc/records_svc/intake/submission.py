"""Taking an intake: it is screened at once, and what is booked already is re-screened by the clearance that follows."""

from __future__ import annotations

from fascia.ids import new_id
from fascia.store import UnitOfWork
from records_svc.audit import store as trail
from records_svc.evaluation import rescreening
from records_svc.intake import store
from records_svc.intake.intake import Answers, Intake, sign
from records_svc.patients import store as patients
from records_svc.patients.patient import is_minor, require_living


def take_intake(uow: UnitOfWork, patient_id: str, filled_in: Answers) -> Intake:
    """Sign and keep an intake; new red flags change the patient's clearance in the same transaction."""
    patient = patients.get(uow, patient_id)
    require_living(patient)
    intake = sign(filled_in, intake_id=new_id(), patient_id=patient_id, minor=is_minor(patient, uow.now), now=uow.now)
    store.add(uow, intake)
    trail.wrote(uow, "sign", "intake", intake.id, patient_id)
    rescreening.rescreen(uow, patient_id, intake.red_flags)
    return intake
