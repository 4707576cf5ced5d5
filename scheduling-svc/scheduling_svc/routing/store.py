"""Where therapist days, the calendars of patients and rooms, and published routes are kept.

Places of homes, names and addresses are sealed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from fascia.problem import NotFound
from fascia.store import Document, Index, UnitOfWork
from fascia.web.pages import find_page
from scheduling_svc.routing.calendar import Calendar, Entry
from scheduling_svc.routing.promise import Promise
from scheduling_svc.routing.route import Route, RouteStop
from scheduling_svc.routing.therapist_day import DayStatus, Stop, TherapistDay
from scheduling_svc.store import Change, Documents, read, write
from scheduling_svc.workforce.place import Address, Coordinates
from scheduling_svc.workforce.store import from_shift, shift_of

# Moments of a route's stop, kept beside what is sealed.
_TIMES = ("starts_at", "ends_at", "promised_from", "promised_until")
INDEXES = (Index("routes", (("practice_id", 1), ("therapist_id", 1), ("_id", 1))),)


def day_owner(therapist_id: str, day: date) -> str:
    """The key of a therapist's day."""
    return f"therapist:{therapist_id}:{day.isoformat()}"


class Calendars:
    """The days and calendars among aggregates that were read."""

    def __init__(self, uow: UnitOfWork, documents: Documents) -> None:
        self._uow = uow
        self._documents = documents

    def days(self) -> list[TherapistDay]:
        """Every day among them that is stored."""
        return [_day(self._uow, document) for document in self._documents.values() if "therapist_id" in document]

    def day(self, therapist_id: str, day: date) -> TherapistDay:
        """A day, an empty one where none is stored."""
        document = self._documents.get(day_owner(therapist_id, day))
        return _day(self._uow, document) if document else TherapistDay(therapist_id, day)

    def calendar(self, owner: str) -> Calendar:
        """A calendar, an empty one where none is stored."""
        document = self._documents.get(owner)
        if document is None:
            return Calendar(owner)
        entries = tuple(Entry(**entry) for entry in document["entries"])
        return Calendar(owner, document["version"], entries)


def calendars(uow: UnitOfWork, owners: Iterable[str]) -> Calendars:
    """Read days and calendars by their owners."""
    return Calendars(uow, read(uow, owners))


def worked_seconds(uow: UnitOfWork, owners: Iterable[str]) -> dict[str, int]:
    """How long the visits of several days take, by therapist; no place is opened for it."""
    worked: dict[str, int] = {}
    for document in read(uow, owners).values():
        length = sum((stop["ends_at"] - stop["starts_at"]).total_seconds() for stop in document["stops"])
        worked[document["therapist_id"]] = worked.get(document["therapist_id"], 0) + int(length)
    return worked


def change(uow: UnitOfWork, changed: TherapistDay | Calendar) -> Change:
    """The new state of a day or calendar, to be written with others."""
    if isinstance(changed, TherapistDay):
        return Change(day_owner(changed.therapist_id, changed.date), _from_day(uow, changed), changed.version)
    entries = [dict(vars(entry)) for entry in changed.entries]
    return Change(changed.owner, {"entries": entries}, changed.version)


def save(uow: UnitOfWork, changed: TherapistDay | Calendar) -> None:
    """Write a day or a calendar; raises StaleVersion."""
    write(uow, change(uow, changed))


def save_route(uow: UnitOfWork, route: Route) -> None:
    """Keep a revision."""
    private = [{**vars(stop), **dict.fromkeys(_TIMES), "address": _from_address(stop)} for stop in route.stops]
    key = _route_key(uow, route.therapist_id, route.date, route.revision)
    document = {
        "_id": key,
        "therapist_id": route.therapist_id,
        "date": route.date.isoformat(),
        "time_zone": route.time_zone,
        "revision": route.revision,
        "published_at": route.published_at,
        "times": [[getattr(stop, name) for name in _TIMES] for stop in route.stops],
        "sealed": uow.keyring.seal_json(private, key),
        "added": list(route.added),
        "removed": list(route.removed),
    }
    uow.collection("routes").insert_one(document)


