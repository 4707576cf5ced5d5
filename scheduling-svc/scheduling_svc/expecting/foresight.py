"""What is expected of a day while it is planned anew; what was booked since is expected no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from fascia.store import UnitOfWork
from scheduling_svc.expecting import store
from scheduling_svc.expecting.expected import ExpectedDay
from scheduling_svc.expecting.forecasting import places_of
from scheduling_svc.plans.finding import Found
from scheduling_svc.plans.region_days import RegionDays
from scheduling_svc.store import read


class Foresight:
    """One region's day: read with the day, and written with the plan that was made of both."""

    def __init__(self, reading: UnitOfWork, region: str, on: date) -> None:
        self._reading = reading
        self._region = region
        self._date = on
        self._day: ExpectedDay | None = None

    def added_to(self, source: RegionDays) -> RegionDays:
        """The region's day with what is still expected of it."""
        if not source.directory.practice.planning.foresight_weeks:
            return source
        documents = read(self._reading, [store.key(self._region, self._date)])
        known = store.among(self._reading, documents, self._region, self._date)
        if known is None:
            return source
        self._day = known.answered_by(stop for day in source.days for stop in day.stops)
        return replace(source, expected=self._day.visits)

    def keep(self, uow: UnitOfWork, found: Found) -> None:
        """Keep where the plan has put the expected visits; raises StaleVersion."""
        if self._day is None:
            return
        reckoned = bool(found.assembled.source.expected)
        store.save(uow, self._day.placed(places_of(found.assembled, found.plan)) if reckoned else self._day)
