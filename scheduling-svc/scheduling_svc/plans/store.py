"""Where plans are kept: one document each, and one for each of its regions with the solution."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from fascia.problem import NotFound
from fascia.store import Document, Index, UnitOfWork
from fascia.web.pages import find_page
from scheduling_svc.plans import marks
from scheduling_svc.plans.record import Effort, Part, PartState, PlanRecord, PlanState

QUEUE = "plan_queue"
_KEPT = 180 * 86_400
INDEXES = (
    Index("plans", (("practice_id", 1), ("_id", 1))),
    Index("plan_parts", (("practice_id", 1), ("_id", 1))),
    Index("plans", (("made_at", 1),), expire_after=_KEPT),
    Index("plan_parts", (("started_at", 1),), expire_after=_KEPT),
    Index(QUEUE, (("practice_id", 1), ("_id", 1))),
    *marks.INDEXES,
)


def get_plan(uow: UnitOfWork, plan_id: str) -> PlanRecord:
    """Raises NotFound."""
    found = uow.collection("plans").find_one({"_id": plan_id})
    if found is None:
        raise NotFound("plan", plan_id)
    return _plan(found)


def is_known(uow: UnitOfWork, plan_id: str) -> bool:
    """Whether there is such a plan."""
    return uow.collection("plans").find_one({"_id": plan_id}, {"_id": 1}) is not None


def plans_page(uow: UnitOfWork, query: dict[str, Any]) -> tuple[list[PlanRecord], str | None]:
    """Plans in the order in which they were asked for."""
    documents, next_cursor = find_page(uow.collection("plans"), {}, query)
    return [_plan(document) for document in documents], next_cursor


def save_plan(uow: UnitOfWork, plan: PlanRecord) -> PlanRecord:
    """Write a plan; raises StaleVersion, or DuplicateKeyError where one of this id is there. Returns it as stored."""
    document = {
        "_id": plan.id,
        **{name: value for name, value in vars(plan).items() if name != "id"},
        "dates": _from_dates(plan.dates),
        "publish": _from_dates(plan.publish),
        "regions": list(plan.regions),
        "effort": dict(vars(plan.effort)),
        "state": plan.state.value,
        "failures": dict(plan.failures),
        "outcome": dict(plan.outcome),
    }
    _save(uow, "plans", document, plan.version)
    return replace(plan, version=plan.version + 1)


def get_part(uow: UnitOfWork, part_id: str) -> Part:
    """Raises NotFound."""
    found = uow.collection("plan_parts").find_one({"_id": part_id})
    if found is None:
        raise NotFound("part of a plan", part_id)
    return _part(found)


def parts_of(uow: UnitOfWork, plan: PlanRecord) -> list[Part]:
    """The regions of a plan."""
    ids = [part_id(plan, region) for region in plan.regions]
    return [_part(document) for document in uow.collection("plan_parts").find({"_id": {"$in": ids}}, sort=[("_id", 1)])]


def part_id(plan: PlanRecord, region: str) -> str:
    """The id of a plan's region."""
    return f"{plan.id}:{region}"


def save_part(uow: UnitOfWork, part: Part) -> Part:
    """Write a part; raises StaleVersion. It is in the queue until it is over. Returns it as it is now stored."""
    document = {
        "_id": part.id,
        **{name: value for name, value in vars(part).items() if name != "id"},
        "dates": _from_dates(part.dates),
        "effort": dict(vars(part.effort)),
        "state": part.state.value,
    }
    _save(uow, "plan_parts", document, part.version)
    if part.state is PartState.WAITING:
        uow.collection(QUEUE).insert_one({"_id": part.id})
    if part.is_over:
        uow.collection(QUEUE).delete_one({"_id": part.id})
    return replace(part, version=part.version + 1)


def queued(uow: UnitOfWork) -> list[Part]:
    """The parts that are not over, oldest first."""
    ids = [row["_id"] for row in uow.collection(QUEUE).find({})]
    return [_part(document) for document in uow.collection("plan_parts").find({"_id": {"$in": ids}}, sort=[("_id", 1)])]


def queue_approval(uow: UnitOfWork, plan: PlanRecord) -> None:
    """Have a plan carried out by itself."""
    uow.collection(QUEUE).insert_one({"_id": plan.id, "approve": True})


def unqueue_approval(uow: UnitOfWork, plan: PlanRecord) -> None:
    """It was, or it can't be."""
    uow.collection(QUEUE).delete_one({"_id": plan.id})


def queued_approvals(uow: UnitOfWork) -> list[str]:
    """The plans that are to be carried out by themselves."""
    return [row["_id"] for row in uow.collection(QUEUE).find({}) if row.get("approve")]


def _save(uow: UnitOfWork, name: str, document: Document, version: int) -> None:
    numbered = {**document, "version": version + 1}
    if version == 0:
        uow.collection(name).insert_one(numbered)
    else:
        uow.collection(name).replace(numbered, expected_version=version)


def _plan(document: Document) -> PlanRecord:
    own = {
        "dates": _dates(document["dates"]),
        "publish": _dates(document["publish"]),
        "regions": tuple(document["regions"]),
        "effort": Effort(**document["effort"]),
        "state": PlanState(document["state"]),
    }
    return PlanRecord(**{**_fields(document), **own})


def _part(document: Document) -> Part:
    own = {
        "dates": _dates(document["dates"]),
        "effort": Effort(**document["effort"]),
        "state": PartState(document["state"]),
    }
    return Part(**{**_fields(document), **own})


def _fields(document: Document) -> Document:
    named = {name: value for name, value in document.items() if name not in ("_id", "practice_id")}
    return {**named, "id": document["_id"]}


def _from_dates(days: tuple[date, ...]) -> list[str]:
    return [day.isoformat() for day in days]


def _dates(days: list[str]) -> tuple[date, ...]:
    return tuple(date.fromisoformat(day) for day in days)
