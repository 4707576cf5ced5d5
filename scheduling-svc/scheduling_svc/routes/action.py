"""What a therapist does at the door, and which of it is possible now."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from scheduling_svc.booking.appointment import Status

# A phone without a connection for a whole working day; whatever says more has a broken clock.
_OLDEST = timedelta(hours=18)


class Action(StrEnum):
    """One tap."""

    ON_MY_WAY = "on_my_way"
    ARRIVED = "arrived"
    DONE = "done"
    NOBODY_THERE = "nobody_there"
    CANNOT_MAKE_IT = "cannot_make_it"


_S, _A = Status, Action
_WAYS: dict[Status, tuple[Action, ...]] = {
    _S.BOOKED: (_A.ON_MY_WAY, _A.ARRIVED, _A.DONE),
    _S.CONFIRMED: (_A.ON_MY_WAY, _A.ARRIVED, _A.DONE),
    _S.EN_ROUTE: (_A.ARRIVED, _A.DONE),
    _S.ARRIVED: (_A.DONE,),
    _S.IN_PROGRESS: (_A.DONE,),
}
# The states in which an action has been done already, so that a second tap changes nothing.
_DONE_BY: dict[Action, frozenset[Status]] = {
    _A.ON_MY_WAY: frozenset({_S.EN_ROUTE, _S.ARRIVED, _S.IN_PROGRESS, _S.COMPLETED}),
    _A.ARRIVED: frozenset({_S.ARRIVED, _S.IN_PROGRESS, _S.COMPLETED}),
    _A.DONE: frozenset({_S.COMPLETED}),
    _A.NOBODY_THERE: frozenset({_S.NO_SHOW}),
}


def steps_left(status: Status, *, mobile: bool) -> tuple[Action, ...]:
    """The taps that lead from here to the end of the visit, the next one first. Nobody drives to a clinic."""
    return tuple(step for step in _WAYS.get(status, ()) if mobile or step is not Action.ON_MY_WAY)


def can_give_up(status: Status) -> bool:
    """Whether a therapist may still say that the visit will not happen."""
    return status in (_S.BOOKED, _S.CONFIRMED, _S.EN_ROUTE, _S.ARRIVED)


def is_done(action: Action, status: Status) -> bool:
    """Whether an action has had its effect."""
    return status in _DONE_BY.get(action, frozenset())


def happened_at(now: datetime, tapped_at: datetime | None, sent_at: datetime | None, after: datetime) -> datetime:
    """When a tap really happened, of which a phone tells later.

    Both times are by the phone's clock, which may be wrong: only their difference counts. It is never in the future,
    never before the step before (`after`), and never older than a working day.
    """
    if tapped_at is None or sent_at is None:
        return now
    age = min(max(sent_at - tapped_at, timedelta()), _OLDEST)
    return min(max(now - age, after), now)
