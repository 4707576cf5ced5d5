"""Where the projection of patients is kept: one document each, the person in it sealed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from fascia.store import Document, UnitOfWork
from scheduling_svc.patients.clearance import Clearance
from scheduling_svc.patients.patient import Patient, Profile
from scheduling_svc.patients.preference import Preference
from scheduling_svc.store import Change, Documents, read, write
from scheduling_svc.workforce.place import Address, Coordinates


def key(patient_id: str) -> str:
    """The key of a patient's aggregate."""
    return f"patient:{patient_id}"


def among(uow: UnitOfWork, documents: Documents, patient_id: str) -> Patient:
    """What is known of a patient, which may be nothing yet, from aggregates that were read."""
    document = documents.get(key(patient_id))
    return _patient(uow, patient_id, document) if document else Patient(patient_id)


def find(uow: UnitOfWork, patient_id: str) -> Patient:
    """What is known of a patient, which may be nothing yet."""
    return among(uow, read(uow, [key(patient_id)]), patient_id)


def profiles(uow: UnitOfWork, patient_ids: Iterable[str]) -> dict[str, Profile]:
    """Several patients at once, those that are known."""
    wanted = set(patient_ids)
    documents = read(uow, map(key, wanted))
    patients = [among(uow, documents, patient_id) for patient_id in wanted]
    return {patient.id: patient.profile for patient in patients if patient.profile}


def save(uow: UnitOfWork, patient: Patient) -> None:
    """Write the new state; raises StaleVersion, or DuplicateKeyError where another process was first."""
    fields = {
        "profile": _from_profile(uow, patient.id, patient.profile),
        "clearance": _from_clearance(patient.clearance),
    }
    write(uow, Change(key(patient.id), fields, patient.version))


def preference_key(patient_id: str) -> str:
    """The key of a patient's preferences."""
    return f"preference:{patient_id}"


def preference_among(documents: Documents, patient_id: str) -> Preference:
    """A patient's preferences, none where none are stored, from aggregates that were read."""
    document = documents.get(preference_key(patient_id))
    if document is None:
        return Preference(patient_id)
    return Preference(
        patient_id,
        tuple(document["preferred"]),
        tuple(document["refused"]),
        document["visits"],
        document["version"],
    )


def find_with_preference(uow: UnitOfWork, patient_id: str) -> tuple[Patient, Preference]:
    """What is known of a patient, and their preferences."""
    documents = read(uow, [key(patient_id), preference_key(patient_id)])
    return among(uow, documents, patient_id), preference_among(documents, patient_id)


def save_preference(uow: UnitOfWork, preference: Preference) -> Preference:
    """Write preferences; raises StaleVersion. Returns them as they are now stored."""
    fields = {
        "preferred": list(preference.preferred),
        "refused": list(preference.refused),
        "visits": dict(preference.visits),
    }
    write(uow, Change(preference_key(preference.patient_id), fields, preference.version))
    return replace(preference, version=preference.version + 1)


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


def _patient(uow: UnitOfWork, id_: str, document: Document) -> Patient:
    return Patient(id_, document["version"], _profile(uow, id_, document["profile"]), _clearance(document["clearance"]))


def _from_coordinates(coordinates: Coordinates | None) -> list[float] | None:
    return [coordinates.latitude, coordinates.longitude] if coordinates else None


def _coordinates(pair: list[float] | None) -> Coordinates | None:
    return Coordinates(*pair) if pair else None


def _context(uow: UnitOfWork, patient_id: str) -> str:
    return f"patient:{uow.practice_id}:{patient_id}"
