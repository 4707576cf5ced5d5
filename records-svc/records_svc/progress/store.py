"""Progress reports in MongoDB: a projection of progress.reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fascia.store import Index, UnitOfWork
from fascia.web.pages import find_page
from records_svc.progress.progress_report import WITHDRAWN, ProgressReport, report_of

REPORTS = "progress_reports"
INDEXES = (Index(REPORTS, (("practice_id", 1), ("patient_id", 1), ("_id", 1))),)


def known_sequence(uow: UnitOfWork, report_id: str) -> int | None:
    """The sequence of what is kept of a report, or None."""
    document = uow.collection(REPORTS).find_one({"_id": report_id}, {"sequence": 1})
    return int(document["sequence"]) if document else None


def put(uow: UnitOfWork, report: ProgressReport) -> None:
    """Keep the newest state of a report."""
    fields = {**asdict(report), "visited_at": list(report.visited_at)}
    fields["function"] = list(fields["function"])
    del fields["id"]
    kept = uow.collection(REPORTS)
    if not kept.update_one({"_id": report.id}, {"$set": fields}):
        kept.insert_one({"_id": report.id, **fields})


def page(uow: UnitOfWork, patient_id: str, query: Mapping[str, Any]) -> tuple[list[ProgressReport], str | None]:
    """A page of a patient's reports that hold, oldest first."""
    wanted = {"patient_id": patient_id, "state": {"$ne": WITHDRAWN}}
    documents, cursor = find_page(uow.collection(REPORTS), wanted, query)
    return [
        report_of({**document, "report_id": document["_id"]}, document["sequence"]) for document in documents
    ], cursor
