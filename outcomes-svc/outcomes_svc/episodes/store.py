"""Sessions and episodes in MongoDB, and the lock under which a patient's results change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from fascia.store.indexes import Index
from fascia.store.tenant_collection import Document
from fascia.store.unit_of_work import UnitOfWork
from fascia.web.pages import find_page
from outcomes_svc.episodes.baseline_evaluation import BaselineEvaluation, StatedCaseMix
from outcomes_svc.episodes.episode import CloseReason, Discharge, DischargeReason, Episode, EpisodeState, Primary
from outcomes_svc.episodes.treated_session import Measure, TreatedSession

INDEXES = (
    Index("sessions", (("practice_id", 1), ("patient_id", 1), ("therapist_id", 1))),
    Index("evaluations", (("practice_id", 1), ("patient_id", 1))),
    Index("episodes", (("practice_id", 1), ("patient_id", 1), ("_id", 1))),
    Index("episodes", (("practice_id", 1), ("state", 1), ("closes_at", 1))),
    Index("episodes", (("practice_id", 1), ("opened_at", 1))),
    Index("sessions", (("practice_id", 1), ("ended_at", 1))),
    Index("evaluations", (("practice_id", 1), ("signed_at", 1))),
)


def lock_patient(uow: UnitOfWork, patient_id: str) -> int:
    """Serialise all changes to one patient's results; returns the number of this change.

    Episodes and baselines follow from all sessions of the patient, so two sessions that arrive at once must not both
    compute without the other: the second one meets a write conflict and runs again.
    """
    courses, id_ = uow.collection("courses"), f"{uow.practice_id}:{patient_id}"
    found = courses.find_one({"_id": id_})
    if found is None:
        courses.insert_one({"_id": id_, "patient_id": patient_id, "version": 1})
        return 1
    courses.replace({**found, "version": found["version"] + 1}, expected_version=found["version"])
    return int(found["version"]) + 1


def find_session(uow: UnitOfWork, session_id: str) -> TreatedSession | None:
    """One session, or None."""
    document = uow.collection("sessions").find_one({"_id": _key(uow, session_id)})
    return _session(document) if document else None


def put_session(uow: UnitOfWork, session: TreatedSession, *, new: bool = False) -> None:
    """Keep the newest state of a session; one that is not there yet is `new`."""
    _put(uow, "sessions", session, new=new)


def sessions_of(uow: UnitOfWork, patient_id: str) -> list[TreatedSession]:
    """All sessions of a patient."""
    return [_session(document) for document in uow.collection("sessions").find({"patient_id": patient_id})]


def find_evaluation(uow: UnitOfWork, evaluation_id: str) -> BaselineEvaluation | None:
    """One evaluation, or None."""
    document = uow.collection("evaluations").find_one({"_id": _key(uow, evaluation_id)})
    return _evaluation(document) if document else None


def put_evaluation(uow: UnitOfWork, evaluation: BaselineEvaluation) -> None:
    """Keep the newest state of an evaluation."""
    _put(uow, "evaluations", evaluation)


def evaluations_of(uow: UnitOfWork, patient_id: str) -> list[BaselineEvaluation]:
    """All evaluations of a patient that came with measures."""
    return [_evaluation(document) for document in uow.collection("evaluations").find({"patient_id": patient_id})]


def has_treated(uow: UnitOfWork, therapist_id: str, patient_id: str) -> bool:
    """Whether a therapist has a signed session with a patient."""
    query = {"patient_id": patient_id, "therapist_id": therapist_id}
    return uow.collection("sessions").find_one(query, {"_id": 1}) is not None


def find_episode(uow: UnitOfWork, episode_id: str) -> Episode | None:
    """One episode, or None."""
    document = uow.collection("episodes").find_one({"_id": episode_id})
    return _episode(document) if document else None


def episodes_of(uow: UnitOfWork, patient_id: str) -> list[Episode]:
    """All episodes of a patient."""
    return [_episode(document) for document in uow.collection("episodes").find({"patient_id": patient_id})]


def save_episode(uow: UnitOfWork, episode: Episode) -> Episode:
    """Write a new state; returns the episode with its new version (1 for a new one)."""
    saved = replace(episode, version=episode.version + 1)
    document = {**asdict(saved), "_id": saved.id, "closes_at": saved.closes_at}
    del document["id"]
    if episode.version == 0:
        uow.collection("episodes").insert_one(document)
    else:
        uow.collection("episodes").replace(document, expected_version=episode.version)
    return saved


def episodes_opened(uow: UnitOfWork, since: datetime, until: datetime) -> list[Episode]:
    """Episodes of all patients whose first session ended from `since` on and before `until`; void ones left out."""
    query = {"opened_at": {"$gte": since, "$lt": until}, "state": {"$ne": EpisodeState.VOID}}
    return [_episode(document) for document in uow.collection("episodes").find(query)]


def sessions_ended(
    uow: UnitOfWork, since: datetime, until: datetime, therapist_id: str | None = None
) -> list[TreatedSession]:
    """Sessions of all patients that ended from `since` on and before `until`; of one therapist where that is named."""
    query: dict[str, Any] = {"ended_at": {"$gte": since, "$lt": until}}
    if therapist_id is not None:
        query["therapist_id"] = therapist_id
    return [_session(document) for document in uow.collection("sessions").find(query)]


def evaluations_signed(uow: UnitOfWork, since: datetime, until: datetime) -> list[BaselineEvaluation]:
    """Evaluations of all patients that were signed from `since` on and before `until`."""
    query = {"signed_at": {"$gte": since, "$lt": until}}
    return [_evaluation(document) for document in uow.collection("evaluations").find(query)]


def due_to_close(uow: UnitOfWork, until: datetime, limit: int) -> list[Episode]:
    """Open episodes whose time has run out."""
    query = {"state": EpisodeState.OPEN, "closes_at": {"$lte": until}}
    return [_episode(document) for document in uow.collection("episodes").find(query, limit=limit)]


def episode_page(uow: UnitOfWork, query: Mapping[str, Any]) -> tuple[list[Episode], str | None]:
    """A page of episodes, filtered by patient_id, session_id and state; void ones are shown only when asked for."""
    wanted: dict[str, Any] = {name: query[name] for name in ("patient_id", "state") if query.get(name)}
    if query.get("session_id"):
        session = find_session(uow, query["session_id"])
        # A session that is not known belongs to no episode, and no episode has no id.
        wanted["_id"] = session.episode_id if session else None
    documents, cursor = find_page(uow.collection("episodes"), {"state": {"$ne": EpisodeState.VOID}, **wanted}, query)
    return [_episode(document) for document in documents], cursor


def answer_list(answers: Mapping[str, float]) -> list[Document]:
    """Answers as rows: an item's code comes from outside and is no safe name for a field."""
    return [{"item": code, "answer": answer} for code, answer in sorted(answers.items())]


