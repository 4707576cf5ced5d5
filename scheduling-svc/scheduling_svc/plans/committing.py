"""Carrying out a plan: all of its days in one transaction, or none.

A plan is made outside of any transaction, from days as they were read; it is carried out only on those very versions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from fascia.problem import Conflict, FieldError, NotFound, RuleViolation
from fascia.store import UnitOfWork
from scheduling_svc.booking import holding, visiting
from scheduling_svc.booking.retelling import retell
from scheduling_svc.booking.visit import VisitRequest
from scheduling_svc.planning.plan import LeftOut, Plan
from scheduling_svc.plans.arrangement import Placement, broken_promises, changed_days, placements
from scheduling_svc.plans.assembling import Assembled
from scheduling_svc.plans.reading import members_of
from scheduling_svc.plans.region_days import RegionDays, day_name
from scheduling_svc.routing import days as routing_days
from scheduling_svc.routing import store as routing
from scheduling_svc.routing.therapist_day import Stop, TherapistDay
from scheduling_svc.store import read, write
from scheduling_svc.waitlist import store as waitlist
from scheduling_svc.waitlist.promising import promise_around
from scheduling_svc.workforce import store as workforce
from scheduling_svc.workforce.place import MOBILE

# A plan of the day that runs is carried out a moment after it was made.
_GRACE = timedelta(minutes=5)


class StalePlan(Conflict):
    """A day changed, or a visit began, after the plan was made; `errors` name each."""

    def __init__(self, changed: Iterable[str]) -> None:
        names = sorted(changed)
        super().__init__("plan-stale", f"These changed after the plan was made: {', '.join(names)}.")
        self.errors = tuple(
            FieldError(name, "It changed after the plan was made.", "Make a new plan.") for name in names
        )


@dataclass(frozen=True)
class Committed:
    """What carrying out a plan changed: days by name, appointments and wishes by id."""

    days: tuple[str, ...] = ()
    handed_over: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    placed: tuple[str, ...] = ()
    not_placed: dict[str, str] = field(default_factory=dict)


def commit(uow: UnitOfWork, assembled: Assembled, plan: Plan, *, publish: Collection[date] = ()) -> Committed:
    """Carry out a plan. Raises StalePlan, or Conflict where it breaks a promise; then nothing of it is kept.

    Days that were published are told again where they changed. `publish` are dates whose other days are told now, too.
    """
    source = assembled.source
    require_kept(broken_promises(assembled, plan))
    require_current(uow, source)
    changed = changed_days(assembled, plan)
    _require_ahead(uow, _moved_stops(source, changed))
    write(uow, *(routing.change(uow, day) for day in changed))
    placed, not_placed = _place(uow, placements(assembled, plan))
    names = {day_name(day) for day in changed}
    published = _publish(uow, source, names | {placement.day_name for placement in placed}, publish)
    # A booking may have moved visits of a published day inside their promises: their patients hear of it now, too.
    as_told = [day for day in source.days if day.is_published and day_name(day) not in names]
    tolerance = source.directory.practice.tell_moves_minutes
    retold = retell(uow, _latest([*as_told, *changed, *published]), [*as_told, *published], tolerance)
    return Committed(
        days=tuple(sorted(names)),
        handed_over=retold.handed_over,
        told=retold.told,
        published=tuple(sorted(map(day_name, published))),
        placed=tuple(placement.entry.id for placement in placed),
        not_placed=not_placed,
    )


def require_kept(broken: list[LeftOut]) -> None:
    """Raise Conflict where a plan leaves out what was promised, naming each visit and why."""
    if not broken:
        return
    refused = Conflict("promise-cannot-be-kept", f"The plan leaves out {len(broken)} visits that were promised.")
    fix = "Move or cancel the visit, add a shift, or widen what keeps therapists from it; then make a new plan."
    refused.errors = tuple(FieldError(left.visit, left.why.value, fix) for left in broken)
    raise refused


def require_current(uow: UnitOfWork, source: RegionDays) -> None:
    """Raise StalePlan where a day, or the workforce, is not as it was read."""
    names = {
        routing.day_owner(therapist_id, on): f"{therapist_id}:{on.isoformat()}"
        for therapist_id in members_of(source.directory, source.region)
        for on in source.dates
    }
    documents = read(uow, [*names, workforce.MARK])
    known = source.versions
    found = {names[key]: document for key, document in documents.items() if key in names}
    # A day without a shift was not part of the plan and does not make it stale.
    stale = [
        name
        for name in names.values()
        if (name in known or (name in found and found[name]["shifts"]))
        and (name not in found or found[name]["version"] != known.get(name))
    ]
    if not workforce.is_current(source.directory, documents):
        stale.append("workforce")
    if stale:
        raise StalePlan(stale)


def _require_ahead(uow: UnitOfWork, moved: list[Stop]) -> None:
    """Raise StalePlan where a visit should have begun before it could be moved; one that has is a change of its day."""
    missed = [stop.id for stop in moved if stop.starts_at < uow.now - _GRACE]
    if missed:
        raise StalePlan(f"appointment {id_}" for id_ in missed)


def _moved_stops(source: RegionDays, changed: list[TherapistDay]) -> list[Stop]:
    """Stops that are not as they were."""
    before = {stop.id: stop for day in source.days for stop in day.stops}
    return [stop for day in changed for stop in day.booked() if before.get(stop.id) != stop]


def _place(uow: UnitOfWork, found: list[Placement]) -> tuple[list[Placement], dict[str, str]]:
    """Hold or book what the plan found for wishes. One that a rule forbids by now goes on waiting."""
    placed, refused = [], {}
    for placement in found:
        entry = placement.entry
        try:
            hold_id = _hold_or_book(uow, placement)
        except (Conflict, RuleViolation, NotFound) as problem:
            refused[entry.id] = problem.code
            continue
        waitlist.save_entry(uow, entry.placed(hold_id))
        placed.append(placement)
    return placed, refused


def _hold_or_book(uow: UnitOfWork, placement: Placement) -> str:
    entry = placement.entry
    promise_minutes = workforce.directory(uow).practice.promise_minutes
    request = VisitRequest(
        patient_id=entry.patient_id,
        service_type=entry.service_type,
        setting=MOBILE,
        therapist_id=placement.therapist_id,
        starts_at=placement.starts_at,
        claim_id=entry.claim_id,
        skills=entry.skills,
        promise=promise_around(entry, placement.starts_at, placement.date, placement.time_zone, promise_minutes),
    )
    if entry.book:
        return visiting.book_now(uow, request).id
    return holding.place_hold(uow, request, kept=holding.WAITLIST_HOLD).id


def _publish(uow: UnitOfWork, source: RegionDays, changed: set[str], dates: Collection[date]) -> list[TherapistDay]:
    """Tell therapists of days that changed after they were published, and of the days of these dates; those told."""
    told = []
    for before in source.days:
        again = before.is_published and day_name(before) in changed
        if not again and (before.is_published or before.date not in dates):
            continue
        day = routing_days.find_day(uow, before.therapist_id, before.date)
        if not again and not day.booked():
            continue
        if day.revision == before.revision:  # else a booking from the waitlist has told it
            routing_days.publish_day(uow, before.therapist_id, before.date)
        told.append(day)
    return told


def _latest(days: Iterable[TherapistDay]) -> list[TherapistDay]:
    """Each day once, as it was told last."""
    return list({day_name(day): day for day in days}.values())
