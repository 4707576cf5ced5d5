"""When each visit of a shift is now expected, by what has happened so far: a delay cascades until waiting absorbs it.

Times move in one direction only: a therapist who is early waits for the planned beginning, for the patient was told it.
Bringing a visit forward is the planner's business, not that of a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from scheduling_svc.travel.travel import Travel
from scheduling_svc.workforce.place import Coordinates


class Step(StrEnum):
    """How far a visit has come."""

    AHEAD = "ahead"
    EN_ROUTE = "en_route"
    ARRIVED = "arrived"
    IN_PROGRESS = "in_progress"
    OVER = "over"


@dataclass(frozen=True)
class LiveVisit:
    """A visit of the shift as planned, and how far it has come since `since`.

    set_out: when the therapist drove off to it. overrun: minutes that they said it would take longer.
    """

    id: str
    place: Coordinates
    minutes: int
    planned: datetime
    promised_until: datetime
    step: Step = Step.AHEAD
    since: datetime | None = None
    set_out: datetime | None = None
    overrun: int = 0

    @property
    def length(self) -> timedelta:
        """What it takes, as far as is known."""
        return timedelta(minutes=self.minutes + self.overrun)


@dataclass(frozen=True)
class Pause:
    """A break that is still due; it begins between two moments, and at once where the second has passed."""

    earliest: datetime
    latest: datetime
    minutes: int

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class LiveShift:
    """A shift as it runs: where it begins, its visits in the planned order, the breaks."""

    opens: datetime
    base: Coordinates
    visits: tuple[LiveVisit, ...]
    pauses: tuple[Pause, ...] = ()


@dataclass(frozen=True)
class Eta:
    """When a visit that has not begun is expected, to the minute. `delayed`: minutes past its planned beginning."""

    visit: str
    arrives_at: datetime
    starts_at: datetime
    ends_at: datetime
    planned: datetime
    promised_until: datetime

    @property
    def delayed(self) -> int:
        """Minutes behind the plan."""
        return _minutes(self.starts_at - self.planned)

    @property
    def late(self) -> int:
        """Minutes past the promise; negative: what there is to spare."""
        return _minutes(self.starts_at - self.promised_until)


@dataclass(frozen=True)
class Whereabouts:
    """Where and from when the therapist is free for what lies ahead."""

    place: Coordinates
    free_at: datetime


def whereabouts(shift: LiveShift, travel: Travel, now: datetime) -> Whereabouts:
    """Where the therapist is free after what has begun, the visit to which they are driving included.

    From there on the rest of the day can still be planned otherwise.
    """
    return _played(shift, travel, now).at


def etas(shift: LiveShift, travel: Travel, now: datetime) -> tuple[Eta, ...]:
    """The visits that have not begun, in order."""
    played = _played(shift, travel, now)
    at, due = played.at, played.due
    expected = [played.next] if played.next else []
    for visit in shift.visits:
        if visit.step is Step.AHEAD:
            eta, due = _next(at, visit, due, travel)
            expected.append(eta)
            at = Whereabouts(visit.place, eta.ends_at)
    return tuple(expected)


def pauses_ahead(shift: LiveShift, travel: Travel, now: datetime) -> tuple[Pause, ...]:
    """The breaks that are still to be taken."""
    return _played(shift, travel, now).due


@dataclass(frozen=True)
class _Played:
    """What has happened: where that leaves the therapist, the visit that comes at once, the breaks that are due."""

    at: Whereabouts
    next: Eta | None
    due: tuple[Pause, ...]


def _played(shift: LiveShift, travel: Travel, now: datetime) -> _Played:
    now = _full_minute(now)
    at, free_since = Whereabouts(shift.base, max(shift.opens, now)), shift.opens
    expected: Eta | None = None
    due = [pause for pause in shift.pauses if now < pause.latest + pause.length]
    for visit in shift.visits:
        if visit.step is Step.AHEAD:
            continue
        since = _full_minute(visit.since or now)
        due = [pause for pause in due if not _fitted(pause, free_since, visit.set_out or since)]
        expected = None
        if visit.step in (Step.EN_ROUTE, Step.ARRIVED):
            expected = _expected(at, visit, since, travel, now)
            free_since = expected.ends_at
        else:
            free_since = since if visit.step is Step.OVER else max(now, since + visit.length)
        at = Whereabouts(visit.place, max(now, free_since))
    return _Played(at, expected, tuple(due))


def _fitted(pause: Pause, free: datetime, until: datetime) -> bool:
    """Whether a break can have been taken between two visits: nobody reports breaks, so then it was."""
    return max(free, pause.earliest) + pause.length <= min(until, pause.latest + pause.length)


def _expected(at: Whereabouts, visit: LiveVisit, since: datetime, travel: Travel, now: datetime) -> Eta:
    """A visit to which the therapist is driving, or at whose door they are."""
    if visit.step is Step.ARRIVED:
        return _eta(visit, since, max(since, now, visit.planned))
    arrives = max(now, since + timedelta(minutes=travel.minutes(at.place, visit.place, since)))
    return _eta(visit, arrives, max(arrives, visit.planned))


def _next(at: Whereabouts, visit: LiveVisit, due: tuple[Pause, ...], travel: Travel) -> tuple[Eta, tuple[Pause, ...]]:
    """The next visit, and the breaks that are due after it.

    A break is taken before it where that delays nothing, or where it could not begin in time after the visit.
    """
    drive = timedelta(minutes=travel.minutes(at.place, visit.place, at.free_at))
    free, left = at.free_at, list(due)
    for pause in due:
        begins = max(free, pause.earliest)
        starts = max(free + drive, visit.planned)
        delays_nothing = begins + pause.length + drive <= visit.planned
        now_or_too_late = pause.earliest <= starts and starts + visit.length > pause.latest
        if delays_nothing or now_or_too_late:
            free = begins + pause.length
            left.remove(pause)
    arrives = free + drive
    return _eta(visit, arrives, max(arrives, visit.planned)), tuple(left)


def _eta(visit: LiveVisit, arrives: datetime, starts: datetime) -> Eta:
    return Eta(visit.id, arrives, starts, starts + visit.length, visit.planned, visit.promised_until)


def _full_minute(moment: datetime) -> datetime:
    """Rounded up: nobody is told of a beginning that has passed."""
    floor = moment.replace(second=0, microsecond=0)
    return floor if floor == moment else floor + timedelta(minutes=1)


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds() // 60)


def in_order(visits: Sequence[LiveVisit]) -> tuple[LiveVisit, ...]:
    """As they are made: by when each has begun, then as planned."""
    begun = [visit for visit in visits if visit.step is not Step.AHEAD]
    ahead = [visit for visit in visits if visit.step is Step.AHEAD]
    return (
        *sorted(begun, key=lambda visit: visit.since or visit.planned),
        *sorted(ahead, key=lambda visit: (visit.planned, visit.id)),
    )