def answer_map(rows: list[Document]) -> dict[str, float]:
    """Back from rows."""
    return {row["item"]: row["answer"] for row in rows}


def _key(uow: UnitOfWork, id_: str) -> str:
    return f"{uow.practice_id}:{id_}"


def _put(uow: UnitOfWork, name: str, sitting: TreatedSession | BaselineEvaluation, *, new: bool = False) -> None:
    fields = {
        **asdict(sitting),
        "condition_codes": list(sitting.condition_codes),
        "measures": [
            {"instrument": measure.instrument, "version": measure.version, "answers": answer_list(measure.answers)}
            for measure in sitting.measures
        ],
    }
    key, kept = _key(uow, sitting.id), uow.collection(name)
    if new or not kept.update_one({"_id": key}, {"$set": fields}):
        kept.insert_one({**fields, "_id": key})


def _session(document: Document) -> TreatedSession:
    return TreatedSession(**_sitting(document))


def _evaluation(document: Document) -> BaselineEvaluation:
    stated = document.get("case_mix")
    return BaselineEvaluation(**{**_sitting(document), "case_mix": StatedCaseMix(**stated) if stated else None})


def _sitting(document: Document) -> dict[str, Any]:
    fields = {name: value for name, value in document.items() if name not in ("_id", "practice_id")}
    fields["condition_codes"] = tuple(fields["condition_codes"])
    fields["measures"] = tuple(
        Measure(instrument=row["instrument"], version=row["version"], answers=answer_map(row["answers"]))
        for row in fields["measures"]
    )
    return fields


def _episode(document: Document) -> Episode:
    fields = {name: value for name, value in document.items() if name not in ("_id", "practice_id", "closes_at")}
    reason = fields["close_reason"]
    fields |= {
        "id": document["_id"],
        "primary": Primary(**fields["primary"]),
        "state": EpisodeState(fields["state"]),
        "close_reason": CloseReason(reason) if reason else None,
        "discharge": _discharge(fields.get("discharge")),
    }
    return Episode(**fields)


def _discharge(document: Document | None) -> Discharge | None:
    return Discharge(**{**document, "reason": DischargeReason(document["reason"])}) if document else None
