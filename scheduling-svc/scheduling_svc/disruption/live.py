"""Following a day as it runs: patients hear of a delay, the dispatcher of a promise in danger, each once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from fascia.localtime import wall
from fascia.store import UnitOfWork
from scheduling_svc.booking import store as booking
from scheduling_svc.booking.appointment import NOT_BEGUN, Appointment, Status
from scheduling_svc.disruption import store
from scheduling_svc.disruption.blocked_roads import with_blocks
from scheduling_svc.disruption.disruption import CALL, Cause, Proposal
from scheduling_svc.disruption.eta import Eta, etas
from scheduling_svc.disruption.live_day import live_shift
from scheduling_svc.disruption.risk import Danger, Risk
from scheduling_svc.disruption.store import LiveTold, Told
from scheduling_svc.disruption.telling import Level, Thresholds, thresholds_of
from scheduling_svc.disruption.ways_out import ways_out
from scheduling_svc.plans.marks import mark_changed
from scheduling_svc.routing import days
from scheduling_svc.routing.therapist_day import TherapistDay
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.travel.supplying import Day, travel_for
from scheduling_svc.workforce import store as workforce

# Whoever is visited later hears of it later: until then much of a delay can melt away.
TOLD_AHEAD = timedelta(hours=3)
_AHEAD = NOT_BEGUN | {Status.EN_ROUTE, Status.ARRIVED}


@dataclass(frozen=True)
class Expected:
    """A visit that has not begun, with when it is expected and how it stands with its promise."""

    appointment: Appointment
    eta: Eta
    level: Level


def follow(uow: UnitOfWork, therapist_id: str, on: date, cause: Cause = Cause.RUNNING_LATE) -> None:
    """Hold a therapist's day against the clock, and tell what is news. A day that nobody was told of stays silent."""
    day = days.find_day(uow, therapist_id, on)
    if not day.is_published:
        return
    expected = _expected(uow, day)
    told = store.live_told(uow, therapist_id, on)
    now_told = _tell_patients(uow, expected, told, thresholds_of(workforce.directory(uow).practice))
    if now_told != told.told:
        store.save_live_told(uow, replace(told, told=now_told))
    _warn(uow, day, expected, cause)


def expected_today(uow: UnitOfWork, therapist_id: str, on: date) -> list[Expected]:
    """The visits of a day that have not begun, in order, by what is known now."""
    return _expected(uow, days.find_day(uow, therapist_id, on))


def raise_risk(uow: UnitOfWork, appointment: Appointment, danger: Danger) -> None:
    """Warn the dispatcher, where they have not heard as much."""
    known = store.find_risk(uow, appointment.id)
    if known is None:
        raised: Risk | None = Risk(
            appointment.id, appointment.visit.patient_id, appointment.date, appointment.time_zone, danger, uow.now
        )
    else:
        raised = known.raised_again(danger, uow.now)
    if raised is not None:
        _publish_risk(uow, store.save_risk(uow, raised))


def resolve_risk(uow: UnitOfWork, risk: Risk) -> None:
    """The promise is kept after all, or there is none any more."""
    over = risk.resolved(uow.now)
    if over is not risk:
        store.save_risk(uow, over)


def _expected(uow: UnitOfWork, day: TherapistDay) -> list[Expected]:
    directory = workforce.directory(uow)
    thresholds = thresholds_of(directory.practice)
    travel = _travel(uow, day)
    appointments = {one.id: one for one in booking.find_appointments(uow, [stop.id for stop in day.booked()])}
    exact = {stop.id: stop.earliest == stop.latest for stop in day.stops}
    found = []
    for shift in day.shifts:
        live = live_shift(day, shift, appointments, directory)
        for eta in etas(live, travel.in_zone(shift.time_zone), uow.now):
            level = thresholds.level(eta, exact=exact[eta.visit])
            found.append(Expected(appointments[eta.visit], eta, level))
    return found


def _travel(uow: UnitOfWork, day: TherapistDay) -> PracticeTravel:
    directory = workforce.directory(uow)
    region = directory.therapist(day.therapist_id).region
    return with_blocks(travel_for(uow, directory, [Day(day.date, region)]), store.road_blocks(uow, [day.date]))


