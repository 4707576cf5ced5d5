"""Where a use case gets the practice's drive times."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from fascia.problem import Conflict
from fascia.runtime import Runtime
from fascia.settings import ServiceSettings
from fascia.store import UnitOfWork
from scheduling_svc.settings import scheduling_settings
from scheduling_svc.travel import store, telemetry
from scheduling_svc.travel.known_roads import KnownRoads
from scheduling_svc.travel.osrm import Osrm
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.travel.proposal import Settings
from scheduling_svc.travel.road_atlas import RoadAtlas
from scheduling_svc.travel.stored_matrix import MOST_STORED_PLACES, StoredMatrix
from scheduling_svc.travel.travel import Because, Source, Travel
from scheduling_svc.workforce import store as workforce
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import Coordinates
from scheduling_svc.workforce.therapist import MAIN_REGION

PATIENCE_SECONDS = 3.0
"""How long somebody who asks for offers waits for the roads in all."""


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


def travel_for(uow: UnitOfWork, directory: Directory, days: Iterable[Day] = ()) -> PracticeTravel:
    """Drive times by what is known or stored of the days: safe in a transaction. What nobody has asked is estimated."""
    atlas = atlas_of(uow.settings)
    if atlas is None:
        return PracticeTravel(directory.practice)
    return PracticeTravel(directory.practice, _known(uow, atlas, days))


def prepared_travel(
    uow: UnitOfWork, directory: Directory, days: Iterable[DayPlaces], patience_seconds: float = PATIENCE_SECONDS
) -> PracticeTravel:
    """Drive times after the routing engine was asked for all that is missing between the places of each day.

    What it told is stored, so that a booking that follows judges by the same times. An engine that is away or slow is
    no error: what is missing is estimated, and `basis()` says so. It waits for HTTP, so it raises RuntimeError inside a
    transaction.
    """
    if uow.session is not None:
        raise RuntimeError("the routing engine is asked before a transaction, never inside one")
    atlas = atlas_of(uow.settings)
    if atlas is None:
        return PracticeTravel(directory.practice)
    wanted = [asked for asked in days if len(asked.places) > 1]
    roads = _known(uow, atlas, [asked.day for asked in wanted])
    silences = [_prepare(uow, atlas, asked, patience_seconds) for asked in wanted]
    roads.silence = next((why for why in silences if why is not None), Because.NOT_STORED)
    return PracticeTravel(directory.practice, roads)


def require_reachable(travel: Travel, place: Coordinates) -> None:
    """Raise Conflict for a place to which no road leads."""
    if not travel.reaches(place):
        raise Conflict(
            "address-unreachable",
            "No road leads to the patient's address, so nobody can be sent there.",
            "setting",
            "Check the coordinates of the patient's address, or book at a location.",
        )


def describe(uow: UnitOfWork) -> dict[str, Any]:
    """Where the practice's drive times come from."""
    practice = workforce.directory(uow).practice
    atlas = atlas_of(uow.settings)
    calibration = store.last_calibration(uow)
    settings = Settings.of(practice)
    return {
        "source": Source.ESTIMATE if atlas is None else Source.ROADS,
        "roads": None if atlas is None else atlas.state(),
        "circuity": practice.circuity,
        "settings": settings,
        "calibration": calibration,
        "calibrated": calibration is not None and calibration.proposed == settings,
    }


def health(runtime: Runtime) -> dict[str, Any]:
    """For whoever watches the service: which drive times it uses, and whether the routing engine answers."""
    atlas = atlas_of(runtime.settings)
    if atlas is None:
        return {"travel": {"source": Source.ESTIMATE.value}}
    state = atlas.state()
    source = Source.ROADS if state["answers"] else Source.ESTIMATE
    return {"travel": {"source": source.value, **state, "known_legs": len(atlas.memory)}}


def atlas_of(settings: ServiceSettings) -> RoadAtlas | None:
    """This process's knowledge of the roads; None where no routing engine is set up."""
    own = scheduling_settings(settings)
    if not own.osrm_url:
        return None
    named = (own.osrm_url, own.osrm_timeout_seconds, own.osrm_table_size)
    with _lock:
        if named not in _atlases:
            _atlases[named] = RoadAtlas(Osrm(own.osrm_url, own.osrm_timeout_seconds), own.osrm_table_size)
        return _atlases[named]


_atlases: dict[tuple[str, float, int], RoadAtlas] = {}
_stored: OrderedDict[tuple[str, str, Day], frozenset[Coordinates]] = OrderedDict()
"""Of which places this process has seen the day's matrix stored: what it need not look up again."""
_MOST_DAYS = 2_000
_lock = threading.Lock()


def _known(uow: UnitOfWork, atlas: RoadAtlas, days: Iterable[Day]) -> KnownRoads:
    named = [(day.date, day.region) for day in days]
    return KnownRoads(atlas.memory, lambda: store.read_matrices(uow, named), store.place_key(uow))


def _prepare(uow: UnitOfWork, atlas: RoadAtlas, asked: DayPlaces, patience_seconds: float) -> Because | None:
    """Learn and store what is missing. Returns why something still is."""
    place = (uow.database.name, uow.practice_id, asked.day)
    places = sorted(asked.places, key=lambda at: (at.latitude, at.longitude))
    with _lock:
        is_stored = asked.places <= _stored.get(place, frozenset())
    if is_stored and not atlas.memory.incomplete(places):
        return None
    if atlas.memory.incomplete(places):
        _known(uow, atlas, [asked.day]).recall(places)
    silence = atlas.learn(places, patience_seconds)
    if silence is not None:
        telemetry.fell_back(silence.value)
    if len(places) <= MOST_STORED_PLACES:
        _store(uow, atlas, asked, places)
    if silence is None:
        with _lock:
            _stored[place] = _stored.get(place, frozenset()) | asked.places
            _stored.move_to_end(place)
            while len(_stored) > _MOST_DAYS:
                _stored.popitem(last=False)
    return silence


def _store(uow: UnitOfWork, atlas: RoadAtlas, asked: DayPlaces, places: list[Coordinates]) -> None:
    memory, key = atlas.memory, store.place_key(uow)
    by_key = {key(place): place for place in places}
    lost = frozenset(name for name, place in by_key.items() if memory.is_unreachable(place))

    def add(matrix: StoredMatrix) -> StoredMatrix:
        return matrix.with_places(list(by_key), lambda a, b: memory.leg(by_key[a], by_key[b]), lost)

    store.add_to_matrix(uow, asked.day.date, asked.day.region, add)
