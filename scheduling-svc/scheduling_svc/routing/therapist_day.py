"""A therapist's day: the aggregate that keeps one therapist from being in two places, and every drive possible.

It is written by compare-and-swap on its version, so two bookings that each fit alone can't both be made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from fascia.problem import Conflict, Problem
from scheduling_svc.routing.insertion import Fit, Obstacle, Run, Schedule, Visit
from scheduling_svc.routing.promise import Promise
from scheduling_svc.travel.travel import Travel
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import Coordinates
from scheduling_svc.workforce.shift import Shift
from scheduling_svc.workforce.therapist import Therapist

NOBODY = ""
"""The shift of a visit that nobody makes as things are: it is still promised, and on no route."""


class DayStatus(StrEnum):
    """open -> planned -> published -> running -> closed."""

    OPEN = "open"
    PLANNED = "planned"
    PUBLISHED = "published"
    RUNNING = "running"
    CLOSED = "closed"


@dataclass(frozen=True)
class Stop:
    """A visit of the day as it is planned now; `held_until` is set while it is only held.

    promise: the window in which it begins whatever is planned; None: exactly at `starts_at`.
    fixed_therapist: it never goes to another one. locked: the dispatcher wants it where it is.
    begun: somebody set out for it, or its note was signed. partner_id: the visit of the second therapist of a tandem.
    """

    id: str
    patient_id: str
    setting: str
    location_id: str | None
    shift_id: str
    place: Coordinates
    starts_at: datetime
    ends_at: datetime
    held_until: datetime | None = None
    promise: Promise | None = None
    service_type: str = ""
    skills: tuple[str, ...] = ()
    fixed_therapist: bool = False
    locked: bool = False
    begun: bool = False
    partner_id: str | None = None

    @property
    def earliest(self) -> datetime:
        """When it begins at the earliest."""
        return self.promise.earliest if self.promise else self.starts_at

    @property
    def latest(self) -> datetime:
        """When it begins at the latest."""
        return self.promise.latest if self.promise else self.starts_at

    @property
    def minutes(self) -> int:
        """Its length."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def stays(self) -> bool:
        """Whether it is where and when it is, whatever else is planned. Halves of a tandem can only move together."""
        return self.locked or self.begun or self.partner_id is not None

    def live(self, now: datetime) -> bool:
        """Whether it is in the way."""
        return self.held_until is None or self.held_until > now

    def beginning(self, starts_at: datetime) -> Stop:
        """The same visit, planned for another moment."""
        return replace(self, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=self.minutes))


