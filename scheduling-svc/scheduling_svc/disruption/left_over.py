"""The visits of a day after some of its hours fell away."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from scheduling_svc.routing.therapist_day import Stop, TherapistDay
from scheduling_svc.workforce.absence import Absence
from scheduling_svc.workforce.place import MOBILE


def without_hours(day: TherapistDay, absence: Absence, begun: Collection[str]) -> tuple[TherapistDay, list[Stop]]:
    """The day, its shifts cut already, with each visit in that part of its shift in which it lies.

    Visits in rooms for which there is no part are left over, and returned; mobile ones stay for the planner to place.
    """
    in_rooms: list[Stop] = []
    stops: list[Stop] = []
    for stop in day.stops:
        part = None if stop.id in begun else _part(day, stop)
        stops.append(stop if part is None else replace(stop, shift_id=part))
        is_hit = absence.since < stop.ends_at and stop.starts_at < absence.until
        if stop.id not in begun and part is None and is_hit and stop.setting != MOBILE and stop.held_until is None:
            in_rooms.append(stop)
    return day.replanned(stops).left_over({stop.id for stop in in_rooms}), in_rooms


def _part(day: TherapistDay, stop: Stop) -> str | None:
    fitting = (
        shift.id
        for shift in day.shifts
        if shift.serves(stop.setting, stop.location_id)
        and shift.starts_at <= stop.starts_at
        and stop.ends_at <= shift.ends_at
    )
    return next(fitting, None)
