"""Asking the routing engine for the days that somebody is about to look at, and storing what it tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from time import monotonic

from fascia.store import UnitOfWork
from scheduling_svc.travel import atlases, store, telemetry
from scheduling_svc.travel.known_roads import KnownRoads
from scheduling_svc.travel.road_atlas import RoadAtlas
from scheduling_svc.travel.stored_matrix import MOST_STORED_PLACES, StoredMatrix
from scheduling_svc.travel.travel import Because
from scheduling_svc.workforce.place import Coordinates
from scheduling_svc.workforce.therapist import MAIN_REGION


@dataclass(frozen=True)
class Day:
    """A region's day: drive times between its places are kept together."""

    date: date
    region: str = MAIN_REGION


@dataclass(frozen=True)
class DayPlaces:
    """The places between which drives of a day may lead: bases, visits, and wherever one more visit may be."""

    day: Day
    places: frozenset[Coordinates]


def prepare(uow: UnitOfWork, atlas: RoadAtlas, days: Sequence[DayPlaces], patience_seconds: float) -> Because | None:
    """Learn and store what is missing of the days, reading what is stored of all in one trip.

    Returns why something is missing still.
    """
    missing = [asked for asked in days if not _is_ready(uow, atlas, asked)]
    if not missing:
        return None
    deadline = monotonic() + patience_seconds
    stored = store.read_matrices(uow, [(asked.day.date, asked.day.region) for asked in missing])
    fresh = [matrix for matrix in stored if matrix.is_fresh(uow.now)]
    KnownRoads(atlas.memory, lambda: fresh, store.place_key(uow)).recall(
        sorted(frozenset[Coordinates]().union(*(asked.places for asked in missing)), key=_by_place)
    )
    silences = [_learn(uow, atlas, asked, stored, deadline) for asked in missing]
    return next((because for because in silences if because is not None), None)


def _learn(
    uow: UnitOfWork, atlas: RoadAtlas, asked: DayPlaces, stored: Sequence[StoredMatrix], deadline: float
) -> Because | None:
    places = sorted(asked.places, key=_by_place)
    silence = atlas.learn(places, deadline - monotonic())
    if silence is not None:
        telemetry.fell_back(silence.value)
        return silence
    if len(places) <= MOST_STORED_PLACES:
        _store(uow, atlas, asked, places, stored)
    atlases.note_stored(_key(uow, asked.day), asked.places)
    return None


def _store(
    uow: UnitOfWork,
    atlas: RoadAtlas,
    asked: DayPlaces,
    places: Sequence[Coordinates],
    stored: Sequence[StoredMatrix],
) -> None:
    memory, key = atlas.memory, store.place_key(uow)
    by_key = {key(place): place for place in places}
    lost = frozenset(name for name, place in by_key.items() if memory.is_unreachable(place))

    def add(matrix: StoredMatrix) -> StoredMatrix:
        return matrix.with_places(list(by_key), lambda a, b: memory.leg(by_key[a], by_key[b]), lost, uow.now)

    store.add_to_matrix(uow, asked.day.date, asked.day.region, add, stored)


def _is_ready(uow: UnitOfWork, atlas: RoadAtlas, asked: DayPlaces) -> bool:
    return atlases.is_stored(_key(uow, asked.day), asked.places) and not atlas.memory.incomplete(tuple(asked.places))


def _key(uow: UnitOfWork, day: Day) -> atlases.DayKey:
    return uow.database.name, uow.practice_id, day.date, day.region


def _by_place(place: Coordinates) -> tuple[float, float]:
    return place.latitude, place.longitude
