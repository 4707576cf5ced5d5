"""This process's knowledge of the roads: one atlas per routing engine, made when it is first needed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import date

from fascia.settings import ServiceSettings
from scheduling_svc.settings import scheduling_settings
from scheduling_svc.travel.osrm import Osrm
from scheduling_svc.travel.road_atlas import RoadAtlas
from scheduling_svc.workforce.place import Coordinates

DayKey = tuple[str, str, date, str]
"""Database, practice, date, region."""

_MOST_DAYS = 2_000
_atlases: dict[tuple[str, float, int], RoadAtlas] = {}
_stored: OrderedDict[DayKey, frozenset[Coordinates]] = OrderedDict()
_lock = threading.Lock()


def atlas_of(settings: ServiceSettings) -> RoadAtlas | None:
    """What this process knows of the roads; None where no routing engine is set up."""
    own = scheduling_settings(settings)
    if not own.osrm_url:
        return None
    named = (own.osrm_url, own.osrm_timeout_seconds, own.osrm_table_size)
    with _lock:
        if named not in _atlases:
            _atlases[named] = RoadAtlas(Osrm(own.osrm_url, own.osrm_timeout_seconds), own.osrm_table_size)
        _atlases[named].renew()
        return _atlases[named]


def is_stored(day: DayKey, places: frozenset[Coordinates]) -> bool:
    """Whether this process has seen the day's matrix stored with these places, so that it need not look again."""
    with _lock:
        return places <= _stored.get(day, frozenset())


def note_stored(day: DayKey, places: frozenset[Coordinates]) -> None:
    """The day's matrix is stored with these places."""
    with _lock:
        _stored[day] = places
        _stored.move_to_end(day)
        while len(_stored) > _MOST_DAYS:
            _stored.popitem(last=False)


def forget() -> None:
    """As a process that has just started."""
    with _lock:
        _atlases.clear()
        _stored.clear()
