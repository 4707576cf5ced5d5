"""Registering and changing patients: one write and one event, in the caller's unit of work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fascia.ids import new_id
from fascia.problem import StaleVersion
from fascia.store import UnitOfWork
from records_svc.audit import store as trail
from records_svc.patients import store
from records_svc.patients.patient import Patient, PatientDetails, change, published_state, register


def register_patient(uow: UnitOfWork, details: PatientDetails) -> Patient:
    """A person becomes a patient of the practice."""
    patient = register(details, new_id(), uow.now)
    store.add(uow, patient)
    uow.publish("patient.registered", published_state(patient), sequence=patient.version)
    trail.wrote(uow, "register", "patient", patient.id, patient.id)
    return patient


def change_patient(uow: UnitOfWork, patient_id: str, changes: Mapping[str, Any], expected_version: int) -> Patient:
    """Change what is known about a patient; raises StaleVersion when it is based on an older state."""
    patient = store.get(uow, patient_id)
    if patient.version != expected_version:
        raise StaleVersion(expected_version)
    changed = change(patient, changes, uow.now)
    if changed is not patient:
        store.replace(uow, changed)
        uow.publish("patient.updated", published_state(changed), sequence=changed.version)
        trail.wrote(uow, "change", "patient", patient_id, patient_id)
    return changed
