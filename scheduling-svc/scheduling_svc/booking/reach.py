"""Who could visit a patient in which shift, and when: found on the therapist's run by the insertion kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from fascia.localtime import wall
from fascia.problem import NotFound, Problem
from scheduling_svc.booking.foreseeing import UNFORESEEN, Foreseen, foresee, foreseen_costs
from scheduling_svc.booking.screening import area_refusal, licence_refusal, patient_refusal, therapist_refusal
from scheduling_svc.booking.visit import Site, home_of
from scheduling_svc.booking.wish import Wish
from scheduling_svc.expecting.expected import ExpectedVisit
from scheduling_svc.patients.patient import Patient, Profile
from scheduling_svc.patients.preference import Preference
from scheduling_svc.routing.calendar import Calendar
from scheduling_svc.routing.insertion import Schedule
from scheduling_svc.routing.run import Fit, Opening
from scheduling_svc.routing.therapist_day import Stop, TherapistDay, schedule_of
from scheduling_svc.routing.timing import seconds
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import MOBILE
from scheduling_svc.workforce.service_type import ServiceType
from scheduling_svc.workforce.shift import Shift
from scheduling_svc.workforce.therapist import Therapist


@dataclass(frozen=True)
class Situation:
    """All that the offers depend on, read at one moment. `allows` says whether the claim covers a local day."""

    directory: Directory
    patient: Patient
    profile: Profile
    preference: Preference
    days: Iterable[TherapistDay]
    calendars: Mapping[str, Calendar]
    own_calendar: Calendar
    travel: PracticeTravel
    allows: Callable[[date], bool]
    now: datetime
    expected: Mapping[tuple[str, date], Sequence[ExpectedVisit]] = field(default_factory=dict)

    def promise_of(self, setting: str) -> timedelta:
        """How long the window is that is promised."""
        return timedelta(minutes=self.directory.practice.promise_minutes if setting == MOBILE else 0)


@dataclass(frozen=True)
class Window:
    """From when to when a visit may begin, and how it would fit into one run, or into two that begin together."""

    opens: datetime
    closes: datetime
    fits: tuple[Fit, ...]
    foresight: float = 0.0

    @property
    def starts_at(self) -> datetime:
        """When it would begin."""
        return self.fits[0].starts_at or self.opens


@dataclass(frozen=True)
class Reach:
    """A shift in which a therapist could come to the patient, or see them."""

    therapist: Therapist
    shift: Shift
    site: Site
    schedule: Schedule
    foreseen: tuple[Foreseen, ...] = ()


def candidates(wish: Wish, directory: Directory) -> list[Therapist]:
    """Therapists who give what is asked for. Raises NotFound for one asked for by an unknown id."""
    service = directory.service_type(wish.service_type)
    if wish.therapist_id is not None:
        directory.therapist(wish.therapist_id)
    return [therapist for therapist in directory.therapists.values() if _gives(therapist, service, wish)]


def _gives(therapist: Therapist, service: ServiceType, wish: Wish) -> bool:
    """Whether a therapist gives what is asked for; to a tandem one who was asked for brings another one along."""
    wanted = wish.therapist_id in (None, therapist.id) or service.therapists > 1
    return wanted and therapist_refusal(therapist, service, wish.setting, wish.skills) is None


def reaches(wish: Wish, situation: Situation) -> list[Reach]:
    """Every shift in which the patient could be seen, by therapist."""
    found = [one for day in situation.days for shift in day.shifts if (one := _reach(wish, situation, day, shift))]
    return sorted(found, key=lambda one: (one.shift.starts_at, one.therapist.id))


def windows(wish: Wish, situation: Situation, reach: Reach) -> Iterator[Window]:
    """Every window on the practice's grid in which one therapist could begin."""
    service, promise = situation.directory.service_type(wish.service_type), situation.promise_of(wish.setting)
    first, step = _grid(wish, situation, reach.shift)
    place = reach.site.coordinates
    costs = foreseen_costs(reach.foreseen, place, service.minutes, first, step, promise)
    for opens, fit in reach.schedule.starts(place, service.minutes, first, step, promise):
        if opens + promise > wish.latest:
            return
        if _patient_is_free(situation, opens, opens + promise, service):
            foresight = 0.0
            if reach.foreseen:
                now = fit.added_drive_minutes
                foresight = costs.get(opens, now + UNFORESEEN) - now
            yield Window(opens, opens + promise, (fit,), foresight)


