"""Patients in MongoDB."""

from __future__ import annotations

from datetime import date
from typing import Any

from fascia.store.tenant_collection import Document
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.patients.case_mix import Patient

COLLECTION = "patients"


def find_patient(uow: UnitOfWork, patient_id: str) -> Patient | None:
    """One patient, or None where no event of theirs has come yet."""
    document = uow.collection(COLLECTION).find_one({"_id": _key(uow, patient_id)})
    return _patient(uow, document) if document else None


def all_patients(uow: UnitOfWork) -> dict[str, Patient]:
    """Every patient of the practice by id, in one read: for figures over thousands of episodes."""
    found = (_patient(uow, document) for document in uow.collection(COLLECTION).find({}))
    return {patient.id: patient for patient in found}


def put_patient(uow: UnitOfWork, patient: Patient) -> None:
    """Keep a patient's newest state; an older one than is known changes nothing."""
    key = _key(uow, patient.id)
    person: dict[str, Any] = {"birth_date": patient.birth_date.isoformat(), "sex": patient.sex}
    document = {
        "_id": key,
        "version": patient.version,
        "patient_id": patient.id,
        "person": uow.keyring.seal_json(person, _context(key)),
        "language": patient.language,
        "time_zone": patient.time_zone,
        "deceased": patient.deceased,
    }
    known = uow.collection(COLLECTION).find_one({"_id": key}, {"version": 1})
    if known is None:
        uow.collection(COLLECTION).insert_one(document)
    elif known["version"] < patient.version:
        uow.collection(COLLECTION).replace(document, expected_version=known["version"])


def _patient(uow: UnitOfWork, document: Document) -> Patient:
    person = uow.keyring.open_json(document["person"], _context(document["_id"]))
    return Patient(
        id=document["patient_id"],
        version=document["version"],
        birth_date=date.fromisoformat(person["birth_date"]),
        sex=person["sex"],
        language=document["language"],
        time_zone=document["time_zone"],
        deceased=document["deceased"],
    )


def _key(uow: UnitOfWork, patient_id: str) -> str:
    return f"{uow.practice_id}:{patient_id}"


def _context(key: str) -> str:
    return f"case-mix:{key}"
