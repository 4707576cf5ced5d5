"""The inbox: which events a consumer has taken effect of. Inserted first in the transaction of the effect."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from fascia.backbone.event import Event
from fascia.store.unit_of_work import UnitOfWork


def record(uow: UnitOfWork, consumer: str, event: Event) -> None:
    """Claim an event for a consumer; DuplicateKeyError means that it took effect before."""
    uow.database["inbox"].insert_one(
        {"_id": _row_id(consumer, event.id), "type": event.type, "at": uow.now}, session=uow.session
    )


def give_up(
    database: Database[dict[str, Any]], consumer: str, event_id: str, at: datetime, session: ClientSession
) -> None:
    """An operator decided that an event takes no effect here, also when it is delivered once more."""
    row = {"_id": _row_id(consumer, event_id)}
    database["inbox"].update_one(row, {"$setOnInsert": {"given_up": True, "at": at}}, upsert=True, session=session)


def received(database: Database[dict[str, Any]], consumer: str, event_ids: Iterable[str]) -> set[str]:
    """Those of `event_ids` that took effect here."""
    wanted = {_row_id(consumer, event_id): event_id for event_id in event_ids}
    rows = database["inbox"].find({"_id": {"$in": sorted(wanted)}}, {"_id": 1})
    return {wanted[row["_id"]] for row in rows}


def _row_id(consumer: str, event_id: str) -> str:
    return f"{consumer}/{event_id}"
