"""A therapist's day as it runs: its stops as planned, and how far the appointments say that each has come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from scheduling_svc.booking.appointment import Appointment, Status
from scheduling_svc.disruption.eta import LiveShift, LiveVisit, Pause, Step, in_order
from scheduling_svc.routing.therapist_day import Stop, TherapistDay, stops_of
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.shift import Shift

_STEPS = {
    Status.EN_ROUTE: Step.EN_ROUTE,
    Status.ARRIVED: Step.ARRIVED,
    Status.IN_PROGRESS: Step.IN_PROGRESS,
    Status.COMPLETED: Step.OVER,
    Status.NO_SHOW: Step.OVER,
}


def live_shift(
    day: TherapistDay, shift: Shift, appointments: Mapping[str, Appointment], directory: Directory
) -> LiveShift:
    """A shift as it runs. Holds are not in it: nobody drives to a visit that is not booked."""
    stops = [stop for stop in stops_of(shift, day.booked()) if stop.id in appointments]
    visits = in_order([live_visit(stop, appointments[stop.id]) for stop in stops])
    pauses = tuple(Pause(one.earliest, one.latest, one.minutes) for one in shift.breaks)
    base = directory.base(shift, directory.therapist(day.therapist_id))
    return LiveShift(shift.starts_at, base, visits, pauses)


def live_visit(stop: Stop, appointment: Appointment) -> LiveVisit:
    """A stop with the progress of its appointment. Its length is that of the stop: an overrun makes it longer."""
    step = _STEPS.get(appointment.status, Step.AHEAD)
    return LiveVisit(
        id=stop.id,
        place=stop.place,
        minutes=stop.minutes,
        planned=stop.starts_at,
        promised_until=stop.latest,
        step=step,
        since=appointment.history[-1].at if step is not Step.AHEAD and appointment.history else None,
        set_out=_when(appointment, Status.EN_ROUTE) if step is not Step.AHEAD else None,
    )


def has_begun(appointment: Appointment | None) -> bool:
    """Whether a visit is out of the planner's hands."""
    return appointment is not None and appointment.status in _STEPS


def _when(appointment: Appointment, status: Status) -> datetime | None:
    return next((change.at for change in appointment.history if change.status is status), None)
