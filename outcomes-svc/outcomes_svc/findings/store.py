"""Findings in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fascia.ids import derived_id
from fascia.store.indexes import Index
from fascia.store.tenant_collection import Document
from fascia.store.unit_of_work import UnitOfWork
from fascia.web.pages import find_page
from outcomes_svc.findings.finding import Finding, FindingCode
from outcomes_svc.scoring.faults import Fault, FaultCode

INDEXES = (
    Index("findings", (("practice_id", 1), ("patient_id", 1), ("_id", 1))),
    Index("findings", (("practice_id", 1), ("session_id", 1), ("_id", 1))),
    Index("findings", (("practice_id", 1), ("_id", 1))),
)
_FILTERS = ("patient_id", "session_id", "assessment_id", "code")


def finding_id(uow: UnitOfWork, origin: str, code: FindingCode) -> str:
    """One id per session or assessment and code."""
    return derived_id(origin, uow.practice_id, "finding", code.value)


def find_finding(uow: UnitOfWork, id_: str) -> Finding | None:
    """One finding, or None."""
    document = uow.collection("findings").find_one({"_id": id_})
    return _finding(document) if document else None


def put_finding(uow: UnitOfWork, finding: Finding) -> None:
    """Write the newest state of a finding."""
    fields = {**asdict(finding), "faults": [asdict(fault) for fault in finding.faults]}
    id_, kept = fields.pop("id"), uow.collection("findings")
    if not kept.update_one({"_id": id_}, {"$set": fields}):
        kept.insert_one({**fields, "_id": id_})


def drop_finding(uow: UnitOfWork, id_: str) -> None:
    """Forget a finding that no longer holds."""
    uow.collection("findings").delete_one({"_id": id_})


def finding_page(uow: UnitOfWork, query: Mapping[str, Any]) -> tuple[list[Finding], str | None]:
    """A page of findings, filtered by patient_id, session_id, assessment_id and code."""
    wanted = {name: query[name] for name in _FILTERS if query.get(name)}
    documents, cursor = find_page(uow.collection("findings"), wanted, query)
    return [_finding(document) for document in documents], cursor


def _finding(document: Document) -> Finding:
    fields = {name: value for name, value in document.items() if name not in ("_id", "practice_id")}
    fields |= {
        "id": document["_id"],
        "code": FindingCode(fields["code"]),
        "faults": tuple(Fault(**{**fault, "code": FaultCode(fault["code"])}) for fault in fields["faults"]),
    }
    return Finding(**fields)
