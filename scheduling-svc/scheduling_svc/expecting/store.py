"""Where expected days are kept, one document for a region's day. Places are sealed: they were somebody's home."""

from __future__ import annotations

from datetime import date
from typing import Any

from fascia.store import Document, UnitOfWork
from scheduling_svc.expecting.expected import ExpectedDay, ExpectedVisit
from scheduling_svc.store import Change, Documents, write
from scheduling_svc.workforce.place import Coordinates


def key(region: str, on: date) -> str:
    """The key of a region's day."""
    return f"expected:{region}:{on.isoformat()}"


def among(uow: UnitOfWork, documents: Documents, region: str, on: date) -> ExpectedDay | None:
    """What is expected of a day, from aggregates that were read; None where nobody has reckoned it."""
    document = documents.get(key(region, on))
    if document is None:
        return None
    opened = uow.keyring.open_json(document["sealed"], _context(uow, region, on))
    visits = tuple(_visit(one, starts_at) for one, starts_at in zip(opened, document["starts"], strict=True))
    return ExpectedDay(region, on, visits, frozenset(document["answered"]), document["version"])


def save(uow: UnitOfWork, day: ExpectedDay) -> None:
    """Write it; raises StaleVersion, or DuplicateKeyError where another process was first."""
    private = [{**vars(visit), "place": _pair(visit.place), "starts_at": None} for visit in day.visits]
    fields: Document = {
        "starts": [visit.starts_at for visit in day.visits],
        "answered": sorted(day.answered),
        "sealed": uow.keyring.seal_json(private, _context(uow, day.region, day.date)),
    }
    write(uow, Change(key(day.region, day.date), fields, day.version))


def _visit(fields: dict[str, Any], starts_at: Any) -> ExpectedVisit:
    own = {"place": Coordinates(*fields["place"]), "skills": tuple(fields["skills"]), "starts_at": starts_at}
    return ExpectedVisit(**{**fields, **own})


def _pair(place: Coordinates) -> list[float]:
    return [place.latitude, place.longitude]


def _context(uow: UnitOfWork, region: str, on: date) -> str:
    return f"expected:{uow.practice_id}:{region}:{on.isoformat()}"
