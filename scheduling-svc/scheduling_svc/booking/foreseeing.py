"""What an offer costs once the visits that are expected are made, too: it takes the place of one of them.

Nobody is kept out by what is only expected: it changes the order of the offers, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduling_svc.expecting.expected import ExpectedVisit
from scheduling_svc.routing.insertion import Schedule
from scheduling_svc.routing.promise import Promise
from scheduling_svc.routing.therapist_day import Stop
from scheduling_svc.travel.great_circle import great_circle_km
from scheduling_svc.workforce.place import MOBILE, Coordinates
from scheduling_svc.workforce.shift import Shift

UNFORESEEN = 15
"""Minutes of driving that a visit is taken to cost more where it fits only if several expected ones give way."""
_NEAREST = 2


@dataclass(frozen=True)
class Foreseen:
    """A run with all that is expected of it but one visit; `gain` is the driving that its giving way saves."""

    schedule: Schedule
    gain: int


def foresee(
    shift: Shift,
    place: Coordinates,
    expected: Sequence[ExpectedVisit],
    with_expected: Callable[[Sequence[Stop]], Schedule],
) -> tuple[Foreseen, ...]:
    """The run once with all that is expected, and once without each of the expected visits nearest to a place."""
    stops = [_stop(visit, shift) for visit in expected]
    whole = with_expected(stops)
    found = [Foreseen(whole, 0)]
    for near in sorted(stops, key=lambda stop: great_circle_km(stop.place, place))[:_NEAREST]:
        schedule = with_expected([stop for stop in stops if stop is not near])
        found.append(Foreseen(schedule, whole.driving - schedule.driving))
    return tuple(found)


def foreseen_costs(
    foreseen: Iterable[Foreseen],
    place: Coordinates,
    minutes: int,
    first: datetime,
    step: timedelta,
    promise: timedelta,
) -> dict[datetime, float]:
    """What each window costs in driving, by the expected visit that gives way for it most cheaply."""
    costs: dict[datetime, float] = {}
    for one in foreseen:
        for opens, fit in one.schedule.starts(place, minutes, first, step, promise):
            cost = float(fit.added_drive_minutes - one.gain)
            if cost < costs.get(opens, float("inf")):
                costs[opens] = cost
    return costs


def _stop(visit: ExpectedVisit, shift: Shift) -> Stop:
    """An expected visit as a stop whose patient is free all day."""
    begins = visit.starts_at or shift.starts_at
    length = timedelta(minutes=visit.minutes)
    return Stop(
        id=visit.id,
        patient_id="",
        setting=MOBILE,
        location_id=None,
        shift_id=shift.id,
        place=visit.place,
        starts_at=begins,
        ends_at=begins + length,
        promise=Promise(shift.starts_at, max(begins, shift.ends_at - length)),
    )
