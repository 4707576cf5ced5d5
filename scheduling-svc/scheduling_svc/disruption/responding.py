"""Something went wrong: it is written down, the day is planned anew at once, and those affected are told.

All of it happens in the one transaction of the report: there is no moment at which the visit is gone and the routes do
not know it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from fascia.ids import new_id
from fascia.localtime import local_date, zone_of
from fascia.problem import Conflict, RuleViolation
from fascia.store import UnitOfWork
from scheduling_svc.booking import store as booking
from scheduling_svc.booking import visiting
from scheduling_svc.booking.appointment import Appointment, Reason, Status
from scheduling_svc.disruption import live, store, urgent
from scheduling_svc.disruption.applying import Applied, apply, plan_region
from scheduling_svc.disruption.blocked_roads import RoadBlock
from scheduling_svc.disruption.disruption import CAUSES, Broken, Disruption, Kind
from scheduling_svc.disruption.left_over import without_hours
from scheduling_svc.disruption.live_day import has_begun
from scheduling_svc.disruption.risk import Danger
from scheduling_svc.plans.reading import members_of, regions_of
from scheduling_svc.routing import days
from scheduling_svc.routing import store as routing
from scheduling_svc.routing.therapist_day import Stop
from scheduling_svc.workforce import store as workforce
from scheduling_svc.workforce.absence import Absence, around
from scheduling_svc.workforce.place import Coordinates

Fields = Mapping[str, Any]
# Why somebody at the desk has to choose whom a visit goes to.
_SET_OUT = "The therapist had set out for it and has to go."
_IN_A_ROOM = "The therapist is away, and a visit in a room is given to nobody else by itself."
# A blocked road of which nobody says how slow it is.
_SLOW = 1.5
_RUNNING = frozenset({Status.EN_ROUTE, Status.ARRIVED, Status.IN_PROGRESS})


@dataclass(frozen=True)
class Hit:
    """Which part of the practice a disruption hits. `changed_route`: the therapist whose day it changed already.

    broken: promises that it breaks before anything is planned.
    """

    regions: tuple[str, ...]
    therapists: tuple[str, ...] = ()
    changed_route: str | None = None
    broken: tuple[Broken, ...] = ()


def report(uow: UnitOfWork, on: date, kind: Kind, what: Fields, by: str) -> Disruption:
    """Write down what happened on a day and plan its rest anew. Raises NotFound, RuleViolation or Conflict."""
    _require_day(uow, on)
    happened = Disruption(new_id(), on, kind, dict(what), uow.now, by)
    if kind is Kind.URGENT_VISIT:
        return _urgent(uow, happened)
    hit = _EFFECTS[kind](uow, happened)
    applied = [(region, *_replan(uow, region, on, kind)) for region in hit.regions]
    results = [one for _, one, _ in applied if one is not None]
    _publish_rest(uow, on, hit, results)
    return _written_down(uow, happened, hit, results, sum(ms for _, _, ms in applied))


def _written_down(uow: UnitOfWork, happened: Disruption, hit: Hit, results: list[Applied], ms: int) -> Disruption:
    replanned = tuple(one for result in results for one in result.replanned)
    broken = (*hit.broken, *(one for result in results for one in result.broken))
    _warn(uow, happened, broken)
    affected = set(hit.therapists) | {id_ for one in replanned for id_ in (one.therapist_id, one.therapist_before)}
    for therapist_id in sorted(affected):
        live.follow(uow, therapist_id, happened.date, CAUSES[happened.kind])
    return store.save_disruption(
        uow, replace(happened, regions=hit.regions, replanned=replanned, broken=broken, solving_ms=ms)
    )


def _replan(uow: UnitOfWork, region: str, on: date, kind: Kind) -> tuple[Applied | None, int]:
    rest = plan_region(uow, region, on)
    if rest is None:
        return None, 0
    why = "The therapist is away" if kind is Kind.THERAPIST_AWAY else "There is no time for it"
    return apply(uow, rest, why), rest.solving_ms


def _warn(uow: UnitOfWork, happened: Disruption, broken: tuple[Broken, ...]) -> None:
    appointments = {one.id: one for one in booking.find_appointments(uow, [one.appointment_id for one in broken])}
    for one in broken:
        if one.appointment_id in appointments:
            cause = CAUSES[happened.kind]
            danger = Danger(cause, one.therapist_id, one.promised_until, one.expected_at, True, one.proposals)
            live.raise_risk(uow, appointments[one.appointment_id], danger)


def _therapist_away(uow: UnitOfWork, happened: Disruption) -> Hit:
    """Hours of a therapist fall away."""
    what, on = happened.what, happened.date
    therapist = workforce.directory(uow).therapist(what["therapist_id"])
    begins, ends = _day_bounds(on, therapist.time_zone)
    # What was worked already does not fall away.
    absence = Absence(max(what.get("since") or begins, _full_minute(uow.now)), what.get("until") or ends)
    if absence.until <= absence.since:
        raise RuleViolation("absence-is-empty", "It ends before it begins.", "until", "Send a later moment.")
    day = days.find_day(uow, therapist.id, on)
    touched = [shift for shift in day.shifts if shift.starts_at < shift.ends_at and absence.touches(shift)]
    if not touched:
        raise Conflict(
            "therapist-not-on-shift", "The therapist does not work then.", "since", "There is nothing to plan anew."
        )
    roster = workforce.get_roster(uow, therapist.id)
    for shift in touched:
        parts = around(shift, absence, new_id())
        day, roster = day.with_parts(shift, parts), roster.with_parts(shift, parts)
    begun = {one.id: one for one in booking.find_appointments(uow, [s.id for s in day.stops]) if has_begun(one)}
    day, in_rooms = without_hours(day, absence, begun)
    set_out = [stop for stop in day.stops if stop.id in begun and _is_given_up(stop, begun[stop.id], absence)]
    workforce.save_roster(uow, roster)
    routing.save(uow, day)
    changed = therapist.id if day.is_published else None
    broken = [_broken(stop, therapist.id, _SET_OUT) for stop in set_out]
    broken += [_broken(stop, therapist.id, _IN_A_ROOM) for stop in in_rooms]
    return Hit((therapist.region,), (therapist.id,), changed, tuple(broken))


def _is_given_up(stop: Stop, appointment: Appointment, absence: Absence) -> bool:
    """Whether a therapist had set out for a visit, or stood at the door, and has to go."""
    waiting = appointment.status in (Status.EN_ROUTE, Status.ARRIVED)
    return waiting and absence.since <= stop.starts_at < absence.until


def _broken(stop: Stop, therapist_id: str, why: str) -> Broken:
    return Broken(stop.id, stop.patient_id, therapist_id, stop.latest, None, why)


def _full_minute(moment: datetime) -> datetime:
    floor = moment.replace(second=0, microsecond=0)
    return floor if floor == moment else floor + timedelta(minutes=1)


def _visit_cancelled(uow: UnitOfWork, happened: Disruption) -> Hit:
    appointment = _appointment(uow, happened)
    visiting.cancel(uow, appointment, Reason(happened.what.get("reason") or Reason.PATIENT.value), publish=False)
    return _hit(uow, appointment, appointment.visit.therapist_id)


def _no_show(uow: UnitOfWork, happened: Disruption) -> Hit:
    appointment = _appointment(uow, happened)
    visiting.cancel(uow, appointment, Reason.NO_SHOW, publish=False)
    return _hit(uow, appointment, appointment.visit.therapist_id)


def _overrun(uow: UnitOfWork, happened: Disruption) -> Hit:
    """A visit takes longer than planned. Its stop becomes longer, so that everybody who looks at the day knows."""
    appointment = _appointment(uow, happened)
    if appointment.status not in _RUNNING:
        raise Conflict(
            "visit-not-running",
            f"The visit is {appointment.status.value}; only one that has begun can take longer.",
            "appointment_id",
            "Report its progress first.",
        )
    day = days.find_day(uow, appointment.visit.therapist_id, happened.date)
    longer = timedelta(minutes=happened.what["minutes"])
    stops = [replace(s, ends_at=s.ends_at + longer) if s.id == appointment.id else s for s in day.stops]
    routing.save(uow, day.replanned(stops))
    return _hit(uow, appointment)


def _road_blocked(uow: UnitOfWork, happened: Disruption) -> Hit:
    """Roads are slow for some hours, for everybody."""
    what, directory = happened.what, workforce.directory(uow)
    begins, ends = _day_bounds(happened.date, directory.practice.time_zone)
    other = what.get("other")
    block = RoadBlock(
        id=happened.id,
        centre=Coordinates(**what["centre"]),
        radius_km=what["radius_km"],
        since=what.get("since") or max(begins, uow.now),
        until=what.get("until") or ends,
        factor=what.get("factor", 1.0 if "delay_minutes" in what else _SLOW),
        delay_minutes=what.get("delay_minutes", 0),
        other=Coordinates(**other) if other else None,
    )
    if block.until <= block.since:
        raise RuleViolation("block-is-empty", "It ends before it begins.", "until", "Send a later moment.")
    store.add_road_block(uow, happened.date, block)
    regions = tuple(regions_of(directory))
    return Hit(regions, tuple(id_ for region in regions for id_ in members_of(directory, region)))


def _urgent(uow: UnitOfWork, happened: Disruption) -> Disruption:
    placed = urgent.place(uow, happened.date, urgent.Urgent(**happened.what))
    hit = Hit((placed.region,), (placed.appointment.visit.therapist_id,))
    made = replace(happened, appointment_id=placed.appointment.id)
    return _written_down(uow, made, hit, [placed.applied], placed.solving_ms)


_EFFECTS: Mapping[Kind, Callable[[UnitOfWork, Disruption], Hit]] = {
    Kind.THERAPIST_AWAY: _therapist_away,
    Kind.VISIT_CANCELLED: _visit_cancelled,
    Kind.NO_SHOW: _no_show,
    Kind.OVERRUN: _overrun,
    Kind.ROAD_BLOCKED: _road_blocked,
}


def _appointment(uow: UnitOfWork, happened: Disruption) -> Appointment:
    appointment = booking.get_appointment(uow, happened.what["appointment_id"])
    if appointment.date != happened.date:
        raise RuleViolation(
            "visit-on-another-day",
            f"The visit is on {appointment.date}.",
            "appointment_id",
            f"Report it for {appointment.date}.",
        )
    return appointment


def _hit(uow: UnitOfWork, appointment: Appointment, changed_route: str | None = None) -> Hit:
    therapist = workforce.directory(uow).therapist(appointment.visit.therapist_id)
    return Hit((therapist.region,), (therapist.id,), changed_route)


def _publish_rest(uow: UnitOfWork, on: date, hit: Hit, results: Sequence[Applied]) -> None:
    """Tell the therapists whose days changed and who were not told with the plan."""
    told = {name for one in results for name in one.committed.published}
    waiting = {id_ for one in results for id_ in one.unpublished}
    if hit.changed_route is not None:
        waiting.add(hit.changed_route)
    for therapist_id in sorted(id_ for id_ in waiting if f"{id_}:{on.isoformat()}" not in told):
        if days.find_day(uow, therapist_id, on).is_published:
            days.publish_day(uow, therapist_id, on)


def _require_day(uow: UnitOfWork, on: date) -> None:
    today = local_date(uow.now, workforce.directory(uow).practice.time_zone)
    if on < today - timedelta(days=1):
        raise RuleViolation("day-is-over", f"{on} is over.", "date", "Report what goes wrong today or later.")


def _day_bounds(on: date, time_zone: str) -> tuple[datetime, datetime]:
    """The first moment of a local day, and that of the next."""
    zone = zone_of(time_zone)
    first = datetime(on.year, on.month, on.day, tzinfo=zone)
    next_ = on + timedelta(days=1)
    return first, datetime(next_.year, next_.month, next_.day, tzinfo=zone)
