"""What is done for a booking before its transaction begins: the roads are asked about its address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from fascia.localtime import local_date
from fascia.problem import Problem
from fascia.store import UnitOfWork
from scheduling_svc.patients import store as patients
from scheduling_svc.routing import store as routing
from scheduling_svc.store import read
from scheduling_svc.travel.atlases import atlas_of
from scheduling_svc.travel.supplying import Day, DayPlaces, prepared_travel
from scheduling_svc.workforce import store as workforce
from scheduling_svc.workforce.place import MOBILE, Coordinates
from scheduling_svc.workforce.therapist import Therapist


def ask_roads(uow: UnitOfWork, body: Any, **_: Any) -> None:
    """Have the drives of a slot's day stored, so that the booking judges by the road.

    `body` is the request as it came, unchecked: whatever is wrong with it is left for the booking to say.
    """
    if atlas_of(uow.settings) is None or not isinstance(body, dict):
        return
    slot = body.get("slot") or body
    try:
        if slot["setting"] == MOBILE:
            _ask(uow, slot)
    except (Problem, ArithmeticError, LookupError, TypeError, ValueError):
        return


def _ask(uow: UnitOfWork, slot: Mapping[str, Any]) -> None:
    directory = workforce.directory(uow)
    key = patients.key(str(slot["patient_id"]))
    home = patients.among(uow, read(uow, [key]), str(slot["patient_id"])).registered().address
    if home is None or home.coordinates is None:
        return
    named = [slot["therapist_id"], slot.get("second_therapist_id")]
    therapists = [directory.therapist(str(id_)) for id_ in named if id_ is not None]
    asked = [_places(uow, therapist, _day(slot, therapist), home.coordinates) for therapist in therapists]
    prepared_travel(uow, directory, asked)


def _day(slot: Mapping[str, Any], therapist: Therapist) -> date:
    """The local day, by the moment or by the wall time."""
    if slot.get("starts_at") is not None:
        return local_date(datetime.fromisoformat(str(slot["starts_at"])), therapist.time_zone)
    return datetime.fromisoformat(str(slot["local_start"])).date()


def _places(uow: UnitOfWork, therapist: Therapist, on: date, home: Coordinates) -> DayPlaces:
    day = routing.calendars(uow, [routing.day_owner(therapist.id, on)]).day(therapist.id, on)
    return DayPlaces(Day(on, therapist.region), frozenset({therapist.home, home, *(stop.place for stop in day.stops)}))
