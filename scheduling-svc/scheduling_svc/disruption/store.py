"""Where disruptions, promises in danger, blocked roads and what patients were told today are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from fascia.problem import NotFound
from fascia.store import Document, Index, UnitOfWork
from fascia.web.pages import find_page
from scheduling_svc.disruption.blocked_roads import RoadBlock
from scheduling_svc.disruption.disruption import Broken, Cause, Disruption, Kind, Proposal, Replanned, Way
from scheduling_svc.disruption.risk import Danger, Risk, RiskState
from scheduling_svc.store import Change, read, write
from scheduling_svc.workforce.place import Coordinates

INDEXES = (
    Index("disruptions", (("practice_id", 1), ("date", 1), ("_id", 1))),
    Index("promise_risks", (("practice_id", 1), ("date", 1), ("_id", 1))),
    Index("road_blocks", (("practice_id", 1), ("date", 1))),
    Index("eta_watch", (("practice_id", 1),)),
)
_UNRESOLVED = [RiskState.OPEN.value, RiskState.ACKNOWLEDGED.value]


@dataclass(frozen=True)
class Told:
    """What a patient was last told of a visit of today, by which estimate, and on which state of the appointment."""

    at: datetime
    estimate: int
    calendar_sequence: int


@dataclass(frozen=True)
class LiveTold:
    """What the patients of a therapist's day were told; `version` is the stored one, 0: none yet."""

    therapist_id: str
    date: date
    told: Mapping[str, Told]
    version: int = 0


def live_told(uow: UnitOfWork, therapist_id: str, on: date) -> LiveTold:
    """What was told of a day, nothing where nothing was."""
    key = _live_key(therapist_id, on)
    document = read(uow, [key]).get(key)
    if document is None:
        return LiveTold(therapist_id, on, {})
    return LiveTold(therapist_id, on, {id_: Told(**one) for id_, one in document["told"].items()}, document["version"])


def save_live_told(uow: UnitOfWork, live: LiveTold) -> None:
    """Write it; raises StaleVersion."""
    fields = {"told": {id_: dict(vars(one)) for id_, one in live.told.items()}}
    write(uow, Change(_live_key(live.therapist_id, live.date), fields, live.version))


def save_disruption(uow: UnitOfWork, disruption: Disruption) -> Disruption:
    """Keep what happened."""
    document = {
        "_id": disruption.id,
        "date": disruption.date.isoformat(),
        "kind": disruption.kind.value,
        "what": dict(disruption.what),
        "reported_at": disruption.reported_at,
        "reported_by": disruption.reported_by,
        "regions": list(disruption.regions),
        "replanned": [dict(vars(one)) for one in disruption.replanned],
        "broken": [_from_broken(one) for one in disruption.broken],
        "appointment_id": disruption.appointment_id,
        "solving_ms": disruption.solving_ms,
        "version": 1,
    }
    uow.collection("disruptions").insert_one(document)
    return replace(disruption, version=1)


def get_disruption(uow: UnitOfWork, id_: str) -> Disruption:
    """Raises NotFound."""
    found = uow.collection("disruptions").find_one({"_id": id_})
    if found is None:
        raise NotFound("disruption", id_)
    return _disruption(found)


def disruptions_page(uow: UnitOfWork, on: date, query: dict[str, Any]) -> tuple[list[Disruption], str | None]:
    """The disruptions of a day in the order in which they were reported."""
    documents, next_cursor = find_page(uow.collection("disruptions"), {"date": on.isoformat()}, query)
    return [_disruption(document) for document in documents], next_cursor


def get_risk(uow: UnitOfWork, appointment_id: str) -> Risk:
    """Raises NotFound."""
    found = find_risk(uow, appointment_id)
    if found is None:
        raise NotFound("promise at risk", appointment_id)
    return found


def find_risk(uow: UnitOfWork, appointment_id: str) -> Risk | None:
    """What is known of a visit's promise; None while it never was in danger."""
    found = uow.collection("promise_risks").find_one({"_id": _risk_id(appointment_id)})
    return None if found is None else _risk(found)


def unresolved_risks(uow: UnitOfWork, on: date) -> list[Risk]:
    """The promises of a day that are in danger."""
    wanted = {"date": on.isoformat(), "state": {"$in": _UNRESOLVED}}
    return [_risk(document) for document in uow.collection("promise_risks").find(wanted)]


def risks_page(uow: UnitOfWork, on: date, query: dict[str, Any]) -> tuple[list[Risk], str | None]:
    """The promises of a day that are, or with `all` were, in danger."""
    wanted: Document = {"date": on.isoformat()}
    if not query.get("all"):
        wanted["state"] = {"$in": _UNRESOLVED}
    documents, next_cursor = find_page(uow.collection("promise_risks"), wanted, query)
    return [_risk(document) for document in documents], next_cursor


