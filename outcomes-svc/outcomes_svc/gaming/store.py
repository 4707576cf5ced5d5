"""Flags and reviews in MongoDB, and what a review reads. Notes are sealed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from fascia.problem import NotFound
from fascia.store.indexes import Index
from fascia.store.tenant_collection import Document
from fascia.store.unit_of_work import UnitOfWork
from fascia.web.pages import find_page
from outcomes_svc.assessments.course import primary_of
from outcomes_svc.assessments.permissions import Permissions
from outcomes_svc.assessments.store import asked_between
from outcomes_svc.episodes import store as episodes
from outcomes_svc.episodes.baseline_evaluation import BEFORE_FIRST_SESSION, BaselineEvaluation
from outcomes_svc.episodes.episode import LONGEST, Episode
from outcomes_svc.episodes.window import BASELINE_BEFORE, END_UNTIL
from outcomes_svc.gaming.finding import EvidenceRow, Finding
from outcomes_svc.gaming.flag import FlagState, GamingFlag
from outcomes_svc.gaming.gathered import FOLLOWED_WITHIN, Known
from outcomes_svc.gaming.intake import NotBegun, evaluators, not_begun
from outcomes_svc.gaming.kinds import Kind, Sign
from outcomes_svc.gaming.review import Review
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.patients.store import all_patients
from outcomes_svc.results.period import Period
from outcomes_svc.results.store import episode_results
from outcomes_svc.scoring.store import scores_measured

FLAGS, REVIEWS = "gaming_flags", "gaming_reviews"
INDEXES = (
    Index(
        FLAGS,
        (("practice_id", 1), ("therapist_id", 1), ("kind", 1), ("first", 1), ("last", 1)),
        unique=True,
    ),
    Index(FLAGS, (("practice_id", 1), ("state", 1), ("_id", 1))),
    Index(FLAGS, (("practice_id", 1), ("_id", 1))),
    Index(REVIEWS, (("practice_id", 1), ("_id", 1))),
    Index(REVIEWS, (("practice_id", 1), ("scheduled", 1))),
)
_DAY = timedelta(days=1)


def known_of(uow: UnitOfWork, period: Period) -> Known:
    """What is stored of the episodes that opened in a period, and of the evaluations that were signed in it."""
    since, until = _midnight(period.first), _midnight(period.until)
    opened = episodes.episodes_opened(uow, since - BEFORE_FIRST_SESSION, until + FOLLOWED_WITHIN)
    signed = episodes.evaluations_signed(uow, since - BEFORE_FIRST_SESSION, until)
    by_episode = evaluators(signed, opened)
    return Known(
        results=episode_results(uow, opened_from=period.first, opened_until=period.until),
        episodes=opened,
        sessions=episodes.sessions_ended(uow, since, until + LONGEST),
        scores=scores_measured(uow, since - BASELINE_BEFORE, until + END_UNTIL + _DAY),
        asked=asked_between(uow, since - BEFORE_FIRST_SESSION, until + END_UNTIL),
        evaluator_of={id_: evaluation.therapist_id for id_, evaluation in by_episode.items()},
        not_begun=_not_begun(uow, [each for each in signed if each.signed_at >= since], opened),
    )


def find_flag(uow: UnitOfWork, therapist_id: str, kind: Kind, period: Period) -> GamingFlag | None:
    """The flag of a therapist, kind and period, or None."""
    query = {"therapist_id": therapist_id, "kind": kind.value, "first": str(period.first), "last": str(period.last)}
    found = uow.collection(FLAGS).find_one(query)
    return _flag(uow, found) if found else None


def get_flag(uow: UnitOfWork, flag_id: str) -> GamingFlag:
    """One flag; raises NotFound."""
    found = uow.collection(FLAGS).find_one({"_id": flag_id})
    if found is None:
        raise NotFound("gaming flag", flag_id)
    return _flag(uow, found)


def save_flag(uow: UnitOfWork, flag: GamingFlag) -> None:
    """Write a flag; version 1 is a new one. Raises StaleVersion."""
    finding = {**asdict(flag.finding), "evidence": [asdict(row) for row in flag.finding.evidence]}
    document = {
        **asdict(flag),
        "_id": flag.id,
        "finding": finding,
        "first": str(flag.first),
        "last": str(flag.last),
        "therapist_id": flag.finding.therapist_id,
        "kind": flag.finding.kind.value,
        "note": None if flag.note is None else uow.keyring.seal_json(flag.note, f"gaming-flag:{flag.id}"),
    }
    del document["id"]
    if flag.version == 1:
        uow.collection(FLAGS).insert_one(document)
    else:
        uow.collection(FLAGS).replace(document, expected_version=flag.version - 1)


def flag_page(uow: UnitOfWork, query: Mapping[str, Any]) -> tuple[list[GamingFlag], str | None]:
    """A page of flags, filtered by therapist_id, kind and state."""
    wanted = {name: query[name] for name in ("therapist_id", "kind", "state") if query.get(name)}
    documents, cursor = find_page(uow.collection(FLAGS), wanted, query)
    return [_flag(uow, document) for document in documents], cursor


def scheduled_done(uow: UnitOfWork, scheduled: str) -> bool:
    """Whether the review of that name, which a job makes once, is there."""
    return uow.collection(REVIEWS).find_one({"scheduled": scheduled}, {"_id": 1}) is not None


def add_review(uow: UnitOfWork, review: Review, scheduled: str | None) -> None:
    """Keep a review. Of two that are scheduled under one name the second is refused by its id."""
    document = {
        **asdict(review),
        "_id": f"{uow.practice_id}:{scheduled}" if scheduled else review.id,
        "review_id": review.id,
        "scheduled": scheduled,
        "first": str(review.first),
        "last": str(review.last),
        "judged": {kind.value: number for kind, number in review.judged.items()},
        "raised": list(review.raised),
        "seen_again": list(review.seen_again),
        "version": 1,
    }
    del document["id"]
    uow.collection(REVIEWS).insert_one(document)


def review_page(uow: UnitOfWork, query: Mapping[str, Any]) -> tuple[list[Review], str | None]:
    """A page of reviews, by id: those that people asked for, and those of a worker by month."""
    documents, cursor = find_page(uow.collection(REVIEWS), {}, query)
    return [_review(document) for document in documents], cursor


def _review(document: Document) -> Review:
    left_out = ("_id", "practice_id", "review_id", "scheduled", "version")
    fields = {name: value for name, value in document.items() if name not in left_out}
    return Review(
        **{
            **fields,
            "id": document["review_id"],
            "first": date.fromisoformat(document["first"]),
            "last": date.fromisoformat(document["last"]),
            "judged": {Kind(kind): number for kind, number in document["judged"].items()},
            "raised": tuple(document["raised"]),
            "seen_again": tuple(document["seen_again"]),
        }
    )


def _not_begun(uow: UnitOfWork, signed: list[BaselineEvaluation], opened: list[Episode]) -> list[NotBegun]:
    permissions, people = Permissions(uow), all_patients(uow)
    of_patient: dict[str, list[Episode]] = defaultdict(list)
    for episode in opened:
        of_patient[episode.patient_id].append(episode)
    asked = defaultdict(list)
    if signed:
        since, until = min(each.signed_at for each in signed), max(each.signed_at for each in signed)
        for request in asked_between(uow, since - BEFORE_FIRST_SESSION, until + BEFORE_FIRST_SESSION):
            asked[request.patient_id].append(request)
    found = []
    for evaluation in signed:
        primary = primary_of(shipped(), evaluation.condition_codes, permissions.can_ask)
        id_ = evaluation.patient_id
        case = not_begun(evaluation, of_patient[id_], asked[id_], primary, people.get(id_), uow.now)
        if case is not None:
            found.append(case)
    return found


def _flag(uow: UnitOfWork, document: Document) -> GamingFlag:
    finding, sealed = document["finding"], document["note"]
    return GamingFlag(
        id=document["_id"],
        version=document["version"],
        finding=Finding(
            **{
                **finding,
                "kind": Kind(finding["kind"]),
                "sign": Sign(finding["sign"]),
                "evidence": tuple(EvidenceRow(**row) for row in finding["evidence"]),
            }
        ),
        first=date.fromisoformat(document["first"]),
        last=date.fromisoformat(document["last"]),
        model_version=document["model_version"],
        raised_at=document["raised_at"],
        seen_at=document["seen_at"],
        state=FlagState(document["state"]),
        note=None if sealed is None else uow.keyring.open_json(sealed, f"gaming-flag:{document['_id']}"),
        decided_by=document["decided_by"],
        decided_at=document["decided_at"],
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