def _tell_patients(
    uow: UnitOfWork, expected: Sequence[Expected], live: LiveTold, thresholds: Thresholds
) -> Mapping[str, Told]:
    told = dict(live.told)
    for one in expected:
        known = _known(told.get(one.appointment.id), one.appointment)
        if not thresholds.is_news(one.eta.starts_at, known.at) or one.eta.starts_at > uow.now + TOLD_AHEAD:
            continue
        news = Told(one.eta.starts_at, known.estimate + 1, one.appointment.calendar_sequence)
        told[one.appointment.id] = news
        uow.publish("visit.eta_changed", _eta_event(one, known, news), sequence=news.estimate)
    return told


def _known(told: Told | None, appointment: Appointment) -> Told:
    """What the patient heard last. An appointment that was moved since has told its new time by itself."""
    sequence = appointment.calendar_sequence
    if told is not None and told.calendar_sequence == sequence:
        return told
    return Told(appointment.starts_at, told.estimate if told else 0, sequence)


def _warn(uow: UnitOfWork, day: TherapistDay, expected: Sequence[Expected], cause: Cause) -> None:
    known = {risk.id: risk for risk in store.unresolved_risks(uow, day.date)}
    ahead = {one.appointment.id: one for one in expected}
    for id_, one in ahead.items():
        if one.level is not Level.NONE:
            _warn_of(uow, day, one, known.get(id_), cause)
        elif id_ in known:
            resolve_risk(uow, known[id_])
    mine = {stop.id for stop in day.stops}
    for id_, risk in known.items():
        if id_ not in ahead and risk.danger.therapist_id == day.therapist_id:
            _settle(uow, risk, still_there=id_ in mine)


def _warn_of(uow: UnitOfWork, day: TherapistDay, one: Expected, known: Risk | None, cause: Cause) -> None:
    eta, broken = one.eta, one.level is Level.BROKEN
    danger = Danger(cause, day.therapist_id, eta.promised_until, eta.starts_at, broken)
    if known is not None and known.raised_again(danger, uow.now) is None:
        return
    raise_risk(uow, one.appointment, replace(danger, proposals=ways_out(uow, one.appointment)))
    if broken and one.appointment.mobile:
        # Perhaps somebody else can keep it: the worker looks, and changes nothing where no plan keeps every promise.
        mark_changed(uow, day.therapist_id, day.date)


def _settle(uow: UnitOfWork, risk: Risk, *, still_there: bool) -> None:
    """A promise that is no longer ahead: the visit has begun, was cancelled, or somebody else makes it now.

    One that is still in the day although nobody can make it stays in danger, also where somebody had set out for it.
    """
    appointment = next(iter(booking.find_appointments(uow, [risk.id])), None)
    if appointment is None or not still_there or appointment.status not in _AHEAD:
        resolve_risk(uow, risk)


def _eta_event(one: Expected, before: Told, news: Told) -> dict[str, object]:
    appointment, eta = one.appointment, one.eta
    return {
        "appointment_id": appointment.id,
        "version": appointment.version,
        "estimate": news.estimate,
        "patient_id": appointment.visit.patient_id,
        "therapist_id": appointment.visit.therapist_id,
        "setting": appointment.visit.setting,
        "starts_at": appointment.starts_at,
        "told_at": before.at,
        "expected_at": eta.starts_at,
        "promised_until": eta.promised_until,
        "late_minutes": max(0, eta.late),
        "time_zone": appointment.time_zone,
        "local_expected": wall(eta.starts_at, appointment.time_zone),
        "tell_patient": True,
    }


def _publish_risk(uow: UnitOfWork, risk: Risk) -> None:
    danger = risk.danger
    fields = {
        "risk_id": risk.id,
        "version": risk.version,
        "route_id": f"{danger.therapist_id}:{risk.date.isoformat()}",
        "therapist_id": danger.therapist_id,
        "date": risk.date,
        "appointment_id": risk.id,
        "patient_id": risk.patient_id,
        "cause": danger.cause.value,
        "promised_until": danger.promised_until,
        "expected_at": danger.expected_at,
        "late_minutes": danger.late_minutes,
        "time_zone": risk.time_zone,
        "local_promised_until": wall(danger.promised_until, risk.time_zone),
        "proposals": [_proposal(one) for one in danger.proposals or (CALL,)],
    }
    uow.publish("route.promise_at_risk", fields, sequence=risk.version)


def _proposal(one: Proposal) -> dict[str, object]:
    return {**vars(one), "kind": one.kind.value}
