"""Timed work: once a month, look at the episodes of this year and of the last."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from fascia.runtime import Runtime
from fascia.service import Job
from fascia.store.unit_of_work import UnitOfWork
from outcomes_svc.gaming import store
from outcomes_svc.gaming.reviewing import review_period
from outcomes_svc.results.period import Period

BY = "gaming-schedule"
"""Who made a review that nobody asked for."""


def review_due(runtime: Runtime) -> None:
    """One transaction per practice and year, which looks again whether the month's review is there.

    Whole years, so that a flag is raised once and its figures renewed as the year's ends come in; last year's until its
    last ends are in, which is in this one.
    """
    for practice_id in runtime.practices("episodes"):
        now = runtime.clock.now()
        for year in (now.year - 1, now.year):
            name = f"{now:%Y-%m}:{year}"
            if not store.scheduled_done(runtime.reading(practice_id), name):
                runtime.transaction(practice_id, _reviewing(year, name))


def _reviewing(year: int, name: str) -> Callable[[UnitOfWork], None]:
    def work(uow: UnitOfWork) -> None:
        if not store.scheduled_done(uow, name):
            review_period(uow, Period(date(year, 1, 1), date(year, 12, 31)), BY, name)

    return work


JOBS = (Job("gaming-watch", timedelta(hours=6), review_due),)