def get_route(uow: UnitOfWork, therapist_id: str, day: date, revision: int) -> Route:
    """A revision of a day; raises NotFound."""
    found = uow.collection("routes").find_one({"_id": _route_key(uow, therapist_id, day, revision)})
    if found is None:
        raise NotFound("published route", f"{therapist_id}:{day.isoformat()}")
    return _route(uow, found)


def revisions(uow: UnitOfWork, therapist_id: str, day: date) -> list[Route]:
    """Every revision of a day, the latest last."""
    first, last = (_route_key(uow, therapist_id, day, number) for number in (0, 999_999))
    found = uow.collection("routes").find({"_id": {"$gte": first, "$lte": last}}, sort=[("_id", 1)])
    return [_route(uow, document) for document in found]


def routes_page(uow: UnitOfWork, query: dict[str, Any]) -> tuple[list[Route], str | None]:
    """Revisions by therapist, day and number."""
    wanted = {"therapist_id": query["therapist_id"]} if query.get("therapist_id") else {}
    documents, next_cursor = find_page(uow.collection("routes"), wanted, query)
    return [_route(uow, document) for document in documents], next_cursor


def _day(uow: UnitOfWork, document: Document) -> TherapistDay:
    return TherapistDay(
        therapist_id=document["therapist_id"],
        date=date.fromisoformat(document["date"]),
        version=document["version"],
        status=DayStatus(document["status"]),
        revision=document["revision"],
        shifts=tuple(shift_of(shift) for shift in document["shifts"]),
        stops=tuple(_stop(uow, stop) for stop in document["stops"]),
    )


def _from_day(uow: UnitOfWork, day: TherapistDay) -> Document:
    return {
        "therapist_id": day.therapist_id,
        "date": day.date.isoformat(),
        "status": day.status.value,
        "revision": day.revision,
        "shifts": [from_shift(shift) for shift in day.shifts],
        "stops": [_from_stop(uow, stop) for stop in day.stops],
    }


def _stop(uow: UnitOfWork, document: Document) -> Stop:
    place = uow.keyring.open_json(document["place"], _key(uow, f"stop:{document['id']}"))
    promise = document.get("promise")
    own = {"place": Coordinates(*place), "skills": tuple(document.get("skills", ()))}
    return Stop(**{**document, **own, "promise": Promise(*promise) if promise else None})


def _from_stop(uow: UnitOfWork, stop: Stop) -> Document:
    place = [stop.place.latitude, stop.place.longitude]
    own = {
        "place": uow.keyring.seal_json(place, _key(uow, f"stop:{stop.id}")),
        "promise": [stop.promise.earliest, stop.promise.latest] if stop.promise else None,
        "skills": list(stop.skills),
    }
    return {**vars(stop), **own}


def _route(uow: UnitOfWork, document: Document) -> Route:
    private = uow.keyring.open_json(document["sealed"], document["_id"])
    stops = [
        # Older documents have the first two times alone.
        RouteStop(**{**stop, **dict(zip(_TIMES, times, strict=False)), "address": _address(stop["address"])})
        for stop, times in zip(private, document["times"], strict=True)
    ]
    return Route(
        therapist_id=document["therapist_id"],
        date=date.fromisoformat(document["date"]),
        time_zone=document["time_zone"],
        revision=document["revision"],
        published_at=document["published_at"],
        stops=tuple(stops),
        added=tuple(document["added"]),
        removed=tuple(document["removed"]),
    )


def _from_address(stop: RouteStop) -> Document | None:
    if stop.address is None:
        return None
    at = stop.address.coordinates
    return {**vars(stop.address), "coordinates": [at.latitude, at.longitude] if at else None}


def _address(document: Document | None) -> Address | None:
    if document is None:
        return None
    at = document["coordinates"]
    return Address(**{**document, "coordinates": Coordinates(*at) if at else None})


def _route_key(uow: UnitOfWork, therapist_id: str, day: date, revision: int) -> str:
    return _key(uow, f"{therapist_id}:{day.isoformat()}:{revision:06d}")


def _key(uow: UnitOfWork, owner: str) -> str:
    return f"{uow.practice_id}:{owner}"
