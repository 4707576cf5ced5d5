"""Assessments in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from fascia.problem import NotFound
from fascia.store.indexes import Index
from fascia.store.tenant_collection import Document
from fascia.store.unit_of_work import UnitOfWork
from fascia.web.pages import find_page
from outcomes_svc.assessments.assessment import Assessment, AssessmentState, Purpose
from outcomes_svc.episodes.store import answer_list, answer_map

INDEXES = (
    Index("assessments", (("practice_id", 1), ("patient_id", 1), ("_id", 1))),
    Index("assessments", (("practice_id", 1), ("session_id", 1), ("_id", 1))),
    Index("assessments", (("practice_id", 1), ("_id", 1))),
    Index("assessments", (("practice_id", 1), ("due_at", 1))),
)


def get_assessment(uow: UnitOfWork, assessment_id: str) -> Assessment:
    """One assessment; raises NotFound."""
    document = uow.collection("assessments").find_one({"_id": assessment_id})
    if document is None:
        raise NotFound("assessment", assessment_id)
    return _assessment(document)


def save_assessment(uow: UnitOfWork, assessment: Assessment) -> None:
    """Write an assessment; version 1 is a new one."""
    answers = assessment.answers
    document = {
        **asdict(assessment),
        "_id": assessment.id,
        "items": list(assessment.items),
        "answers": None if answers is None else answer_list(answers),
    }
    del document["id"]
    if assessment.version == 1:
        uow.collection("assessments").insert_one(document)
    else:
        uow.collection("assessments").replace(document, expected_version=assessment.version - 1)


def assessments_of(uow: UnitOfWork, patient_id: str) -> list[Assessment]:
    """All assessments of a patient."""
    return [_assessment(document) for document in uow.collection("assessments").find({"patient_id": patient_id})]


def assessment_page(uow: UnitOfWork, query: Mapping[str, Any]) -> tuple[list[Assessment], str | None]:
    """A page of assessments, filtered by patient_id, session_id, episode_id and, as of now, their state."""
    wanted: Document = {name: query[name] for name in ("patient_id", "session_id", "episode_id") if query.get(name)}
    wanted |= _in_state(query.get("state"), uow.now)
    documents, cursor = find_page(uow.collection("assessments"), wanted, query)
    return [_assessment(document) for document in documents], cursor


def _in_state(state: str | None, now: datetime) -> Document:
    if state is None:
        return {}
    if state == AssessmentState.ANSWERED:
        return {"answered_at": {"$ne": None}}
    return {"answered_at": None, "expires_at": {"$gt" if state == AssessmentState.REQUESTED else "$lte": now}}


def asked_between(uow: UnitOfWork, since: datetime, until: datetime) -> list[Assessment]:
    """The assessments that were asked from `since` on and before `until`."""
    query = {"due_at": {"$gte": since, "$lt": until}}
    return [_assessment(document) for document in uow.collection("assessments").find(query)]


def _assessment(document: Document) -> Assessment:
    fields = {name: value for name, value in document.items() if name not in ("_id", "practice_id")}
    answers = fields["answers"]
    fields |= {
        "id": document["_id"],
        "purpose": Purpose(fields.get("purpose", Purpose.FOLLOW_UP)),
        "items": tuple(fields["items"]),
        "answers": None if answers is None else answer_map(answers),
    }
    return Assessment(**fields)
