"""What was told of progress reports, in MongoDB."""

from __future__ import annotations

from fascia.store.indexes import Index
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.progress.reported import Told

INDEXES = (Index("progress_reports", (("practice_id", 1), ("patient_id", 1))),)


def told_of(uow: UnitOfWork, patient_id: str) -> list[Told]:
    """All reports of a patient that were ever told."""
    return [
        Told(
            id=document["_id"],
            patient_id=document["patient_id"],
            basis=document["basis"],
            figures=document["figures"],
        )
        for document in uow.collection("progress_reports").find({"patient_id": patient_id})
    ]


def put_told(uow: UnitOfWork, told: Told) -> None:
    """Keep what is told now."""
    kept = uow.collection("progress_reports")
    fields = {"patient_id": told.patient_id, "basis": told.basis, "figures": dict(told.figures)}
    if not kept.update_one({"_id": told.id}, {"$set": fields}):
        kept.insert_one({"_id": told.id, **fields})
