"""Reminder plans in MongoDB: per appointment, the version that was planned for and when it begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fascia.store import Index, UnitOfWork

COLLECTION = "reminder_plans"
INDEXES = (Index(COLLECTION, (("practice_id", 1), ("patient_id", 1))),)


@dataclass(frozen=True)
class Before:
    """What was known of a visit until now; `starts_at` is None for one that was not heard of."""

    starts_at: datetime | None = None


def advance(uow: UnitOfWork, appointment_id: str, patient_id: str, version: int, starts_at: datetime) -> Before | None:
    """Note that an appointment's version is being dealt with; None when that or a later one was dealt with before."""
    plans = uow.collection(COLLECTION)
    plan_id = _id(uow, appointment_id)
    known = plans.find_one({"_id": plan_id}, {"version": 1, "starts_at": 1})
    document = {
        "_id": plan_id,
        "patient_id": patient_id,
        "version": version,
        "starts_at": starts_at,
        "updated_at": uow.now,
    }
    if known is None:
        plans.insert_one(document)
        return Before()
    if known["version"] >= version:
        return None
    plans.replace(document, expected_version=known["version"])
    return Before(known.get("starts_at"))


def take_estimate(uow: UnitOfWork, appointment_id: str, version: int, estimate: int) -> bool:
    """Note that an estimate of a visit's beginning is being dealt with; False for one that something newer overtook.

    Estimates and appointments travel on different topics: an estimate may be of a visit that has been moved since.
    """
    plans = uow.collection(COLLECTION)
    plan_id = _id(uow, appointment_id)
    known = plans.find_one({"_id": plan_id}, {"version": 1, "estimate": 1})
    if known is None:
        return True
    if known["version"] > version or known.get("estimate", 0) >= estimate:
        return False
    plans.update_one({"_id": plan_id, "version": known["version"]}, {"$set": {"estimate": estimate}})
    return True


def _id(uow: UnitOfWork, appointment_id: str) -> str:
    return f"{uow.practice_id}:{appointment_id}"
