"""Timed work: days that run are held against the clock, also while nobody reports anything."""

from __future__ import annotations

from datetime import timedelta

from pymongo.errors import DuplicateKeyError

from fascia.localtime import local_date
from fascia.problem import Problem
from fascia.runtime import Runtime
from fascia.store import UnitOfWork
from scheduling_svc.disruption import live, store
from scheduling_svc.routing import store as routing
from scheduling_svc.routing.therapist_day import TherapistDay
from scheduling_svc.workforce import store as workforce

WATCH_EVERY = timedelta(seconds=30)
_LOOKED_AT_EVERY = timedelta(seconds=55)


def watch_days(runtime: Runtime) -> None:
    """One tick: a therapist who does not move is late, too. One process looks at a practice at a time.

    Each day is followed in a transaction of its own; one that somebody writes meanwhile is looked at next time.
    """
    for practice_id in runtime.practices("practices"):
        if not _taken(runtime, practice_id):
            continue
        for day in _running(runtime.reading(practice_id)):
            try:
                runtime.transaction(practice_id, lambda uow, d=day: live.follow(uow, d.therapist_id, d.date))  # type: ignore[misc]
            except (Problem, DuplicateKeyError):
                continue


def _taken(runtime: Runtime, practice_id: str) -> bool:
    try:
        return runtime.transaction(practice_id, lambda uow: store.take_watch(uow, _LOOKED_AT_EVERY))
    except (Problem, DuplicateKeyError):
        return False


def _running(uow: UnitOfWork) -> list[TherapistDay]:
    """Published days of today with a shift that has begun, and visits."""
    directory = workforce.directory(uow)
    keys = [
        routing.day_owner(therapist.id, local_date(uow.now, therapist.time_zone))
        for therapist in directory.therapists.values()
    ]
    days = routing.calendars(uow, keys).days()
    return [
        day
        for day in days
        if day.is_published and day.booked() and any(shift.starts_at <= uow.now for shift in day.shifts)
    ]
