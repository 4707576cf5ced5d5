"""Where the projection of patients is kept: one document each, the person in it sealed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from fascia.problem import NotFound
from fascia.store import Document, Index, UnitOfWork

from scheduling_svc.patients.clearance import Clearance
from scheduling_svc.patients.patient import Patient, Profile
from scheduling_svc.workforce.place import Address, Coordinates

INDEXES = (Index("patients", (("practice_id", 1), ("_id", 1))),)


def find(uow: UnitOfWork, patient_id: str) -> Patient:
    """What is known of a patient, which may be nothing yet."""
    found = uow.collection("patients").find_one({"_id": _key(uow, patient_id)})
    return _patient(uow, found) if found else Patient(patient_id)


def get(uow: UnitOfWork, patient_id: str) -> tuple[Patient, Profile]:
    """A registered patient; raises NotFound."""
    patient = find(uow, patient_id)
    if patient.profile is None:
        raise NotFound("patient", patient_id)
    return patient, patient.profile


def profiles(uow: UnitOfWork, patient_ids: Iterable[str]) -> dict[str, Profile]:
    """Several patients at once, those that are known."""
    keys = sorted({_key(uow, patient_id) for patient_id in patient_ids})
    documents = uow.collection("patients").find({"_id": {"$in": keys}}) if keys else []
    patients = [_patient(uow, document) for document in documents]
    return {patient.id: patient.profile for patient in patients if patient.profile}


def save(uow: UnitOfWork, patient: Patient) -> None:
    """Write the new state; raises StaleVersion, or DuplicateKeyError where another process was first."""
    document = {
        "_id": _key(uow, patient.id),
        "version": patient.version + 1,
        "profile": _from_profile(uow, patient.id, patient.profile),
        "clearance": _from_clearance(patient.clearance),
    }
    if patient.version == 0:
        uow.collection("patients").insert_one(document)
    else:
        uow.collection("patients").replace(document, expected_version=patient.version)


def _from_profile(uow: UnitOfWork, patient_id: str, profile: Profile | None) -> Document | None:
    if profile is None:
        return None
    address = profile.address
    private = {
        "name": profile.name,
        "door_notes": profile.door_notes,
        "address": {**vars(address), "coordinates": _from_coordinates(address.coordinates)} if address else None,
    }
    return {
        "version": profile.version,
        "time_zone": profile.time_zone,
        "deceased": profile.deceased,
        "sealed": uow.keyring.seal_json(private, _context(uow, patient_id)),
    }


def _profile(uow: UnitOfWork, patient_id: str, document: Document | None) -> Profile | None:
    if document is None:
        return None
    private = uow.keyring.open_json(document["sealed"], _context(uow, patient_id))
    address = private["address"]
    return Profile(
        version=document["version"],
        name=private["name"],
        address=Address(**{**address, "coordinates": _coordinates(address["coordinates"])}) if address else None,
        time_zone=document["time_zone"],
        door_notes=private["door_notes"],
        deceased=document["deceased"],
    )


def _from_clearance(clearance: Clearance | None) -> Document | None:
    if clearance is None:
        return None
    expires_on = clearance.expires_on
    return {
        **vars(clearance),
        "reasons": list(clearance.reasons),
        "expires_on": expires_on.isoformat() if expires_on else None,
    }


def _clearance(document: Document | None) -> Clearance | None:
    if document is None:
        return None
    expires_on = document["expires_on"]
    return Clearance(
        **{
            **document,
            "reasons": tuple(document["reasons"]),
            "expires_on": date.fromisoformat(expires_on) if expires_on else None,
        }
    )


def _patient(uow: UnitOfWork, document: Document) -> Patient:
    id_ = str(document["_id"]).removeprefix(f"{uow.practice_id}:")
    return Patient(id_, document["version"], _profile(uow, id_, document["profile"]), _clearance(document["clearance"]))


def _from_coordinates(coordinates: Coordinates | None) -> list[float] | None:
    return [coordinates.latitude, coordinates.longitude] if coordinates else None


def _coordinates(pair: list[float] | None) -> Coordinates | None:
    return Coordinates(*pair) if pair else None


def _key(uow: UnitOfWork, patient_id: str) -> str:
    return f"{uow.practice_id}:{patient_id}"


def _context(uow: UnitOfWork, patient_id: str) -> str:
    return f"patient:{uow.practice_id}:{patient_id}"
