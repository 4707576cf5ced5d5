"""Pay in MongoDB: plans, recorded entries, driven days, runs with the rows they froze, and statements as bytes."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

import bson
from bson.codec_options import CodecOptions

from fascia.problem import NotFound
from fascia.store.indexes import Index
from fascia.store.tenant_collection import Document
from fascia.store.unit_of_work import UnitOfWork
from fascia.web.pages import find_page
from outcomes_svc.pay.books import Owned
from outcomes_svc.pay.codec import from_document, to_document
from outcomes_svc.pay.entry import PayEntry
from outcomes_svc.pay.month import Month
from outcomes_svc.pay.plan import PayPlan
from outcomes_svc.pay.run import PayRun, RunState
from outcomes_svc.pay.work import DrivenDay
from outcomes_svc.results.episode_result import CaseMix, EpisodeResult, Exclusion

INDEXES = (
    Index("pay_entries", (("practice_id", 1), ("date", 1))),
    Index("pay_drives", (("practice_id", 1), ("date", 1))),
    Index("pay_runs", (("practice_id", 1), ("month", 1)), unique=True),
    Index("pay_runs", (("practice_id", 1), ("state", 1))),
    Index("pay_evidence", (("practice_id", 1), ("month", 1))),
    Index("pay_statements", (("practice_id", 1), ("therapist_id", 1), ("month", 1)), unique=True),
    Index("pay_statements", (("practice_id", 1), ("month", 1))),
)

_PACKED = 2_000
_AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True)


@dataclass(frozen=True, kw_only=True)
class IssuedStatement:
    """A statement as it was issued; `content` is what it is, byte for byte. `version` never moves from 1."""

    id: str
    therapist_id: str
    month: Month
    sequence: int
    sha256: str
    issued_at: datetime
    content: bytes
    version: int = 1


def plans(uow: UnitOfWork) -> list[PayPlan]:
    """All versions, oldest first."""
    found = uow.collection("pay_plans").find({}, sort=[("_id", 1)])
    return sorted((from_document(PayPlan, row["plan"]) for row in found), key=lambda plan: plan.version)


def add_plan(uow: UnitOfWork, plan: PayPlan) -> None:
    """Keep a new version; DuplicateKeyError at the edge of the transaction when another took its number."""
    uow.collection("pay_plans").insert_one(
        {"_id": f"{uow.practice_id}:{plan.version:06}", "version": plan.version, "plan": to_document(plan)}
    )


def add_entry(uow: UnitOfWork, entry: PayEntry) -> None:
    """Keep a recorded entry."""
    uow.collection("pay_entries").insert_one({**to_document(entry), "_id": entry.id})


def get_entry(uow: UnitOfWork, entry_id: str) -> PayEntry:
    """One entry; raises NotFound."""
    found = uow.collection("pay_entries").find_one({"_id": entry_id})
    if found is None:
        raise NotFound("pay entry", entry_id)
    return _entry(found)


def save_entry(uow: UnitOfWork, entry: PayEntry) -> None:
    """Keep the next version of an entry; raises StaleVersion."""
    uow.collection("pay_entries").replace({**to_document(entry), "_id": entry.id}, expected_version=entry.version - 1)


def entry_page(uow: UnitOfWork, query: Mapping[str, Any]) -> tuple[list[PayEntry], str | None]:
    """A page of entries, filtered by therapist_id and month."""
    wanted: dict[str, Any] = {"therapist_id": query["therapist_id"]} if query.get("therapist_id") else {}
    if query.get("month"):
        month = Month.read(query["month"])
        wanted["date"] = {"$gte": month.first_day.isoformat(), "$lt": month.plus(1).first_day.isoformat()}
    documents, cursor = find_page(uow.collection("pay_entries"), wanted, query)
    return [_entry(document) for document in documents], cursor


def put_driven_day(uow: UnitOfWork, therapist_id: str, day: DrivenDay) -> None:
    """Keep the newest revision of a driven day; an older one changes nothing."""
    key, days = f"{uow.practice_id}:{therapist_id}:{day.date}", uow.collection("pay_drives")
    known = days.find_one({"_id": key})
    fields = {"therapist_id": therapist_id, **to_document(day)}
    if known is None:
        days.insert_one({**fields, "_id": key})
    elif known["revision"] < day.revision:
        days.update_one({"_id": key, "revision": known["revision"]}, {"$set": fields})


def recorded(uow: UnitOfWork, since: date, until: date) -> list[Owned]:
    """Entries that stand and driven days, from `since` on and before `until`."""
    span = {"date": {"$gte": since.isoformat(), "$lt": until.isoformat()}}
    entries = [_entry(row) for row in uow.collection("pay_entries").find(span)]
    standing = [Owned(entry.therapist_id, entry.work) for entry in entries if not entry.withdrawn]
    return standing + [
        Owned(
            row["therapist_id"], from_document(DrivenDay, {name: row[name] for name in ("date", "revision", "minutes")})
        )
        for row in uow.collection("pay_drives").find(span)
    ]


def find_run(uow: UnitOfWork, month: Month) -> PayRun | None:
    """The run of a month, or None."""
    found = uow.collection("pay_runs").find_one({"_id": _run_key(uow, month)})
    return _run(found) if found else None


def runs(uow: UnitOfWork, state: RunState | None = None) -> list[PayRun]:
    """All runs, or those in a state, in the order of their months."""
    found = uow.collection("pay_runs").find({"state": state} if state else {})
    return sorted((_run(row) for row in found), key=lambda run: run.month)


def save_run(uow: UnitOfWork, run: PayRun) -> None:
    """Keep a new run (version 1) or the next version of one; raises StaleVersion."""
    document = {**to_document(run), "_id": _run_key(uow, run.month), "state": run.state}
    if run.version == 1:
        uow.collection("pay_runs").insert_one(document)
    else:
        uow.collection("pay_runs").replace(document, expected_version=run.version - 1)


def freeze_results(uow: UnitOfWork, month: Month, results: Sequence[EpisodeResult]) -> None:
    """Keep the rows that a month's outcome part rests on.

    They are only ever read all together, so they rest packed, some thousand to a document: a replay reads kilobytes
    instead of megabytes.
    """
    rows = [_result_document(result) for result in results]
    uow.collection("pay_evidence").insert_many(
        [
            {
                "_id": f"{_run_key(uow, month)}:{place // _PACKED:04}",
                "month": str(month),
                "packed": zlib.compress(bson.encode({"rows": rows[place : place + _PACKED]})),
            }
            for place in range(0, len(rows), _PACKED)
        ]
    )


def frozen_results(uow: UnitOfWork, month: Month) -> list[EpisodeResult]:
    """The rows back, in the order of their ids."""
    chunks = uow.collection("pay_evidence").find({"month": str(month)})
    rows = [row for chunk in chunks for row in bson.decode(zlib.decompress(chunk["packed"]), _AWARE)["rows"]]
    return sorted((_result(row) for row in rows), key=lambda row: row.episode_id)


def add_statement(uow: UnitOfWork, issued: IssuedStatement) -> None:
    """Keep a statement for good: there is no way to change one."""
    fields = {name: value for name, value in asdict(issued).items() if name != "id"}
    uow.collection("pay_statements").insert_one({**fields, "_id": issued.id, "month": str(issued.month)})


def get_statement(uow: UnitOfWork, statement_id: str) -> IssuedStatement:
    """One statement; raises NotFound."""
    found = uow.collection("pay_statements").find_one({"_id": statement_id})
    if found is None:
        raise NotFound("pay statement", statement_id)
    return _statement(found)


def statements_of(uow: UnitOfWork, therapist_ids: Sequence[str]) -> dict[str, list[IssuedStatement]]:
    """All statements of some therapists, each list in the order of issue."""
    by_therapist: dict[str, list[IssuedStatement]] = {therapist_id: [] for therapist_id in therapist_ids}
    for row in uow.collection("pay_statements").find({"therapist_id": {"$in": list(therapist_ids)}}):
        by_therapist[row["therapist_id"]].append(_statement(row))
    for issued in by_therapist.values():
        issued.sort(key=lambda statement: statement.sequence)
    return by_therapist


def statements_of_month(uow: UnitOfWork, month: Month) -> list[IssuedStatement]:
    """All statements of a month, by therapist."""
    found = uow.collection("pay_statements").find({"month": str(month)})
    return sorted((_statement(row) for row in found), key=lambda statement: statement.therapist_id)


def therapists_with_statements(uow: UnitOfWork, since: Month) -> set[str]:
    """Who got a statement for `since` or a later month."""
    found = uow.collection("pay_statements").find({"month": {"$gte": str(since)}}, projection={"therapist_id": 1})
    return {str(row["therapist_id"]) for row in found}


def statement_page(uow: UnitOfWork, query: Mapping[str, Any]) -> tuple[list[IssuedStatement], str | None]:
    """A page of statements, filtered by therapist_id and month."""
    wanted = {name: query[name] for name in ("therapist_id", "month") if query.get(name)}
    documents, cursor = find_page(uow.collection("pay_statements"), wanted, query)
    return [_statement(document) for document in documents], cursor


def _run_key(uow: UnitOfWork, month: Month) -> str:
    return f"{uow.practice_id}:{month}"


def _run(document: Document) -> PayRun:
    return from_document(PayRun, _without(document, "_id", "practice_id", "state"))


def _entry(document: Document) -> PayEntry:
    return from_document(PayEntry, _without(document, "_id", "practice_id"))


def _statement(document: Document) -> IssuedStatement:
    fields = _without(document, "_id", "practice_id")
    return IssuedStatement(
        **{**fields, "id": document["_id"], "month": Month.read(fields["month"]), "content": bytes(fields["content"])}
    )


def _result_document(result: EpisodeResult) -> Document:
    return {
        **asdict(result),
        "session_ids": list(result.session_ids),
        "excluded": [str(why) for why in result.excluded],
    }


def _result(row: Document) -> EpisodeResult:
    return replace(
        EpisodeResult(**{**row, "case_mix": CaseMix(**row["case_mix"])}),
        session_ids=tuple(row["session_ids"]),
        excluded=tuple(Exclusion(why) for why in row["excluded"]),
    )


def _without(document: Document, *names: str) -> Document:
    return {name: value for name, value in document.items() if name not in names}
