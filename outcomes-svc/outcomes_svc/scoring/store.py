"""Scores in MongoDB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from fascia.store.indexes import Index
from fascia.store.tenant_collection import Document
from fascia.store.unit_of_work import UnitOfWork
from fascia.web.pages import find_page
from outcomes_svc.episodes.store import answer_list, answer_map
from outcomes_svc.scoring.change import ChangeRule, Judgement, NoIndex
from outcomes_svc.scoring.measurement import Source
from outcomes_svc.scoring.scale import Fault, FaultCode
from outcomes_svc.scoring.score import Score, ScoreState

INDEXES = (
    Index("scores", (("practice_id", 1), ("source_id", 1), ("instrument", 1)), unique=True),
    Index("scores", (("practice_id", 1), ("patient_id", 1), ("_id", 1))),
    Index("scores", (("practice_id", 1), ("session_id", 1), ("_id", 1))),
    Index("scores", (("practice_id", 1), ("_id", 1))),
    Index("scores", (("practice_id", 1), ("measured_at", 1))),
)


def scores_of(uow: UnitOfWork, patient_id: str) -> list[Score]:
    """All scores of a patient, refused and withdrawn ones included."""
    return [_score(document) for document in uow.collection("scores").find({"patient_id": patient_id})]


def scores_measured(uow: UnitOfWork, since: datetime, until: datetime) -> list[Score]:
    """What was scored of all patients, measured from `since` on and before `until`."""
    query = {"measured_at": {"$gte": since, "$lt": until}, "state": ScoreState.SCORED}
    return [_score(document) for document in uow.collection("scores").find(query)]


def scores_with(uow: UnitOfWork, instrument: str) -> list[Score]:
    """All scores of an instrument, refused ones included. It reads through the practice's scores: for timed work."""
    return [_score(document) for document in uow.collection("scores").find({"instrument": instrument})]


def save_score(uow: UnitOfWork, score: Score) -> None:
    """Write a score; version 1 is a new one."""
    document = {**asdict(score), "_id": score.id, "answers": answer_list(score.answers)}
    del document["id"]
    document["compared_items"] = list(score.compared_items)
    document["faults"] = [asdict(fault) for fault in score.faults]
    document["parts"] = [{"part": code, "value": value} for code, value in sorted(score.parts.items())]
    if score.version == 1:
        uow.collection("scores").insert_one(document)
    else:
        uow.collection("scores").replace(document, expected_version=score.version - 1)


def score_page(
    uow: UnitOfWork, query: Mapping[str, Any], states: Iterable[ScoreState]
) -> tuple[list[Score], str | None]:
    """A page of scores in these states, filtered by patient_id, session_id, episode_id and instrument."""
    names = ("patient_id", "session_id", "episode_id", "assessment_id", "instrument")
    wanted = {name: query[name] for name in names if query.get(name)}
    documents, cursor = find_page(uow.collection("scores"), {**wanted, "state": {"$in": sorted(states)}}, query)
    return [_score(document) for document in documents], cursor


def _score(document: Document) -> Score:
    fields = {name: value for name, value in document.items() if name not in ("_id", "practice_id")}
    judgement, rule, no_rci = fields["judgement"], fields.get("change_rule"), fields.get("no_rci")
    fields |= {
        "id": document["_id"],
        "state": ScoreState(fields["state"]),
        "source": Source(fields["source"]),
        "judgement": Judgement(judgement) if judgement else None,
        "change_rule": ChangeRule(rule) if rule else None,
        "no_rci": NoIndex(no_rci) if no_rci else None,
        "parts": {row["part"]: row["value"] for row in fields.get("parts", ())},
        "answers": answer_map(fields["answers"]),
        "compared_items": tuple(fields["compared_items"]),
        "faults": tuple(Fault(**{**fault, "code": FaultCode(fault["code"])}) for fault in fields["faults"]),
    }
    return Score(**fields)
