"""Follow-up in MongoDB: policies, visits, and when to look at a patient again."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime

from pymongo.database import Database

from fascia.problem import StaleVersion
from fascia.store.indexes import Index
from fascia.store.tenant_collection import Document
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.assessments import store as assessments
from outcomes_svc.assessments.patient_course import PatientCourse
from outcomes_svc.episodes import store as episodes
from outcomes_svc.episodes.episode import EpisodeState
from outcomes_svc.follow_up.case import Case
from outcomes_svc.follow_up.policy import FollowUpPolicy
from outcomes_svc.follow_up.visit import Visit
from outcomes_svc.patients.store import find_patient

LOOKS = "follow_up_looks"
INDEXES = (
    Index("visits", (("practice_id", 1), ("patient_id", 1))),
    # Of all practices: a worker asks every half minute, and must not read through what is not due.
    Index(LOOKS, (("next_at", 1),)),
    Index("follow_up_policies", (("practice_id", 1), ("version", 1)), unique=True),
)


def current_policy(uow: UnitOfWork) -> FollowUpPolicy:
    """The policy in force: the practice's own, or version 1, which nobody had to write."""
    return _policies(uow)[-1]


def policy_version(uow: UnitOfWork, version: int) -> FollowUpPolicy | None:
    """A policy as it once was, or None."""
    return next((policy for policy in _policies(uow) if policy.version == version), None)


def add_policy(uow: UnitOfWork, policy: FollowUpPolicy) -> None:
    """Keep the next version beside the earlier ones; raises StaleVersion where somebody else wrote it first."""
    if current_policy(uow).version != policy.version - 1:
        raise StaleVersion(policy.version - 1)
    uow.collection("follow_up_policies").insert_one(
        {
            **asdict(policy),
            "_id": f"{uow.practice_id}:{policy.version}",
            "after_sessions": list(policy.after_sessions),
            "days": list(policy.days),
            "since": uow.now,
        }
    )


def put_visit(uow: UnitOfWork, visit: Visit) -> bool:
    """Keep the newest state of a visit; False when it is known already, or newer."""
    key, visits = f"{uow.practice_id}:{visit.id}", uow.collection("visits")
    known = visits.find_one({"_id": key}, {"version": 1})
    document = {**asdict(visit), "_id": key}
    if known is None:
        visits.insert_one(document)
    elif known["version"] < visit.version:
        visits.replace(document, expected_version=known["version"])
    else:
        return False
    return True


def case_of(uow: UnitOfWork, patient_id: str, course: PatientCourse | None = None) -> Case:
    """Everything of a patient that decides what they are asked; `course` is what this unit of work has read of it."""
    course = course or _course_of(uow, patient_id)
    case = Case(
        patient_id=patient_id,
        episodes=[known for known in course.episodes if known.state is not EpisodeState.VOID],
        sessions=course.sessions,
        evaluations=course.evaluations,
        asked=course.asked,
        visits=(),
    )
    if not case.may_begin(uow.now):
        return case
    visits = uow.collection("visits").find({"patient_id": patient_id})
    return replace(case, visits=[_visit(document) for document in visits])


def has_died(uow: UnitOfWork, patient_id: str) -> bool:
    """Whether the patient is recorded as deceased."""
    patient = find_patient(uow, patient_id)
    return patient is not None and patient.deceased


def _course_of(uow: UnitOfWork, patient_id: str) -> PatientCourse:
    return PatientCourse(
        episodes.episodes_of(uow, patient_id),
        episodes.sessions_of(uow, patient_id),
        episodes.evaluations_of(uow, patient_id),
        assessments.assessments_of(uow, patient_id),
    )


def look_at(uow: UnitOfWork, patient_id: str, at: datetime | None) -> None:
    """Have a worker look at a patient at a moment, instead of any that was set before; None: no more."""
    key, looks = f"{uow.practice_id}:{patient_id}", uow.collection(LOOKS)
    if at is None:
        looks.delete_one({"_id": key})
    elif not looks.update_one({"_id": key}, {"$set": {"next_at": at}}):
        looks.insert_one({"_id": key, "patient_id": patient_id, "next_at": at})


def due_looks(database: Database[Document], until: datetime, limit: int) -> list[tuple[str, str]]:
    """Practice and id of the patients whose moment has come, whoever waited longest first."""
    due = database[LOOKS].find({"next_at": {"$lte": until}}, {"practice_id": 1, "patient_id": 1})
    return [(document["practice_id"], document["patient_id"]) for document in due.sort("next_at", 1).limit(limit)]


def _policies(uow: UnitOfWork) -> list[FollowUpPolicy]:
    """Every version, oldest first; a practice has a handful."""
    found = [_policy(document) for document in uow.collection("follow_up_policies").find({})]
    return [FollowUpPolicy(), *sorted(found, key=lambda policy: policy.version)]


def _policy(document: Document) -> FollowUpPolicy:
    fields = {name: value for name, value in document.items() if name not in ("_id", "practice_id", "since")}
    return FollowUpPolicy(
        **{**fields, "after_sessions": tuple(fields["after_sessions"]), "days": tuple(fields["days"])}
    )


def _visit(document: Document) -> Visit:
    fields = {name: value for name, value in document.items() if name not in ("_id", "practice_id")}
    return Visit(**fields)
