"""Where a use case gets the practice's drive times."""

from __future__ import annotations

from collections.abc import Iterable

from fascia.problem import Conflict
from fascia.store import UnitOfWork
from scheduling_svc.travel import store
from scheduling_svc.travel.atlases import atlas_of
from scheduling_svc.travel.known_roads import KnownRoads
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.travel.preparing import Day, DayPlaces, prepare
from scheduling_svc.travel.travel import Because, Travel
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import Coordinates

__all__ = ["PATIENCE_SECONDS", "Day", "DayPlaces", "prepared_travel", "require_reachable", "travel_for"]

PATIENCE_SECONDS = 3.0
"""How long somebody who asks for offers waits for the roads in all."""


def travel_for(
    uow: UnitOfWork, directory: Directory, days: Iterable[Day] = (), *, silence: Because = Because.NOT_STORED
) -> PracticeTravel:
    """Drive times by what is known or stored of the days: safe in a transaction. What nobody has asked is estimated.

    silence: why something may be missing.
    """
    atlas = atlas_of(uow.settings)
    if atlas is None:
        return PracticeTravel(directory.practice)
    named = [(day.date, day.region) for day in days]
    roads = KnownRoads(atlas.memory, lambda: store.read_matrices(uow, named), store.place_key(uow), silence)
    return PracticeTravel(directory.practice, roads)


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
    silence = prepare(uow, atlas, wanted, patience_seconds)
    return travel_for(uow, directory, [asked.day for asked in wanted], silence=silence or Because.NOT_STORED)


def require_reachable(travel: Travel, place: Coordinates) -> None:
    """Raise Conflict for a place to which no road leads."""
    if not travel.reaches(place):
        raise Conflict(
            "address-unreachable",
            "No road leads to the patient's address, so nobody can be sent there.",
            "setting",
            "Check the coordinates of the patient's address, or book at a location.",
        )