def tandem_windows(wish: Wish, situation: Situation, one: Reach, other: Reach) -> Iterator[Window]:
    """Every window in which two therapists could begin at the same moment; each at the cheapest for both together."""
    service, promise = situation.directory.service_type(wish.service_type), situation.promise_of(wish.setting)
    opens, step = _grid(wish, situation, one.shift)
    place, minutes = one.site.coordinates, service.minutes
    both = (one.schedule.openings(place, minutes), other.schedule.openings(place, minutes))
    last = min(wish.latest, one.shift.ends_at - timedelta(minutes=minutes)) - promise
    while opens <= last:
        if _patient_is_free(situation, opens, opens + promise, service):
            fits = _together((one, other), both, minutes, (opens, opens + promise))
            if fits is not None:
                yield Window(opens, opens + promise, fits)
        opens += step


def _together(
    pair: tuple[Reach, Reach],
    openings: tuple[Sequence[Opening], Sequence[Opening]],
    minutes: int,
    window: tuple[datetime, datetime],
) -> tuple[Fit, Fit] | None:
    first, last = seconds(window[0]), seconds(window[1])
    place = pair[0].site.coordinates
    best: tuple[Fit, Fit] | None = None
    for a in openings[0]:
        for b in openings[1]:
            at = max(a.first, b.first, first)
            if at > last:
                continue
            one = pair[0].schedule.at(a, place, minutes, (at, at))
            two = pair[1].schedule.at(b, place, minutes, (at, at))
            if one and two and (best is None or _driving(one, two) < _driving(*best)):
                best = one, two
    return best


def _driving(one: Fit, two: Fit) -> int:
    return one.added_drive_minutes + two.added_drive_minutes


def _reach(wish: Wish, situation: Situation, day: TherapistDay, shift: Shift) -> Reach | None:
    if shift.setting != wish.setting or (wish.location_id and shift.location_id != wish.location_id):
        return None
    directory = situation.directory
    therapist, service = directory.therapist(day.therapist_id), directory.service_type(wish.service_type)
    site = _site(shift, situation, therapist)
    if site is None or _refused(wish, situation, therapist, service, site, shift.date):
        return None
    live = [stop for stop in day.stops if stop.live(situation.now)]
    travel = situation.travel.in_zone(shift.time_zone)
    schedule = schedule_of(shift, live, therapist, directory, travel, situation.now)
    waiting = situation.expected.get((therapist.id, day.date), ()) if wish.mobile and service.therapists == 1 else ()
    if not waiting:
        return Reach(therapist, shift, site, schedule)

    def with_expected(stops: Sequence[Stop]) -> Schedule:
        return schedule_of(shift, [*live, *stops], therapist, directory, travel, situation.now)

    return Reach(therapist, shift, site, schedule, foresee(shift, site.coordinates, waiting, with_expected))


def _grid(wish: Wish, situation: Situation, shift: Shift) -> tuple[datetime, timedelta]:
    step = timedelta(minutes=situation.directory.practice.slot_minutes)
    soonest = max(wish.earliest, situation.now + timedelta(minutes=1))
    return first_slot(shift.starts_at, soonest, shift.time_zone, step), step


def _patient_is_free(situation: Situation, opens: datetime, closes: datetime, service: ServiceType) -> bool:
    ends_at = closes + timedelta(minutes=service.minutes)
    return situation.own_calendar.blocking(opens, ends_at, situation.now) is None


def _site(shift: Shift, situation: Situation, therapist: Therapist) -> Site | None:
    if shift.location_id is None:
        try:
            return home_of(situation.profile, therapist)
        except Problem:
            return None
    try:
        location = situation.directory.location(shift.location_id)
    except NotFound:
        return None
    return Site(location.coordinates, location.address.state, location.time_zone)


def _refused(
    wish: Wish, situation: Situation, therapist: Therapist, service: ServiceType, site: Site, day: date
) -> bool:
    mobile = wish.mobile
    return (
        not _gives(therapist, service, wish)
        or situation.preference.refusal(therapist.id) is not None
        or licence_refusal(therapist, site, day) is not None
        or (mobile and area_refusal(therapist, site) is not None)
        or patient_refusal(situation.patient, day, treatment=service.is_treatment, mobile=mobile) is not None
        or not situation.allows(day)
    )


def first_slot(opens: datetime, wanted: datetime, time_zone: str, step: timedelta) -> datetime:
    """The first start on the grid of the wall clock, not before the shift opens nor before what is wanted.

    Steps are elapsed time from there on, so a change of clocks inside a shift moves no slot off its grid.
    """
    minute = int(wall(opens, time_zone)[-2:])
    aligned = opens + timedelta(minutes=-minute % int(step.total_seconds() // 60))
    missing = wanted - aligned
    return aligned + step * -(-missing // step) if missing > timedelta(0) else aligned
