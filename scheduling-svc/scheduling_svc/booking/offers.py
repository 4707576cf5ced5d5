"""Offers: when and by whom a patient could be visited, in the order of what it costs the practice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import combinations

from fascia.localtime import wall
from scheduling_svc.booking.ranking import Parts, Ranking, Workload, scarce_skills
from scheduling_svc.booking.reach import Reach, Situation, Window, reaches, tandem_windows, windows
from scheduling_svc.booking.visit import VisitRequest
from scheduling_svc.booking.wish import Wish
from scheduling_svc.routing.calendar import room_owner
from scheduling_svc.routing.promise import Promise
from scheduling_svc.routing.run import Visit
from scheduling_svc.workforce.place import MOBILE

Reaches = tuple[Reach, ...]


@dataclass(frozen=True)
class Offer:
    """A visit that could be booked now; `second_therapist_id` comes along for a tandem. `parts` is why it ranks so."""

    visit: VisitRequest
    ends_at: datetime
    time_zone: str
    added_drive_minutes: int
    parts: Parts
    second_therapist_id: str | None = None

    @property
    def local_start(self) -> str:
        """Its beginning in wall time."""
        return wall(self.visit.starts_at, self.time_zone)

    @property
    def rank(self) -> tuple[float, int, datetime, str]:
        """Cheapest first, then the earliest; the id makes the order the same every time."""
        return self.parts.total, self.added_drive_minutes, self.visit.promised.earliest, self.visit.therapist_id


@dataclass(frozen=True)
class _Found:
    """An offer before it was looked at closely, with the runs that it would go into."""

    offer: Offer
    window: Window
    by: Reaches


def offers(wish: Wish, situation: Situation) -> list[Offer]:
    """The best offers, at most `wish.limit`; empty when nothing fits.

    Windows of one therapist that open close to each other are one choice to a patient: the best of them is offered.
    """
    found = sorted(_search(wish, situation), key=lambda one: one.offer.rank)
    spacing = _apart(wish, situation)
    chosen: list[Offer] = []
    taken: defaultdict[tuple[str, ...], list[datetime]] = defaultdict(list)
    for one in found:
        if len(chosen) == wish.limit:
            break
        near = taken[tuple(reach.shift.id for reach in one.by)]
        if all(abs(one.window.opens - known) >= spacing for known in near) and _can_be_driven(one, situation, wish):
            near.append(one.window.opens)
            chosen.append(one.offer)
    return chosen


def _apart(wish: Wish, situation: Situation) -> timedelta:
    """How far apart two windows of one therapist open."""
    if wish.apart_minutes is None:
        return situation.promise_of(wish.setting) / 2
    return timedelta(minutes=wish.apart_minutes)


def _search(wish: Wish, situation: Situation) -> Iterator[_Found]:
    service = situation.directory.service_type(wish.service_type)
    within = reaches(wish, situation)
    scarce = scarce_skills((reach.therapist for reach in within), {*service.skills, *wish.skills})
    ranking = Ranking(situation.directory.practice.planning, situation.preference, scarce)
    means = _mean_work(within)
    for by in _parties(within, wish.therapist_id if service.therapists > 1 else None, service.therapists):
        spans = windows(wish, situation, by[0]) if len(by) == 1 else tandem_windows(wish, situation, *by)
        works = [Workload(reach.schedule.working, means[reach.shift.date]) for reach in by]
        for window in spans:
            visit = _visit(wish, situation, by[0], window)
            if visit is None:
                continue
            parts = _parts(ranking, by, window, works, service.minutes if visit.promise else None)
            second = by[1].therapist.id if len(by) > 1 else None
            ends_at = visit.starts_at + timedelta(minutes=service.minutes)
            driving = sum(fit.added_drive_minutes for fit in window.fits)
            yield _Found(Offer(visit, ends_at, by[0].shift.time_zone, driving, parts, second), window, by)


def _parties(within: Iterable[Reach], wanted: str | None, size: int) -> Iterator[Reaches]:
    """Who comes: one therapist, or two of the same day, among them whoever was asked for."""
    if size == 1:
        yield from ((reach,) for reach in within)
        return
    for one, other in combinations(within, 2):
        if one.shift.date != other.shift.date or one.therapist.id == other.therapist.id:
            continue
        if one.shift.location_id == other.shift.location_id and wanted in (None, one.therapist.id, other.therapist.id):
            yield (other, one) if wanted == other.therapist.id else (one, other)


def _parts(ranking: Ranking, by: Reaches, window: Window, works: Iterable[Workload], shortest: int | None) -> Parts:
    found = [
        ranking.parts(reach.therapist, fit, work, shortest)
        for reach, fit, work in zip(by, window.fits, works, strict=True)
    ]
    return replace(found[0], foresight=window.foresight) if len(found) == 1 else found[0].plus(found[1])


def _mean_work(within: Iterable[Reach]) -> dict[date, float]:
    minutes: defaultdict[date, list[int]] = defaultdict(list)
    for reach in within:
        minutes[reach.shift.date].append(reach.schedule.working)
    return {day: sum(known) / len(known) for day, known in minutes.items()}


def _visit(wish: Wish, situation: Situation, reach: Reach, window: Window) -> VisitRequest | None:
    """The visit in a window; None where it needs a room and none is free."""
    visit = VisitRequest(
        patient_id=wish.patient_id,
        service_type=wish.service_type,
        setting=wish.setting,
        therapist_id=reach.therapist.id,
        starts_at=window.starts_at,
        claim_id=wish.claim_id,
        location_id=reach.shift.location_id,
        skills=wish.skills,
        promise=Promise(window.opens, window.closes) if window.opens < window.closes else None,
        asked_for=wish.therapist_id is not None,
    )
    if wish.setting == MOBILE:
        return visit
    minutes = situation.directory.service_type(wish.service_type).minutes
    room_id = _free_room(situation, reach, window.starts_at, window.starts_at + timedelta(minutes=minutes))
    return replace(visit, room_id=room_id) if room_id else None


def _free_room(situation: Situation, reach: Reach, starts_at: datetime, ends_at: datetime) -> str | None:
    for room in situation.directory.rooms_of(reach.shift.location_id or ""):
        calendar = situation.calendars.get(room_owner(room.id, reach.shift.date.isoformat()))
        if calendar is None or calendar.blocking(starts_at, ends_at, situation.now) is None:
            return room.id
    return None


def _can_be_driven(one: _Found, situation: Situation, wish: Wish) -> bool:
    """Whether the runs can still be driven with every drive at its own hour; the search reckons with one hour each."""
    minutes = situation.directory.service_type(wish.service_type).minutes
    for reach, fit in zip(one.by, one.window.fits, strict=True):
        promise = one.offer.visit.promised
        if len(one.by) > 1:
            promise = Promise(one.window.starts_at, one.window.starts_at)
        visit = Visit(reach.site.coordinates, promise.earliest, promise.latest, minutes, one.window.starts_at)
        if reach.schedule.with_visit(visit, fit.position) is None:
            return False
    return True