def save_risk(uow: UnitOfWork, risk: Risk) -> Risk:
    """Write it; raises StaleVersion. Returns it as it is now stored."""
    document = {
        "_id": _risk_id(risk.id),
        **{name: value for name, value in vars(risk).items() if name != "id"},
        "date": risk.date.isoformat(),
        "state": risk.state.value,
        "danger": {
            **vars(risk.danger),
            "cause": risk.danger.cause.value,
            "proposals": [_from_proposal(one) for one in risk.danger.proposals],
        },
        "version": risk.version + 1,
    }
    collection = uow.collection("promise_risks")
    if risk.version == 0:
        collection.insert_one(document)
    else:
        collection.replace(document, expected_version=risk.version)
    return replace(risk, version=risk.version + 1)


def add_road_block(uow: UnitOfWork, on: date, block: RoadBlock) -> None:
    """Keep a blocked road for its day."""
    document = {
        "_id": block.id,
        "date": on.isoformat(),
        **{name: value for name, value in vars(block).items() if name != "id"},
        "centre": _from_place(block.centre),
        "other": _from_place(block.other),
    }
    uow.collection("road_blocks").insert_one(document)


def road_blocks(uow: UnitOfWork, dates: Iterable[date]) -> tuple[RoadBlock, ...]:
    """The blocked roads of some days."""
    found = uow.collection("road_blocks").find({"date": {"$in": [day.isoformat() for day in dates]}})
    return tuple(_road_block(document) for document in found)


def take_watch(uow: UnitOfWork, every: timedelta) -> bool:
    """Whether this process looks at the practice's day now; another one did if not. Raises what a lost race raises."""
    watch = uow.collection("eta_watch")
    found = watch.find_one({"_id": f"{uow.practice_id}:watch"})
    if found is not None and found["next_at"] > uow.now:
        return False
    version = found["version"] if found else 0
    document = {"_id": f"{uow.practice_id}:watch", "next_at": uow.now + every, "version": version + 1}
    if found is None:
        watch.insert_one(document)
    else:
        watch.replace(document, expected_version=version)
    return True


def _disruption(document: Document) -> Disruption:
    return Disruption(
        id=document["_id"],
        date=date.fromisoformat(document["date"]),
        kind=Kind(document["kind"]),
        what=document["what"],
        reported_at=document["reported_at"],
        reported_by=document["reported_by"],
        regions=tuple(document["regions"]),
        replanned=tuple(Replanned(**one) for one in document["replanned"]),
        broken=tuple(_broken(one) for one in document["broken"]),
        appointment_id=document["appointment_id"],
        solving_ms=document["solving_ms"],
        version=document["version"],
    )


def _from_broken(broken: Broken) -> Document:
    return {**vars(broken), "proposals": [_from_proposal(one) for one in broken.proposals]}


def _broken(document: Document) -> Broken:
    return Broken(**{**document, "proposals": tuple(_proposal(one) for one in document["proposals"])})


def _from_proposal(proposal: Proposal) -> Document:
    return {**vars(proposal), "kind": proposal.kind.value}


def _proposal(document: Document) -> Proposal:
    return Proposal(**{**document, "kind": Way(document["kind"])})


def _risk(document: Document) -> Risk:
    danger = document["danger"]
    return Risk(
        id=str(document["_id"]).removeprefix("risk:"),
        patient_id=document["patient_id"],
        date=date.fromisoformat(document["date"]),
        time_zone=document["time_zone"],
        danger=Danger(
            **{
                **danger,
                "cause": Cause(danger["cause"]),
                "proposals": tuple(_proposal(one) for one in danger["proposals"]),
            }
        ),
        raised_at=document["raised_at"],
        state=RiskState(document["state"]),
        acknowledged_by=document["acknowledged_by"],
        acknowledged_at=document["acknowledged_at"],
        resolved_at=document["resolved_at"],
        version=document["version"],
    )


def _from_place(place: Coordinates | None) -> list[float] | None:
    return [place.latitude, place.longitude] if place else None


def _road_block(document: Document) -> RoadBlock:
    other = document["other"]
    return RoadBlock(
        id=document["_id"],
        centre=Coordinates(*document["centre"]),
        radius_km=document["radius_km"],
        since=document["since"],
        until=document["until"],
        factor=document["factor"],
        delay_minutes=document["delay_minutes"],
        other=Coordinates(*other) if other else None,
    )


def _risk_id(appointment_id: str) -> str:
    return f"risk:{appointment_id}"


def _live_key(therapist_id: str, on: date) -> str:
    return f"live:{therapist_id}:{on.isoformat()}"
