"""Prescriptions, claims and ledger entries in MongoDB. The prescriber's name rests sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from fascia.problem import NotFound
from fascia.store import Index, UnitOfWork
from fascia.web.pages import find_page
from records_svc.prescription.claim import Claim, LedgerEntry, Use
from records_svc.prescription.prescription import Prescriber, Prescription

PRESCRIPTIONS = "prescriptions"
CLAIMS = "claims"
ENTRIES = "ledger_entries"
INDEXES = (
    Index(PRESCRIPTIONS, (("practice_id", 1), ("patient_id", 1), ("_id", 1))),
    Index(PRESCRIPTIONS, (("practice_id", 1), ("claim_id", 1), ("_id", 1))),
    Index(CLAIMS, (("practice_id", 1), ("patient_id", 1), ("_id", 1))),
    Index(ENTRIES, (("practice_id", 1), ("claim_id", 1), ("starts_at", 1))),
)


def get(uow: UnitOfWork, prescription_id: str) -> Prescription:
    """A prescription; raises NotFound."""
    document = uow.collection(PRESCRIPTIONS).find_one({"_id": prescription_id})
    if document is None:
        raise NotFound("prescription", prescription_id)
    return _prescription(uow, document)


def page(uow: UnitOfWork, patient_id: str, query: Mapping[str, Any]) -> tuple[list[Prescription], str | None]:
    """A page of a patient's prescriptions, newest first."""
    documents, cursor = find_page(uow.collection(PRESCRIPTIONS), {"patient_id": patient_id}, query, newest_first=True)
    return [_prescription(uow, document) for document in documents], cursor


def of_claim(uow: UnitOfWork, claim_id: str) -> list[Prescription]:
    """Every prescription of a claim."""
    documents = uow.collection(PRESCRIPTIONS).find({"claim_id": claim_id}, sort=[("_id", 1)])
    return [_prescription(uow, document) for document in documents]


def add(uow: UnitOfWork, prescription: Prescription) -> None:
    """Insert a received prescription."""
    uow.collection(PRESCRIPTIONS).insert_one(_document(uow, prescription))


def replace(uow: UnitOfWork, prescription: Prescription) -> None:
    """Write a prescription one version on; raises StaleVersion when somebody else did."""
    uow.collection(PRESCRIPTIONS).replace(_document(uow, prescription), expected_version=prescription.version - 1)


def find_claim(uow: UnitOfWork, claim_id: str) -> Claim | None:
    """A claim, or None."""
    document = uow.collection(CLAIMS).find_one({"_id": _own(uow, claim_id)})
    if document is None:
        return None
    return Claim(
        id=claim_id,
        version=document["version"],
        patient_id=document["patient_id"],
        visits_authorised=document["visits_authorised"],
        starts_on=_day(document["starts_on"]),
        expires_on=_day(document["expires_on"]),
        home_visits=document["home_visits"],
    )


def get_claim(uow: UnitOfWork, claim_id: str) -> Claim:
    """A claim; raises NotFound."""
    claim = find_claim(uow, claim_id)
    if claim is None:
        raise NotFound("claim", claim_id)
    return claim


def open_claim(uow: UnitOfWork, claim: Claim) -> None:
    """Insert a claim that is new."""
    uow.collection(CLAIMS).insert_one(_claim_document(uow, claim))


def put_claim(uow: UnitOfWork, claim: Claim, *, steps: int = 1) -> None:
    """Write a claim that is `steps` versions on; raises StaleVersion when somebody else wrote it."""
    uow.collection(CLAIMS).replace(_claim_document(uow, claim), expected_version=claim.version - steps)


def entry_of(uow: UnitOfWork, appointment_id: str) -> LedgerEntry | None:
    """The ledger's entry for an appointment."""
    document = uow.collection(ENTRIES).find_one({"_id": _own(uow, appointment_id)})
    return _entry(document) if document else None


def entries_of(uow: UnitOfWork, claim_id: str) -> list[LedgerEntry]:
    """The entries of a claim, by time of visit."""
    documents = uow.collection(ENTRIES).find({"claim_id": claim_id}, sort=[("starts_at", 1)])
    return [_entry(document) for document in documents]


def put_entry(uow: UnitOfWork, entry: LedgerEntry) -> None:
    """Write an entry, new or known."""
    values = {**asdict(entry), "use": str(entry.use)}
    uow.collection(ENTRIES).update_one({"_id": _own(uow, entry.appointment_id)}, {"$set": values}, upsert=True)


def _own(uow: UnitOfWork, id_: str) -> str:
    return f"{uow.practice_id}:{id_}"


def _claim_document(uow: UnitOfWork, claim: Claim) -> dict[str, Any]:
    return {
        "_id": _own(uow, claim.id),
        "claim_id": claim.id,
        "version": claim.version,
        "patient_id": claim.patient_id,
        "visits_authorised": claim.visits_authorised,
        "starts_on": claim.starts_on.isoformat() if claim.starts_on else None,
        "expires_on": claim.expires_on.isoformat() if claim.expires_on else None,
        "home_visits": claim.home_visits,
    }


def _entry(document: Mapping[str, Any]) -> LedgerEntry:
    return LedgerEntry(
        claim_id=document["claim_id"],
        appointment_id=document["appointment_id"],
        appointment_version=document["appointment_version"],
        patient_id=document["patient_id"],
        starts_at=document["starts_at"],
        use=Use(document["use"]),
        session_id=document["session_id"],
        cancelled=document["cancelled"],
    )


def _context(uow: UnitOfWork, prescription_id: str) -> str:
    return f"prescription:{uow.practice_id}:{prescription_id}"


def _document(uow: UnitOfWork, prescription: Prescription) -> dict[str, Any]:
    values = asdict(prescription)
    prescription_id, prescriber = values.pop("id"), values.pop("prescriber")
    return {
        **values,
        "_id": prescription_id,
        "starts_on": prescription.starts_on.isoformat(),
        "expires_on": prescription.expires_on.isoformat(),
        "condition_codes": list(prescription.condition_codes),
        "revoked_because": None,
        "sealed": uow.keyring.seal_json(
            {"prescriber": prescriber, "revoked_because": prescription.revoked_because}, _context(uow, prescription_id)
        ),
    }


def _prescription(uow: UnitOfWork, document: Mapping[str, Any]) -> Prescription:
    sealed = uow.keyring.open_json(document["sealed"], _context(uow, document["_id"]))
    return Prescription(
        id=document["_id"],
        version=document["version"],
        claim_id=document["claim_id"],
        patient_id=document["patient_id"],
        prescriber=Prescriber(**sealed["prescriber"]),
        visits=document["visits"],
        starts_on=date.fromisoformat(document["starts_on"]),
        expires_on=date.fromisoformat(document["expires_on"]),
        home_visits=document["home_visits"],
        condition_codes=tuple(document["condition_codes"]),
        received_at=document["received_at"],
        verified_at=document["verified_at"],
        verified_by=document["verified_by"],
        revoked_at=document["revoked_at"],
        revoked_because=sealed["revoked_because"],
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
