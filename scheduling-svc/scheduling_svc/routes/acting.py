"""What a tap on the page does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fascia.localtime import local_date
from fascia.problem import Conflict, NotFound
from fascia.store import UnitOfWork
from scheduling_svc.booking import store as booking
from scheduling_svc.booking import visiting
from scheduling_svc.booking.appointment import Appointment, Reason, Status
from scheduling_svc.routes import store
from scheduling_svc.routes.action import Action, can_give_up, happened_at, is_done
from scheduling_svc.routes.given_up import GivenUp, Why
from scheduling_svc.workforce import store as workforce


@dataclass(frozen=True)
class Tap:
    """What was tapped, by the phone's own clock; `why` belongs to a visit that is given up."""

    action: Action
    why: Why = Why.OTHER
    tapped_at: datetime | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """The visit as it is now; `changed` is False where the tap said what was known already."""

    appointment: Appointment
    changed: bool


def act(uow: UnitOfWork, therapist_id: str, on: date, appointment_id: str, tap: Tap) -> Outcome:
    """Do what a therapist says on the page of a day. Raises Conflict for what is not theirs or not next."""
    appointment = _theirs(uow, therapist_id, on, appointment_id)
    if is_done(tap.action, appointment.status):
        return Outcome(appointment, changed=False)
    last = appointment.history[-1].at if appointment.history else uow.now
    at = happened_at(uow.now, tap.tapped_at, tap.sent_at, last)
    if tap.action is Action.CANNOT_MAKE_IT:
        return _give_up(uow, appointment, tap.why, at)
    if tap.action is Action.NOBODY_THERE:
        return Outcome(visiting.cancel(uow, appointment, Reason.NO_SHOW), changed=True)
    if tap.action is Action.DONE:
        return Outcome(_finish(uow, appointment, at), changed=True)
    status = Status.EN_ROUTE if tap.action is Action.ON_MY_WAY else Status.ARRIVED
    _require_today(appointment, at)
    _take_back(uow, appointment)
    return Outcome(visiting.progress(uow, appointment, status, at), changed=True)


def settle(uow: UnitOfWork, given_up_id: str, by: str) -> GivenUp:
    """Somebody at the desk has seen to a visit that was given up. Raises NotFound."""
    found = store.find_given_up(uow, given_up_id)
    if found is None:
        raise NotFound("given-up visit", given_up_id)
    settled = found.settled(by, uow.now)
    return found if settled is found else store.save_given_up(uow, settled)


def _theirs(uow: UnitOfWork, therapist_id: str, on: date, appointment_id: str) -> Appointment:
    # A visit that never was and one that is a colleague's answer alike: a link tells nothing of other days.
    found = next(iter(booking.find_appointments(uow, [appointment_id])), None)
    if found is None or found.visit.therapist_id != therapist_id or found.date != on:
        raise Conflict(
            "not-on-this-route",
            "This visit is no longer on your route.",
            "appointment_id",
            "Look at the newest plan, or call the office.",
        )
    return found


def _require_today(appointment: Appointment, at: datetime) -> None:
    if local_date(at, appointment.time_zone) < appointment.date:
        raise Conflict(
            "too-early", f"This visit is on {appointment.date}.", "action", "Tap it on the day of the visit."
        )


def _finish(uow: UnitOfWork, appointment: Appointment, at: datetime) -> Appointment:
    if appointment.status is Status.ARRIVED:
        # Nobody taps at the table: treatment is taken to begin on arrival, or when it was allowed to.
        early = workforce.directory(uow).practice.early_start_minutes
        allowed = appointment.starts_at - timedelta(minutes=early) if early is not None else None
        arrived = appointment.history[-1].at
        begun = max(arrived, allowed) if allowed is not None else arrived
        appointment = visiting.progress(uow, appointment, Status.IN_PROGRESS, min(begun, at))
    return visiting.progress(uow, appointment, Status.COMPLETED, at)


def _give_up(uow: UnitOfWork, appointment: Appointment, why: Why, at: datetime) -> Outcome:
    if not can_give_up(appointment.status):
        raise Conflict(
            "not-the-next-step",
            f"The visit is {appointment.status.value}; it cannot be given up any more.",
            "action",
            "Call the office.",
        )
    visit = appointment.visit
    said = GivenUp(appointment.id, visit.therapist_id, appointment.date, why, at)
    known = store.find_given_up(uow, said.id)
    if known is not None and known.settled_at is None:
        return Outcome(appointment, changed=False)
    stored = store.save_given_up(uow, known.again(why, at) if known else said)
    uow.publish("visit.given_up", _event(stored, appointment), sequence=stored.version)
    return Outcome(appointment, changed=True)


def _take_back(uow: UnitOfWork, appointment: Appointment) -> None:
    """Whoever sets out to a visit after all has settled it themselves."""
    therapist_id = appointment.visit.therapist_id
    known = store.find_given_up(uow, f"{appointment.id}:{therapist_id}")
    if known is not None and known.settled_at is None:
        store.save_given_up(uow, known.settled(therapist_id, uow.now))


def _event(said: GivenUp, appointment: Appointment) -> dict[str, object]:
    return {
        "given_up_id": said.id,
        "version": said.version,
        "appointment_id": said.appointment_id,
        "therapist_id": said.therapist_id,
        "patient_id": appointment.visit.patient_id,
        "date": said.date,
        "time_zone": appointment.time_zone,
        "starts_at": appointment.starts_at,
        "local_start": appointment.local_start,
        "promised_until": appointment.visit.promised.latest,
        "why": said.why.value,
        "said_at": said.said_at,
    }
