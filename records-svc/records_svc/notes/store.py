"""Visits (a projection) and session notes in MongoDB. What a note says rests sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from fascia.problem import NotFound
from fascia.store import Index, UnitOfWork
from fascia.web.pages import find_page
from records_svc.evaluation.measure import Measure
from records_svc.notes.session_note import Amendment, RangeOfMotion, SessionNote, Soap, State, Treatment
from records_svc.notes.visit import Visit

VISITS = "visits"
NOTES = "notes"
SIGNED = "signed_visits"
INDEXES = (
    Index(VISITS, (("practice_id", 1), ("patient_id", 1), ("_id", 1))),
    Index(NOTES, (("practice_id", 1), ("patient_id", 1), ("_id", 1))),
    Index(NOTES, (("practice_id", 1), ("appointment_id", 1), ("_id", 1))),
    Index(SIGNED, (("practice_id", 1), ("_id", 1))),
)


def find_visit(uow: UnitOfWork, appointment_id: str) -> Visit | None:
    """A visit as last reported, or None."""
    document = uow.collection(VISITS).find_one({"_id": _own(uow, appointment_id)})
    if document is None:
        return None
    return Visit(**{name: document[name] for name in Visit.__dataclass_fields__})


def get_visit(uow: UnitOfWork, appointment_id: str) -> Visit:
    """A visit; raises NotFound."""
    visit = find_visit(uow, appointment_id)
    if visit is None:
        raise NotFound("appointment", appointment_id)
    return visit


def has_visit(uow: UnitOfWork, therapist_id: str, patient_id: str) -> bool:
    """Whether a therapist has, had or is to have a visit with a patient."""
    wanted = {"patient_id": patient_id, "therapist_id": therapist_id, "status": {"$ne": "cancelled"}}
    return uow.collection(VISITS).find_one(wanted, {"_id": 1}) is not None


def put_visit(uow: UnitOfWork, visit: Visit) -> None:
    """Write what was reported of a visit."""
    uow.collection(VISITS).update_one({"_id": _own(uow, visit.appointment_id)}, {"$set": asdict(visit)}, upsert=True)


def get(uow: UnitOfWork, note_id: str) -> SessionNote:
    """A note; raises NotFound."""
    document = uow.collection(NOTES).find_one({"_id": note_id})
    if document is None:
        raise NotFound("note", note_id)
    return _note(uow, document)


def page(uow: UnitOfWork, patient_id: str, query: Mapping[str, Any]) -> tuple[list[SessionNote], str | None]:
    """A page of a patient's notes, newest first."""
    documents, cursor = find_page(uow.collection(NOTES), {"patient_id": patient_id}, query, newest_first=True)
    return [_note(uow, document) for document in documents], cursor


def add(uow: UnitOfWork, note: SessionNote) -> None:
    """Insert a draft."""
    uow.collection(NOTES).insert_one(_document(uow, note))


def replace(uow: UnitOfWork, note: SessionNote) -> None:
    """Write a note one version on; raises StaleVersion when somebody else did."""
    uow.collection(NOTES).replace(_document(uow, note), expected_version=note.version - 1)


def signed_note_of(uow: UnitOfWork, appointment_id: str) -> str | None:
    """The id of a visit's signed note."""
    document = uow.collection(SIGNED).find_one({"_id": _own(uow, appointment_id)})
    return str(document["note_id"]) if document else None


def claim_signature(uow: UnitOfWork, note: SessionNote) -> None:
    """Take the one place that a visit has for a signed note; raises DuplicateKeyError when a race is lost."""
    uow.collection(SIGNED).insert_one({"_id": _own(uow, note.appointment_id), "note_id": note.id})


def free_signature(uow: UnitOfWork, note: SessionNote) -> None:
    """Give that place back."""
    uow.collection(SIGNED).delete_one({"_id": _own(uow, note.appointment_id)})


def _own(uow: UnitOfWork, appointment_id: str) -> str:
    return f"{uow.practice_id}:{appointment_id}"


def _context(uow: UnitOfWork, note_id: str) -> str:
    return f"note:{uow.practice_id}:{note_id}"


def _document(uow: UnitOfWork, note: SessionNote) -> dict[str, Any]:
    sealed = {
        "treatment": _treatment_document(note.treatment),
        "error_reason": note.error_reason,
        "amendments": [
            {
                "reason": amendment.reason,
                "amended_by": amendment.amended_by,
                "amended_at": amendment.amended_at.isoformat(),
                "before": _treatment_document(amendment.before),
            }
            for amendment in note.amendments
        ],
    }
    return {
        "_id": note.id,
        "version": note.version,
        "appointment_id": note.appointment_id,
        "patient_id": note.patient_id,
        "therapist_id": note.therapist_id,
        "state": str(note.state),
        "written_at": note.written_at,
        "signed_at": note.signed_at,
        "condition_codes": list(note.condition_codes),
        "sealed": uow.keyring.seal_json(sealed, _context(uow, note.id)),
    }


def _note(uow: UnitOfWork, document: Mapping[str, Any]) -> SessionNote:
    sealed = uow.keyring.open_json(document["sealed"], _context(uow, document["_id"]))
    return SessionNote(
        id=document["_id"],
        version=document["version"],
        appointment_id=document["appointment_id"],
        patient_id=document["patient_id"],
        therapist_id=document["therapist_id"],
        state=State(document["state"]),
        treatment=_treatment(sealed["treatment"]),
        written_at=document["written_at"],
        signed_at=document["signed_at"],
        condition_codes=tuple(document["condition_codes"]),
        amendments=tuple(_amendment(stored) for stored in sealed["amendments"]),
        error_reason=sealed["error_reason"],
    )


def _amendment(stored: Mapping[str, Any]) -> Amendment:
    return Amendment(
        stored["reason"],
        stored["amended_by"],
        datetime.fromisoformat(stored["amended_at"]),
        _treatment(stored["before"]),
    )


def _treatment_document(treatment: Treatment) -> dict[str, Any]:
    return {
        "soap": asdict(treatment.soap),
        "techniques": list(treatment.techniques),
        "areas": list(treatment.areas),
        "treated_minutes": treatment.treated_minutes,
        "measures": [measure.published() for measure in treatment.measures],
        "rom": [asdict(measured) for measured in treatment.rom],
    }


def _treatment(stored: Mapping[str, Any]) -> Treatment:
    return Treatment(
        soap=Soap(**stored["soap"]),
        techniques=tuple(stored["techniques"]),
        areas=tuple(stored["areas"]),
        treated_minutes=stored["treated_minutes"],
        measures=tuple(Measure(measure["instrument"], measure["answers"]) for measure in stored["measures"]),
        rom=tuple(RangeOfMotion(**measured) for measured in stored["rom"]),
    )
