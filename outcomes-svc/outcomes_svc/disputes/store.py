"""Disputes in MongoDB. What people wrote is sealed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from fascia.problem import NotFound
from fascia.store.indexes import Index
from fascia.store.tenant_collection import Document
from fascia.store.unit_of_work import UnitOfWork
from fascia.web.pages import find_page
from outcomes_svc.disputes.dispute import Dispute, DisputeState
from outcomes_svc.pay.codec import from_document, to_document
from outcomes_svc.pay.correction import Ruling
from outcomes_svc.pay.month import Month

INDEXES = (
    Index("pay_disputes", (("practice_id", 1), ("therapist_id", 1), ("state", 1))),
    Index("pay_disputes", (("practice_id", 1), ("statement_id", 1))),
)
_WRITTEN = ("reason", "explanation")


def add_dispute(uow: UnitOfWork, dispute: Dispute) -> None:
    """Keep a new dispute."""
    uow.collection("pay_disputes").insert_one(_document(uow, dispute))


def save_dispute(uow: UnitOfWork, dispute: Dispute) -> None:
    """Keep the next version; raises StaleVersion."""
    uow.collection("pay_disputes").replace(_document(uow, dispute), expected_version=dispute.version - 1)


def get_dispute(uow: UnitOfWork, dispute_id: str) -> Dispute:
    """One dispute; raises NotFound."""
    found = uow.collection("pay_disputes").find_one({"_id": dispute_id})
    if found is None:
        raise NotFound("dispute", dispute_id)
    return _dispute(uow, found)


def open_about(uow: UnitOfWork, statement_id: str) -> Dispute | None:
    """The dispute about a statement that is still open, or None."""
    query = {"statement_id": statement_id, "state": DisputeState.OPEN}
    found = uow.collection("pay_disputes").find_one(query)
    return _dispute(uow, found) if found else None


def dispute_page(uow: UnitOfWork, query: Mapping[str, Any]) -> tuple[list[Dispute], str | None]:
    """A page of disputes, filtered by therapist_id, statement_id and state."""
    wanted = {name: query[name] for name in ("therapist_id", "statement_id", "state") if query.get(name)}
    documents, cursor = find_page(uow.collection("pay_disputes"), wanted, query)
    return [_dispute(uow, document) for document in documents], cursor


def rulings_of(uow: UnitOfWork, therapist_ids: Sequence[str]) -> dict[str, dict[Month, dict[str, Ruling]]]:
    """What upheld disputes fixed, by therapist, month and line; of two about one line the later one counts."""
    query = {"therapist_id": {"$in": list(therapist_ids)}, "state": DisputeState.UPHELD}
    upheld = [_dispute(uow, document) for document in uow.collection("pay_disputes").find(query)]
    found: dict[str, dict[Month, dict[str, Ruling]]] = defaultdict(lambda: defaultdict(dict))
    for dispute in sorted(upheld, key=lambda dispute: (dispute.decided_at or dispute.opened_at, dispute.id)):
        found[dispute.therapist_id][dispute.month].update({ruling.key: ruling for ruling in dispute.rulings})
    return found


def _document(uow: UnitOfWork, dispute: Dispute) -> Document:
    fields = to_document(dispute)
    written = {name: fields.pop(name) for name in _WRITTEN}
    return {**fields, "_id": dispute.id, "written": uow.keyring.seal_json(written, f"dispute:{dispute.id}")}


def _dispute(uow: UnitOfWork, document: Document) -> Dispute:
    fields = {name: value for name, value in document.items() if name not in ("_id", "practice_id", "written")}
    return from_document(
        Dispute, {**fields, **uow.keyring.open_json(document["written"], f"dispute:{document['_id']}")}
    )
