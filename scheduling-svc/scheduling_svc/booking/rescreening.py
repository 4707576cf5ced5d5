"""What was promised is held to the same rules as what is asked for now, whenever those rules' facts change.

A visit that could not be booked under the new verdict or prescription is cancelled with that reason,
a hold is released. Visits that are under way stay: the therapist is there and decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fascia.store import UnitOfWork
from scheduling_svc.booking import store
from scheduling_svc.booking.appointment import Appointment, Reason
from scheduling_svc.booking.hold import Hold, HoldState
from scheduling_svc.booking.holding import drop_hold
from scheduling_svc.booking.screening import patient_refusal
from scheduling_svc.booking.visiting import cancel
from scheduling_svc.patients.patient import Patient
from scheduling_svc.routing import store as routing
from scheduling_svc.routing.calendar import patient_owner
from scheduling_svc.workforce import store as workforce
from scheduling_svc.workforce.place import MOBILE


def rescreen_patient(uow: UnitOfWork, patient: Patient, reason: Reason) -> None:
    """Judge all that a patient has coming by what is known of the patient now.

    The patient's calendar is written even when nothing is cancelled, so that a booking which judged by the old facts
    collides with this change and judges again.
    """
    owner = patient_owner(patient.id)
    calendar = routing.calendars(uow, [owner]).calendar(owner)
    routing.save(uow, calendar)
    services = workforce.directory(uow).service_types

    def stays(one: Appointment | Hold) -> bool:
        service = services.get(one.visit.service_type)
        treatment = service is None or service.is_treatment
        mobile = one.visit.setting == MOBILE
        return patient_refusal(patient, one.date, treatment=treatment, mobile=mobile) is None

    _withdraw(uow, [entry.id for entry in calendar.entries if entry.ends_at > uow.now], reason, stays)


def withdraw(uow: UnitOfWork, ids: Iterable[str], reason: Reason) -> None:
    """Cancel or release these."""
    _withdraw(uow, list(ids), reason, lambda _: False)


def _withdraw(uow: UnitOfWork, ids: list[str], reason: Reason, stays: Callable[[Appointment | Hold], bool]) -> None:
    if not ids:
        return
    gone: set[str | None] = set()
    for appointment in store.find_appointments(uow, ids):
        if appointment.id in gone or appointment.has_begun:
            continue
        if not stays(appointment):
            cancel(uow, appointment, reason)
            gone.add(appointment.visit.partner_id)
    for hold in store.find_holds(uow, ids):
        if hold.state is HoldState.ACTIVE:
            _release(uow, hold, keep=stays(hold))


def _release(uow: UnitOfWork, hold: Hold, *, keep: bool) -> None:
    if keep:
        # Written unchanged: a booking from this hold that is on its way must judge again, too.
        store.save_hold(uow, hold)
    elif hold.seen_at(uow.now) is HoldState.ACTIVE:
        drop_hold(uow, hold, hold.released(uow.now))