@dataclass(frozen=True)
class TherapistDay:
    """`revision` counts publications; `version` is the stored one, 0: none yet."""

    therapist_id: str
    date: date
    version: int = 0
    status: DayStatus = DayStatus.OPEN
    revision: int = 0
    shifts: tuple[Shift, ...] = ()
    stops: tuple[Stop, ...] = ()

    @property
    def is_published(self) -> bool:
        """Whether the therapist has been told of it, so that a change must be told, too."""
        return self.status in (DayStatus.PUBLISHED, DayStatus.RUNNING)

    def with_shift(self, shift: Shift) -> TherapistDay:
        """One more shift; the roster has checked that it overlaps none."""
        self._require_not_closed()
        return replace(self, shifts=tuple(sorted((*self.shifts, shift), key=lambda known: known.starts_at)))

    def with_parts(self, of: Shift, parts: Iterable[Shift]) -> TherapistDay:
        """What is left of a shift in its place; raises Conflict once the day is closed."""
        self._require_not_closed()
        kept = [part for known in self.shifts for part in (parts if known.id == of.id else (known,))]
        return replace(self, shifts=tuple(sorted(kept, key=lambda known: known.starts_at)))

    def shift_around(self, starts_at: datetime, ends_at: datetime, setting: str, location_id: str | None) -> Shift:
        """The shift in which a visit takes place; raises Conflict."""
        for shift in self.shifts:
            if shift.serves(setting, location_id) and shift.starts_at <= starts_at and ends_at <= shift.ends_at:
                return shift
        raise Conflict(
            "therapist-not-on-shift",
            "The therapist has no shift there at that time.",
            "starts_at",
            "Ask for offers, or add a shift.",
        )

    def with_stop(self, stop: Stop, schedule: Schedule, now: datetime) -> tuple[TherapistDay, Fit]:
        """The day with one more visit in its shift's schedule; raises Conflict where it does not fit.

        It begins when its promise and the run allow; others are planned anew as far as it needs, inside their promises.
        """
        self._require_not_closed()
        wanted = visit_of(stop)
        found = schedule.judge(stop.place, wanted.earliest, stop.minutes, wanted.latest)
        if isinstance(found, Obstacle):
            raise does_not_fit(found)
        begins = max(stop.starts_at, found.starts_at or stop.starts_at)
        after = schedule.with_visit(replace(wanted, planned=begins), found.position)
        if after is None:
            raise does_not_fit(Obstacle.TRAVEL)
        live = tuple(known for known in self.stops if known.live(now))
        run = [known for known in live if known.shift_id == stop.shift_id]
        run.insert(found.position, stop)
        begun = [known.beginning(at) for known, at in zip(run, after.starts, strict=True)]
        others = [known for known in live if known.shift_id != stop.shift_id]
        stops = tuple(sorted((*others, *begun), key=lambda known: known.starts_at))
        return replace(self, stops=stops), found

    def stop(self, id_: str) -> Stop | None:
        """A visit of the day, or None."""
        return next((stop for stop in self.stops if stop.id == id_), None)

    def settled(self, id_: str) -> TherapistDay:
        """A held visit is now booked."""
        return replace(self, stops=tuple(replace(s, held_until=None) if s.id == id_ else s for s in self.stops))

    def without(self, id_: str) -> TherapistDay:
        """A visit is gone."""
        return replace(self, stops=tuple(stop for stop in self.stops if stop.id != id_))

    def replanned(self, stops: Iterable[Stop]) -> TherapistDay:
        """The day with other visits, or the same ones at other times. Raises Conflict once it is closed."""
        self._require_not_closed()
        return replace(self, stops=tuple(sorted(stops, key=lambda known: known.starts_at)))

    def left_over(self, ids: Collection[str]) -> TherapistDay:
        """Visits that the therapist cannot make, and nobody else so far."""
        stops = (replace(stop, shift_id=NOBODY) if stop.id in ids else stop for stop in self.stops)
        return replace(self, stops=tuple(stops))

    def holds(self, id_: str, now: datetime) -> bool:
        """Whether a visit is in it and counts."""
        return any(stop.id == id_ and stop.live(now) for stop in self.stops)

    def booked(self) -> tuple[Stop, ...]:
        """What was promised to patients, in order; holds are nobody's business but the desk's."""
        return tuple(stop for stop in self.stops if stop.held_until is None)

    def published(self) -> TherapistDay:
        """Told to the therapist: a new revision. A day that runs goes on running."""
        self._require_not_closed()
        status = DayStatus.RUNNING if self.status is DayStatus.RUNNING else DayStatus.PUBLISHED
        return replace(self, status=status, revision=self.revision + 1)

    def with_begun(self, id_: str) -> TherapistDay:
        """A visit has begun: it stays as it is from now on, and a published day runs."""
        if self.stop(id_) is None:
            return self
        stops = tuple(replace(stop, begun=True) if stop.id == id_ else stop for stop in self.stops)
        status = DayStatus.RUNNING if self.status is DayStatus.PUBLISHED else self.status
        return replace(self, stops=stops, status=status)

    def _require_not_closed(self) -> None:
        if self.status is DayStatus.CLOSED:
            raise Conflict("day-closed", "The day is closed.", "starts_at", "Choose a later day.")


def schedule_of(
    shift: Shift,
    stops: Iterable[Stop],
    therapist: Therapist,
    directory: Directory,
    travel: Travel,
    now: datetime | None = None,
) -> Schedule:
    """A shift's run with its visits. At a location the run begins and ends there: commuting is not ours.

    now: what began before stays as it is, and nobody sets out for a new visit earlier.
    """
    run = Run(
        opens=shift.starts_at,
        closes=shift.ends_at,
        base=directory.base(shift, therapist),
        longest_drive=therapist.max_drive_minutes,
        most_driving=therapist.max_day_drive_minutes,
        overtime=0 if shift.ended_early else therapist.max_overtime_minutes,
        breaks=shift.breaks,
        now=now,
    )
    return Schedule(run, [visit_of(stop) for stop in stops_of(shift, stops)], travel)


def stops_of(shift: Shift, stops: Iterable[Stop]) -> list[Stop]:
    """The visits that are made in a shift; those that are left over from one that ended early are nobody's yet."""
    return [stop for stop in stops if stop.shift_id == shift.id and shift.still_holds(stop.starts_at)]


def visit_of(stop: Stop) -> Visit:
    """A stop as the kernel sees it."""
    if stop.stays:
        return Visit(stop.place, stop.starts_at, stop.starts_at, stop.minutes, stop.starts_at)
    return Visit(stop.place, stop.earliest, stop.latest, stop.minutes, stop.starts_at)


_REFUSALS = {
    Obstacle.OUTSIDE: ("therapist-not-on-shift", "Ask for offers, or add a shift."),
    Obstacle.BUSY: ("therapist-busy", "Ask for offers and choose another time."),
    Obstacle.TRAVEL: ("therapist-cannot-get-there", "Ask for offers and choose another time."),
    Obstacle.BREAK: ("therapist-needs-a-break", "Ask for offers and choose another time."),
    Obstacle.TOO_FAR: ("outside-service-area", "Choose a therapist who lives nearer."),
    Obstacle.DRIVING: ("therapist-drives-enough", "Choose another day, or a therapist who lives nearer."),
}


def does_not_fit(obstacle: Obstacle) -> Problem:
    """What an obstacle is called towards people."""
    code, fix = _REFUSALS[obstacle]
    return Conflict(code, f"The visit does not fit into the therapist's day: {obstacle.value}.", "starts_at", fix)
