"""Visits that are expected before anybody has called: places of the past, put into the days to come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from scheduling_svc.routing.therapist_day import Stop
from scheduling_svc.travel.great_circle import great_circle_km
from scheduling_svc.workforce.place import MOBILE, Coordinates

_OTHER_SKILLS_KM = 10.0
"""How much nearer somebody must live to stand for an expected visit that needs other skills."""


@dataclass(frozen=True)
class ExpectedVisit:
    """A visit like those of the past. `therapist_id` None: no run of its day has room for it at present."""

    id: str
    place: Coordinates
    service_type: str
    minutes: int
    skills: tuple[str, ...] = ()
    therapist_id: str | None = None
    starts_at: datetime | None = None


@dataclass(frozen=True)
class Place:
    """Where a plan put an expected visit."""

    therapist_id: str
    date: date
    starts_at: datetime


@dataclass(frozen=True)
class ExpectedDay:
    """What a region expects of a day. `answered`: appointments that stand for one of its visits already."""

    region: str
    date: date
    visits: tuple[ExpectedVisit, ...] = ()
    answered: frozenset[str] = frozenset()
    version: int = 0

    def answered_by(self, stops: Iterable[Stop]) -> ExpectedDay:
        """Each visit that was booked since is the one that was expected nearest to it, which is expected no more."""
        visits, answered = list(self.visits), set(self.answered)
        for stop in stops:
            if stop.id in answered or stop.setting != MOBILE:
                continue
            answered.add(stop.id)
            if visits:
                visits.remove(min(visits, key=lambda one, stop=stop: _distance(one, stop)))  # type: ignore[misc]
        return replace(self, visits=tuple(visits), answered=frozenset(answered))

    def placed(self, places: Mapping[str, Place]) -> ExpectedDay:
        """As a plan put them; what it left out has no place."""
        return replace(self, visits=tuple(_placed(visit, places.get(visit.id)) for visit in self.visits))


def _placed(visit: ExpectedVisit, place: Place | None) -> ExpectedVisit:
    if place is None:
        return replace(visit, therapist_id=None, starts_at=None)
    return replace(visit, therapist_id=place.therapist_id, starts_at=place.starts_at)


def _distance(visit: ExpectedVisit, stop: Stop) -> float:
    other = 0.0 if set(visit.skills) == set(stop.skills) else _OTHER_SKILLS_KM
    return great_circle_km(visit.place, stop.place) + other
