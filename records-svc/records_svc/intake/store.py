"""Intakes in MongoDB. The names of who signed and of the guardian rest sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fascia.store import Index, UnitOfWork
from fascia.web.pages import find_page
from records_svc.intake.intake import Guardian, Intake
from records_svc.intake.red_flags import Action, RedFlag, Verdict

INTAKES = "intakes"
INDEXES = (Index(INTAKES, (("practice_id", 1), ("patient_id", 1), ("_id", 1))),)


def add(uow: UnitOfWork, intake: Intake) -> None:
    """Insert a signed intake."""
    uow.collection(INTAKES).insert_one(_document(uow, intake))


def latest(uow: UnitOfWork, patient_id: str) -> Intake | None:
    """The intake that counts; a patient has few, so all are read."""
    documents = uow.collection(INTAKES).find({"patient_id": patient_id}, sort=[("_id", -1)], limit=1)
    return _intake(uow, documents[0]) if documents else None


def page(uow: UnitOfWork, patient_id: str, query: Mapping[str, Any]) -> tuple[list[Intake], str | None]:
    """A page of a patient's intakes, newest first."""
    documents, cursor = find_page(uow.collection(INTAKES), {"patient_id": patient_id}, query, newest_first=True)
    return [_intake(uow, document) for document in documents], cursor


def _context(uow: UnitOfWork, intake_id: str) -> str:
    return f"intake:{uow.practice_id}:{intake_id}"


def _document(uow: UnitOfWork, intake: Intake) -> dict[str, Any]:
    names = {"signed_by": intake.signed_by, "guardian": asdict(intake.guardian) if intake.guardian else None}
    return {
        "_id": intake.id,
        "version": 1,
        "patient_id": intake.patient_id,
        "answers": dict(intake.answers),
        "red_flags": [flag_document(flag) for flag in intake.red_flags],
        "result": str(intake.result),
        "consents": dict(intake.consents),
        "sealed": uow.keyring.seal_json(names, _context(uow, intake.id)),
        "signed_at": intake.signed_at,
    }


def _intake(uow: UnitOfWork, document: Mapping[str, Any]) -> Intake:
    names = uow.keyring.open_json(document["sealed"], _context(uow, document["_id"]))
    return Intake(
        id=document["_id"],
        patient_id=document["patient_id"],
        answers=document["answers"],
        red_flags=tuple(flag_of(flag) for flag in document["red_flags"]),
        result=Verdict(document["result"]),
        consents=document["consents"],
        signed_by=names["signed_by"],
        guardian=Guardian(**names["guardian"]) if names["guardian"] else None,
        signed_at=document["signed_at"],
    )


def flag_document(flag: RedFlag) -> dict[str, Any]:
    """A red flag as it is stored."""
    return {"code": flag.code, "action": str(flag.action), "origin": flag.origin, "areas": list(flag.areas)}


def flag_of(stored: Mapping[str, Any]) -> RedFlag:
    """Back from the store."""
    return RedFlag(stored["code"], Action(stored["action"]), stored["origin"], tuple(stored["areas"]))
