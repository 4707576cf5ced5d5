"""Evaluations and clearances in MongoDB. Findings, reasons and physicians' names rest sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from fascia.problem import NotFound
from fascia.store import Index, UnitOfWork
from fascia.web.pages import find_page
from records_svc.evaluation.case_mix import CaseMix
from records_svc.evaluation.clearance import Clearance
from records_svc.evaluation.evaluation import (
    IN_FORCE,
    Amendment,
    Evaluation,
    Findings,
    PhysicianClearance,
    Restrictions,
    State,
)
from records_svc.evaluation.measure import Measure
from records_svc.intake.red_flags import Verdict

EVALUATIONS = "evaluations"
CLEARANCES = "clearances"
INDEXES = (
    Index(EVALUATIONS, (("practice_id", 1), ("patient_id", 1), ("_id", 1))),
    Index(CLEARANCES, (("practice_id", 1), ("_id", 1))),
)


def get(uow: UnitOfWork, evaluation_id: str) -> Evaluation:
    """An evaluation; raises NotFound."""
    document = uow.collection(EVALUATIONS).find_one({"_id": evaluation_id})
    if document is None:
        raise NotFound("evaluation", evaluation_id)
    return _evaluation(uow, document)


def in_force(uow: UnitOfWork, patient_id: str) -> Evaluation | None:
    """The signed evaluation that holds for a patient; at most one does."""
    states = sorted(map(str, IN_FORCE))
    document = uow.collection(EVALUATIONS).find_one({"patient_id": patient_id, "state": {"$in": states}})
    return _evaluation(uow, document) if document else None


def page(uow: UnitOfWork, patient_id: str, query: Mapping[str, Any]) -> tuple[list[Evaluation], str | None]:
    """A page of a patient's evaluations, newest first."""
    documents, cursor = find_page(uow.collection(EVALUATIONS), {"patient_id": patient_id}, query, newest_first=True)
    return [_evaluation(uow, document) for document in documents], cursor


def add(uow: UnitOfWork, evaluation: Evaluation) -> None:
    """Insert a draft."""
    uow.collection(EVALUATIONS).insert_one(_document(uow, evaluation))


def replace(uow: UnitOfWork, evaluation: Evaluation) -> None:
    """Write an evaluation one version on; raises StaleVersion when somebody else did."""
    uow.collection(EVALUATIONS).replace(_document(uow, evaluation), expected_version=evaluation.version - 1)


def clearance_of(uow: UnitOfWork, patient_id: str) -> Clearance | None:
    """The verdict in force, or None where the patient was never evaluated."""
    document = uow.collection(CLEARANCES).find_one({"_id": _clearance_id(uow, patient_id)})
    if document is None:
        return None
    return Clearance(
        patient_id=patient_id,
        version=document["version"],
        verdict=Verdict(document["verdict"]),
        evaluation_id=document["evaluation_id"],
        reasons=tuple(document["reasons"]),
        avoid_areas=tuple(document["avoid_areas"]),
        avoid_techniques=tuple(document["avoid_techniques"]),
        home_visits=document["home_visits"],
        effective_at=document["effective_at"],
        expires_on=_day(document["expires_on"]),
    )


def put_clearance(uow: UnitOfWork, clearance: Clearance) -> None:
    """Write a clearance one version on, or the first one; raises StaleVersion or DuplicateKeyError in a race."""
    document = {
        **asdict(clearance),
        "_id": _clearance_id(uow, clearance.patient_id),
        "verdict": str(clearance.verdict),
        "reasons": list(clearance.reasons),
        "avoid_areas": list(clearance.avoid_areas),
        "avoid_techniques": list(clearance.avoid_techniques),
        "expires_on": _iso(clearance.expires_on),
    }
    if clearance.version == 1:
        uow.collection(CLEARANCES).insert_one(document)
    else:
        uow.collection(CLEARANCES).replace(document, expected_version=clearance.version - 1)


def _clearance_id(uow: UnitOfWork, patient_id: str) -> str:
    return f"{uow.practice_id}:{patient_id}"


def _context(uow: UnitOfWork, evaluation_id: str) -> str:
    return f"evaluation:{uow.practice_id}:{evaluation_id}"


def _document(uow: UnitOfWork, evaluation: Evaluation) -> dict[str, Any]:
    sealed = {
        "content": _content_document(evaluation.content),
        "amendments": [
            {
                "reason": amendment.reason,
                "amended_by": amendment.amended_by,
                "amended_at": amendment.amended_at.isoformat(),
                "before": _content_document(amendment.before),
            }
            for amendment in evaluation.amendments
        ],
    }
    return {
        "_id": evaluation.id,
        "version": evaluation.version,
        "patient_id": evaluation.patient_id,
        "therapist_id": evaluation.therapist_id,
        "state": str(evaluation.state),
        "created_at": evaluation.created_at,
        "signed_at": evaluation.signed_at,
        "signed_by": evaluation.signed_by,
        "sealed": uow.keyring.seal_json(sealed, _context(uow, evaluation.id)),
    }


def _evaluation(uow: UnitOfWork, document: Mapping[str, Any]) -> Evaluation:
    sealed = uow.keyring.open_json(document["sealed"], _context(uow, document["_id"]))
    return Evaluation(
        id=document["_id"],
        version=document["version"],
        patient_id=document["patient_id"],
        therapist_id=document["therapist_id"],
        state=State(document["state"]),
        content=_content(sealed["content"]),
        created_at=document["created_at"],
        signed_at=document["signed_at"],
        signed_by=document["signed_by"],
        amendments=tuple(_amendment(stored) for stored in sealed["amendments"]),
    )


def _amendment(stored: Mapping[str, Any]) -> Amendment:
    return Amendment(
        stored["reason"], stored["amended_by"], datetime.fromisoformat(stored["amended_at"]), _content(stored["before"])
    )


def _content_document(content: Findings) -> dict[str, Any]:
    return {
        "condition_codes": list(content.condition_codes),
        "result": str(content.result),
        "avoid_areas": list(content.restrictions.avoid_areas),
        "avoid_techniques": list(content.restrictions.avoid_techniques),
        "home_visits": content.home_visits,
        "expires_on": _iso(content.expires_on),
        "findings": content.findings,
        "physician_clearances": [
            {**asdict(given), "cleared_on": given.cleared_on.isoformat()} for given in content.physician_clearances
        ],
        "measures": [measure.published() for measure in content.measures],
        "case_mix": asdict(content.case_mix) if content.case_mix else None,
    }


def _content(stored: Mapping[str, Any]) -> Findings:
    return Findings(
        condition_codes=tuple(stored["condition_codes"]),
        result=Verdict(stored["result"]),
        restrictions=Restrictions(tuple(stored["avoid_areas"]), tuple(stored["avoid_techniques"])),
        home_visits=stored["home_visits"],
        expires_on=_day(stored["expires_on"]),
        findings=stored["findings"],
        physician_clearances=tuple(
            PhysicianClearance(given["red_flag"], given["cleared_by"], date.fromisoformat(given["cleared_on"]))
            for given in stored["physician_clearances"]
        ),
        measures=tuple(Measure(measure["instrument"], measure["answers"]) for measure in stored["measures"]),
        case_mix=CaseMix(**stored["case_mix"]) if stored.get("case_mix") else None,
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
