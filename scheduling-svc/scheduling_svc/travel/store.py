"""Where drive times and their calibrations are kept. A place is a keyed hash: nobody's home can be read from it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bson import Binary
from pymongo.errors import DuplicateKeyError

from fascia.problem import NotFound, StaleVersion
from fascia.store import Document, Index, UnitOfWork
from fascia.web.pages import find_page
from scheduling_svc.travel.calibration import Error
from scheduling_svc.travel.proposal import Evidence, Proposal, Settings
from scheduling_svc.travel.stored_matrix import StoredMatrix
from scheduling_svc.workforce.place import Coordinates

KEPT = timedelta(days=120)
"""After its day a matrix is still of use: a calibration holds the drives that were made against it."""

INDEXES = (
    Index("travel_matrices", (("expires_at", 1),), expire_after=0),
    Index("travel_matrices", (("practice_id", 1), ("_id", 1))),
    Index("travel_calibrations", (("practice_id", 1), ("_id", 1))),
    Index("travel_calibrations", (("practice_id", 1), ("applied_at", 1))),
)
_BY_HOUR = ("kmh_by_hour", "road_factor_by_hour")
_KEY_DIGITS = 24
_ATTEMPTS = 3


def place_key(uow: UnitOfWork) -> Callable[[Coordinates], str]:
    """Names places of this practice: by about a metre, and the same for nobody else."""

    def key(place: Coordinates) -> str:
        text = f"place:{uow.practice_id}:{place.latitude:.5f},{place.longitude:.5f}"
        return uow.keyring.blind_index(text)[:_KEY_DIGITS]

    return key


def read_matrices(uow: UnitOfWork, days: Iterable[tuple[date, str]]) -> list[StoredMatrix]:
    """The matrices of several regions' days, those that are stored."""
    ids = sorted({matrix_id(uow, day, region) for day, region in days})
    found = uow.collection("travel_matrices").find({"_id": {"$in": ids}}) if ids else []
    return [_matrix(document) for document in found]


def add_to_matrix(
    uow: UnitOfWork,
    day: date,
    region: str,
    add: Callable[[StoredMatrix], StoredMatrix],
    read: Iterable[StoredMatrix] = (),
) -> None:
    """Store what `add` makes of the day's matrix, outside a transaction; it may be among those that were just read.

    Whoever loses a race adds to what the winner stored; after several lost races it is left: nothing but time is lost.
    """
    id_ = matrix_id(uow, day, region)
    was_read = next((matrix for matrix in read if matrix.id == id_), StoredMatrix(id_))
    for attempt in range(_ATTEMPTS):
        known = next(iter(read_matrices(uow, [(day, region)])), StoredMatrix(id_)) if attempt else was_read
        changed = add(known)
        if changed is known:
            return
        try:
            _save_matrix(uow, changed, _midnight(day) + KEPT)
        except (StaleVersion, DuplicateKeyError):
            continue
        return


def save_calibration(uow: UnitOfWork, proposal: Proposal) -> Proposal:
    """Write a calibration; raises StaleVersion. Returns it as it is now stored."""
    document: Document = {
        "_id": proposal.id,
        "version": proposal.version + 1,
        "first": proposal.first.isoformat(),
        "last": proposal.last.isoformat(),
        "made_at": proposal.made_at,
        "based_on": _from_settings(proposal.based_on),
        "proposed": _from_settings(proposal.proposed),
        "estimate": _from_evidence(proposal.estimate),
        "roads": _from_evidence(proposal.roads) if proposal.roads else None,
        "doubts": dict(proposal.doubts),
        "applied_at": proposal.applied_at,
    }
    if proposal.version == 0:
        uow.collection("travel_calibrations").insert_one(document)
    else:
        uow.collection("travel_calibrations").replace(document, expected_version=proposal.version)
    return replace(proposal, version=proposal.version + 1)


def get_calibration(uow: UnitOfWork, id_: str) -> Proposal:
    """Raises NotFound."""
    found = uow.collection("travel_calibrations").find_one({"_id": id_})
    if found is None:
        raise NotFound("calibration", id_)
    return _proposal(found)


def last_calibration(uow: UnitOfWork) -> Proposal | None:
    """The calibration whose settings came into force last."""
    applied = uow.collection("travel_calibrations").find(
        {"applied_at": {"$lte": uow.now}}, sort=[("applied_at", -1)], limit=1
    )
    return _proposal(applied[0]) if applied else None


def calibrations_page(uow: UnitOfWork, query: dict[str, Any]) -> tuple[list[Proposal], str | None]:
    """Calibrations, newest first."""
    documents, next_cursor = find_page(uow.collection("travel_calibrations"), {}, query, newest_first=True)
    return [_proposal(document) for document in documents], next_cursor


def _save_matrix(uow: UnitOfWork, matrix: StoredMatrix, expires_at: datetime) -> None:
    document: Document = {
        "_id": matrix.id,
        "version": matrix.version + 1,
        "places": list(matrix.places),
        "cells": Binary(array("i", matrix.cells).tobytes()),
        "unreachable": sorted(matrix.unreachable),
        "asked_at": matrix.asked_at,
        "expires_at": expires_at,
    }
    if matrix.version == 0:
        uow.collection("travel_matrices").insert_one(document)
    else:
        uow.collection("travel_matrices").replace(document, expected_version=matrix.version)


def _matrix(document: Document) -> StoredMatrix:
    cells = array("i")
    cells.frombytes(bytes(document["cells"]))
    unreachable = frozenset(document["unreachable"])
    places, asked_at = tuple(document["places"]), document["asked_at"]
    return StoredMatrix(document["_id"], places, cells, unreachable, asked_at, document["version"])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def matrix_id(uow: UnitOfWork, day: date, region: str) -> str:
    """The key of a region's day."""
    return f"{uow.practice_id}:{day.isoformat()}:{region}"


def _proposal(document: Document) -> Proposal:
    roads = document["roads"]
    return Proposal(
        id=document["_id"],
        first=date.fromisoformat(document["first"]),
        last=date.fromisoformat(document["last"]),
        made_at=document["made_at"],
        based_on=_settings(document["based_on"]),
        proposed=_settings(document["proposed"]),
        estimate=_evidence(document["estimate"]),
        roads=_evidence(roads) if roads else None,
        doubts=document["doubts"],
        applied_at=document["applied_at"],
        version=document["version"],
    )


def _from_settings(settings: Settings) -> Document:
    return {**vars(settings), **{name: list(getattr(settings, name)) for name in _BY_HOUR}}


def _settings(document: Document) -> Settings:
    return Settings(**{**document, **{name: tuple(document[name]) for name in _BY_HOUR}})


def _from_evidence(evidence: Evidence) -> Document:
    return {"drives": evidence.drives, "before": vars(evidence.before), "after": vars(evidence.after)}


def _evidence(document: Document) -> Evidence:
    return Evidence(document["drives"], Error(**document["before"]), Error(**document["after"]))
