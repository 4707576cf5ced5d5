"""A visit promised to a patient, from booking to completion or cancellation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from fascia.localtime import local_date, wall
from fascia.problem import Conflict
from scheduling_svc.booking.visit import VisitRequest
from scheduling_svc.workforce.place import MOBILE


class Status(StrEnum):
    """The states of domain.md; `TRANSITIONS` says which follows which."""

    BOOKED = "booked"
    CONFIRMED = "confirmed"
    EN_ROUTE = "en_route"
    ARRIVED = "arrived"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    LATE_CANCELLED = "late_cancelled"
    NO_SHOW = "no_show"


_S = Status
TRANSITIONS: dict[Status, frozenset[Status]] = {
    _S.BOOKED: frozenset({_S.CONFIRMED, _S.EN_ROUTE, _S.ARRIVED, _S.CANCELLED, _S.LATE_CANCELLED, _S.NO_SHOW}),
    _S.CONFIRMED: frozenset({_S.EN_ROUTE, _S.ARRIVED, _S.CANCELLED, _S.LATE_CANCELLED, _S.NO_SHOW}),
    _S.EN_ROUTE: frozenset({_S.ARRIVED, _S.NO_SHOW}),
    _S.ARRIVED: frozenset({_S.IN_PROGRESS, _S.NO_SHOW}),
    _S.IN_PROGRESS: frozenset({_S.COMPLETED}),
    _S.COMPLETED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.LATE_CANCELLED: frozenset(),
    _S.NO_SHOW: frozenset(),
}
NOT_BEGUN = frozenset({_S.BOOKED, _S.CONFIRMED})
PROGRESS = (_S.CONFIRMED, _S.EN_ROUTE, _S.ARRIVED, _S.IN_PROGRESS, _S.COMPLETED)


class Reason(StrEnum):
    """Why a visit does not take place."""

    PATIENT = "patient"
    PRACTICE = "practice"
    CLEARANCE_WITHDRAWN = "clearance_withdrawn"
    PRESCRIPTION_REVOKED = "prescription_revoked"
    NO_SHOW = "no_show"


@dataclass(frozen=True)
class Change:
    """One step of its history."""

    status: Status
    at: datetime


@dataclass(frozen=True)
class Appointment:
    """`date` is the local day, `calendar_sequence` the iCalendar SEQUENCE, `version` the stored one (0: none yet).

    `starts_at` and `ends_at` are the time that the patient was told; the therapist's day knows what is planned now.
    """

    id: str
    visit: VisitRequest
    ends_at: datetime
    date: date
    time_zone: str
    status: Status = Status.BOOKED
    treatment: bool = True
    calendar_sequence: int = 0
    history: tuple[Change, ...] = ()
    cancelled_because: Reason | None = None
    late: bool = False
    session_id: str | None = None
    version: int = 0

    @property
    def starts_at(self) -> datetime:
        """Its beginning."""
        return self.visit.starts_at

    @property
    def local_start(self) -> str:
        """Its beginning in wall time."""
        return wall(self.starts_at, self.time_zone)

    @property
    def mobile(self) -> bool:
        """Whether the therapist drives to the patient."""
        return self.visit.setting == MOBILE

    @property
    def has_begun(self) -> bool:
        """Whether somebody has set out for it, or it is over: then it stays where it is."""
        return self.status not in NOT_BEGUN or self.session_id is not None

    @property
    def started_at(self) -> datetime | None:
        """When treatment began."""
        return self._first(Status.IN_PROGRESS)

    @property
    def ended_at(self) -> datetime | None:
        """When treatment ended."""
        return self._first(Status.COMPLETED)

    def booked(self, now: datetime) -> Appointment:
        """As it is first stored."""
        return replace(self, history=(Change(Status.BOOKED, now),))

    def progressed(self, status: Status, now: datetime, early_start_minutes: int | None) -> Appointment:
        """The next step on the way to completion. Raises Conflict for a step that is not next, or too early."""
        if status is Status.EN_ROUTE and not self.mobile:
            raise Conflict("not-mobile", "Nobody drives to this visit.", "status", "Send arrived.")
        if status is Status.ARRIVED and self.mobile and self.status in NOT_BEGUN:
            raise Conflict("not-en-route", "The therapist has not set out yet.", "status", "Send en_route first.")
        if status is Status.IN_PROGRESS and early_start_minutes is not None:
            earliest = self.starts_at - timedelta(minutes=early_start_minutes)
            if now < earliest:
                raise Conflict(
                    "too-early",
                    f"The visit is at {self.local_start} and may begin {early_start_minutes} minutes before at most.",
                    "status",
                    "Begin later, or change early_start_minutes of the practice.",
                )
        return self._to(status, now)

    def cancelled(self, reason: Reason, now: datetime, cutoff_hours: int) -> Appointment:
        """It will not take place. Raises Conflict once it has begun.

        Late is a patient's cancellation after the cut-off, counted in elapsed hours, or a patient who was not there;
        a cancellation by the practice or by a rule never is.
        """
        if self.session_id is not None:
            raise Conflict("session-signed", "A signed session says that this visit took place.")
        if reason is Reason.NO_SHOW:
            if now < self.starts_at:
                raise Conflict("too-early", "The visit has not been due yet.", "reason", "Wait until it was due.")
            return replace(self._to(Status.NO_SHOW, now), cancelled_because=reason, late=True)
        late = reason is Reason.PATIENT and now > self.starts_at - timedelta(hours=cutoff_hours)
        status = Status.LATE_CANCELLED if late else Status.CANCELLED
        moved = replace(self._to(status, now), cancelled_because=reason, late=late)
        return replace(moved, calendar_sequence=self.calendar_sequence + 1)

    def moved(self, visit: VisitRequest, minutes: int) -> Appointment:
        """It takes place at another time, or with another therapist, and keeps its id and its confirmation.

        Raises Conflict once it has begun or is over.
        """
        if self.has_begun:
            raise Conflict(
                "visit-not-movable",
                f"The visit is {self.status.value}; only one that has not begun can be moved.",
                "appointment_id",
                "Book a new visit.",
            )
        ends_at = visit.starts_at + timedelta(minutes=minutes)
        on = local_date(visit.starts_at, self.time_zone)
        return replace(self, visit=visit, ends_at=ends_at, date=on, calendar_sequence=self.calendar_sequence + 1)

    def signed(self, session_id: str) -> Appointment:
        """Its note was signed."""
        return replace(self, session_id=session_id)

    def _to(self, status: Status, now: datetime) -> Appointment:
        if status not in TRANSITIONS[self.status]:
            possible = ", ".join(sorted(TRANSITIONS[self.status])) or "nothing, it is over"
            raise Conflict(
                "not-the-next-step",
                f"The visit is {self.status.value}; it cannot become {status.value}.",
                "status",
                f"Possible now: {possible}.",
            )
        return replace(self, status=status, history=(*self.history, Change(status, now)))

    def _first(self, status: Status) -> datetime | None:
        return next((change.at for change in self.history if change.status is status), None)
