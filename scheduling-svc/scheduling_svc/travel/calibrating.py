"""Calibrating a practice's drive times by its own drives: proposed first, applied when somebody says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from fascia.ids import new_id
from fascia.localtime import local_date
from fascia.problem import RuleViolation, StaleVersion
from fascia.store import UnitOfWork
from scheduling_svc.booking import store as booking
from scheduling_svc.booking.appointment import Appointment, Status
from scheduling_svc.routing import store as routing
from scheduling_svc.travel import store
from scheduling_svc.travel.drive import Drives, Step, drives_of_day
from scheduling_svc.travel.proposal import Proposal, propose
from scheduling_svc.travel.supplying import Day, DayPlaces, prepared_travel
from scheduling_svc.workforce import store as workforce
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import Coordinates

DEFAULT_DAYS = 90
LONGEST_DAYS = 366
MOST_DRIVES = 3_000
"""The latest ones: more make a calibration no better, and somebody waits for it."""
_DAYS_AT_ONCE = 100
_PATIENCE_SECONDS = 10.0

Workday = tuple[str, date]


def make_proposal(uow: UnitOfWork, first: date | None, last: date | None) -> Proposal:
    """Fit the drives of some days, both included, and keep what came out. It may ask the routing engine, so it belongs
    outside a transaction. Raises RuleViolation or Conflict."""
    directory = workforce.directory(uow)
    practice = directory.practice
    until = last or local_date(uow.now, practice.time_zone)
    since = first or until - timedelta(days=DEFAULT_DAYS - 1)
    _require_span(since, until)
    drives, places = _gather(uow, directory, since, until)
    travel = prepared_travel(uow, directory, places, _PATIENCE_SECONDS)
    seconds = [travel.free_seconds(drive.origin, drive.destination) for drive in drives.usable]
    proposal = propose(new_id(), practice, drives, seconds, (since, until), uow.now)
    return store.save_calibration(uow, proposal)


def apply_proposal(uow: UnitOfWork, id_: str, based_on: int) -> Proposal:
    """Change the practice's settings to what was proposed. Raises NotFound, StaleVersion or Conflict."""
    practice = workforce.directory(uow).practice
    if practice.version != based_on:
        raise StaleVersion(based_on)
    applied, changed = store.get_calibration(uow, id_).applied(practice, uow.now)
    workforce.save_practice(uow, changed)
    return store.save_calibration(uow, applied)


def _require_span(since: date, until: date) -> None:
    if until < since:
        raise RuleViolation("span-is-empty", "`to` is before `from`.", "to", "Send a later day.")
    if (until - since).days >= LONGEST_DAYS:
        raise RuleViolation(
            "span-too-long", f"A calibration looks at {LONGEST_DAYS} days at most.", "from", "Send less."
        )


def _gather(uow: UnitOfWork, directory: Directory, since: date, until: date) -> tuple[Drives, list[DayPlaces]]:
    driven: defaultdict[Workday, list[Appointment]] = defaultdict(list)
    for appointment in booking.driven_between(uow, since, until):
        driven[appointment.visit.therapist_id, appointment.date].append(appointment)
    latest_first = sorted(driven, key=lambda workday: (workday[1], workday[0]), reverse=True)
    drives, places = Drives(), []
    for start in range(0, len(latest_first), _DAYS_AT_ONCE):
        if len(drives.usable) >= MOST_DRIVES:
            break
        some = latest_first[start : start + _DAYS_AT_ONCE]
        days = routing.calendars(uow, [routing.day_owner(*workday) for workday in some])
        for therapist_id, on in some:
            therapist = directory.therapists.get(therapist_id)
            if therapist is None:
                continue
            at = {stop.id: stop.place for stop in days.day(therapist_id, on).stops}
            steps, hours = _steps(driven[therapist_id, on], at)
            found = drives_of_day(therapist.home, steps, hours)
            ends = frozenset(end for drive in found.usable for end in (drive.origin, drive.destination))
            drives = drives.plus(found)
            places.append(DayPlaces(Day(on, therapist.region), ends))
    return drives, places


def _steps(appointments: Iterable[Appointment], at: Mapping[str, Coordinates]) -> tuple[list[Step], list[int]]:
    steps, hours = [], []
    for appointment in sorted(appointments, key=_set_out):
        arrived = next((change.at for change in appointment.history if change.status is Status.ARRIVED), None)
        steps.append(Step(_set_out(appointment), arrived, at.get(appointment.id)))
        local = _set_out(appointment).astimezone(ZoneInfo(appointment.time_zone))
        hours.append(local.weekday() * 24 + local.hour)
    return steps, hours


def _set_out(appointment: Appointment) -> datetime:
    return next(change.at for change in appointment.history if change.status is Status.EN_ROUTE)
