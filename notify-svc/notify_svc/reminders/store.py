"""Reminder plans in MongoDB: per appointment, the version that was planned for."""

from __future__ import annotations

from fascia.store import Index, UnitOfWork

COLLECTION = "reminder_plans"
INDEXES = (Index(COLLECTION, (("practice_id", 1), ("patient_id", 1))),)


def advance(uow: UnitOfWork, appointment_id: str, patient_id: str, version: int) -> bool:
    """Note that an appointment's version is being dealt with; False when that or a later one was dealt with before."""
    plans = uow.collection(COLLECTION)
    plan_id = f"{uow.practice_id}:{appointment_id}"
    known = plans.find_one({"_id": plan_id}, {"version": 1})
    document = {"_id": plan_id, "patient_id": patient_id, "version": version, "updated_at": uow.now}
    if known is None:
        plans.insert_one(document)
        return True
    if known["version"] >= version:
        return False
    plans.replace(document, expected_version=known["version"])
    return True
