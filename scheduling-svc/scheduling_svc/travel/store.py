"""Where drive times and their calibrations are kept. A place is a keyed hash: nobody's home can be read from it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta

from bson import Binary
from pymongo.errors import DuplicateKeyError

from fascia.problem import StaleVersion
from fascia.store import Document, Index, UnitOfWork
from scheduling_svc.travel.stored_matrix import StoredMatrix
from scheduling_svc.workforce.place import Coordinates

KEPT = timedelta(days=120)
"""After its day a matrix is still of use: a calibration holds the drives that were made against it."""

INDEXES = (
    Index("travel_matrices", (("expires_at", 1),), expire_after=0),
    Index("travel_matrices", (("practice_id", 1), ("_id", 1))),
)
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
    ids = sorted({_id(uow, day, region) for day, region in days})
    found = uow.collection("travel_matrices").find({"_id": {"$in": ids}}) if ids else []
    return [_matrix(document) for document in found]


def add_to_matrix(uow: UnitOfWork, day: date, region: str, add: Callable[[StoredMatrix], StoredMatrix]) -> None:
    """Store what `add` makes of the day's matrix, outside a transaction.

    Whoever loses a race adds to what the winner stored; after several lost races it is left: nothing but time is lost.
    """
    for _ in range(_ATTEMPTS):
        known = next(iter(read_matrices(uow, [(day, region)])), StoredMatrix(_id(uow, day, region)))
        changed = add(known)
        if changed is known:
            return
        try:
            _save(uow, changed, _midnight(day) + KEPT)
        except (StaleVersion, DuplicateKeyError):
            continue
        return


def _save(uow: UnitOfWork, matrix: StoredMatrix, expires_at: datetime) -> None:
    document: Document = {
        "_id": matrix.id,
        "version": matrix.version + 1,
        "places": list(matrix.places),
        "cells": Binary(array("i", matrix.cells).tobytes()),
        "unreachable": sorted(matrix.unreachable),
        "asked_at": uow.now,
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
    return StoredMatrix(document["_id"], tuple(document["places"]), cells, unreachable, document["version"])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _id(uow: UnitOfWork, day: date, region: str) -> str:
    return f"{uow.practice_id}:{day.isoformat()}:{region}"
