"""Patients in MongoDB. Name, birth date, contact, address, door notes rest sealed; a phone is found by a keyed hash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from fascia.problem import NotFound
from fascia.store import Index, UnitOfWork
from fascia.web.pages import find_page
from records_svc.patients.contact import Address, ContactConsent, Coordinates
from records_svc.patients.patient import Patient

PATIENTS = "patients"
INDEXES = (
    Index(PATIENTS, (("practice_id", 1), ("_id", 1))),
    Index(PATIENTS, (("practice_id", 1), ("phone_index", 1), ("_id", 1))),
)


def get(uow: UnitOfWork, patient_id: str) -> Patient:
    """A patient; raises NotFound, also for one of another practice."""
    document = uow.collection(PATIENTS).find_one({"_id": patient_id})
    if document is None:
        raise NotFound("patient", patient_id)
    return _patient(uow, document)


def exists(uow: UnitOfWork, patient_id: str) -> None:
    """Raise NotFound where there is no such patient."""
    if uow.collection(PATIENTS).find_one({"_id": patient_id}, {"_id": 1}) is None:
        raise NotFound("patient", patient_id)


def find_many(uow: UnitOfWork, ids: Sequence[str]) -> dict[str, Patient]:
    """Those of the patients that exist, by id."""
    documents = uow.collection(PATIENTS).find({"_id": {"$in": list(ids)}})
    return {document["_id"]: _patient(uow, document) for document in documents}


def present(uow: UnitOfWork, ids: Iterable[str]) -> set[str]:
    """Which of the ids are patients of this practice."""
    documents = uow.collection(PATIENTS).find({"_id": {"$in": sorted(set(ids))}}, projection={"_id": 1})
    return {document["_id"] for document in documents}


def page(uow: UnitOfWork, query: Mapping[str, Any]) -> tuple[list[Patient], str | None]:
    """A page of patients, of those with a phone number where the query names one (E.164)."""
    wanted = {"phone_index": uow.keyring.blind_index(query["phone"])} if query.get("phone") else {}
    documents, cursor = find_page(uow.collection(PATIENTS), wanted, query)
    return [_patient(uow, document) for document in documents], cursor


def add(uow: UnitOfWork, *patients: Patient) -> None:
    """Insert new patients."""
    uow.collection(PATIENTS).insert_many([_document(uow, patient) for patient in patients])


def replace(uow: UnitOfWork, patient: Patient) -> None:
    """Write a patient one version on; raises StaleVersion when somebody else did."""
    uow.collection(PATIENTS).replace(_document(uow, patient), expected_version=patient.version - 1)


def _context(uow: UnitOfWork, patient_id: str) -> str:
    return f"patient:{uow.practice_id}:{patient_id}"


def _document(uow: UnitOfWork, patient: Patient) -> dict[str, Any]:
    sealed = {
        "given_name": patient.given_name,
        "family_name": patient.family_name,
        "birth_date": patient.birth_date.isoformat(),
        "phone": patient.phone,
        "email": patient.email,
        "address": asdict(patient.address) if patient.address else None,
        "door_notes": patient.door_notes,
        "sex": patient.sex,
    }
    return {
        "_id": patient.id,
        "version": patient.version,
        "sealed": uow.keyring.seal_json(sealed, _context(uow, patient.id)),
        "phone_index": uow.keyring.blind_index(patient.phone) if patient.phone else None,
        "time_zone": patient.time_zone,
        "language": patient.language,
        "contact_consent": asdict(patient.contact_consent),
        "deceased": patient.deceased,
        "imported": patient.imported,
        "registered_at": patient.registered_at,
        "updated_at": patient.updated_at,
    }


def _patient(uow: UnitOfWork, document: Mapping[str, Any]) -> Patient:
    sealed = uow.keyring.open_json(document["sealed"], _context(uow, document["_id"]))
    return Patient(
        id=document["_id"],
        version=document["version"],
        given_name=sealed["given_name"],
        family_name=sealed["family_name"],
        birth_date=date.fromisoformat(sealed["birth_date"]),
        phone=sealed["phone"],
        email=sealed["email"],
        address=_address(sealed["address"]),
        time_zone=document["time_zone"],
        language=document["language"],
        contact_consent=ContactConsent(**document["contact_consent"]),
        door_notes=sealed["door_notes"],
        deceased=document["deceased"],
        sex=sealed.get("sex"),
        imported=document["imported"],
        registered_at=document["registered_at"],
        updated_at=document["updated_at"],
    )


def _address(stored: dict[str, Any] | None) -> Address | None:
    if stored is None:
        return None
    place = stored.pop("coordinates")
    return Address(**stored, coordinates=Coordinates(**place) if place else None)
