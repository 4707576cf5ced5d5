"""What a therapist sees of a day: the stops of the latest revision, and how far each has come. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from fascia.localtime import zone_of
from scheduling_svc.booking.appointment import NOT_BEGUN, Appointment, Status
from scheduling_svc.disruption.eta import Eta
from scheduling_svc.patients.patient import Profile
from scheduling_svc.routes.action import Action, can_give_up, steps_left
from scheduling_svc.routes.given_up import GivenUp
from scheduling_svc.routes.navigation import Way, ways_to
from scheduling_svc.routes.sketch import Place, Sketch, draw
from scheduling_svc.routing.route import Route, RouteStop
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import MOBILE, Address
from scheduling_svc.workforce.shift import Shift

_WORTH_SAYING = 5  # minutes behind the plan: a clock that jumps by less only distracts


class Phase(StrEnum):
    """How far a stop has come, as a colour says it."""

    AHEAD = "ahead"
    UNDER_WAY = "under_way"
    DONE = "done"
    OFF = "off"


@dataclass(frozen=True)
class SheetStop:
    """One stop. `steps` are the taps to its end, the next one first; empty once it is over."""

    number: int
    id: str
    patient: str
    starts: str
    ends: str
    window: str | None
    site: str | None
    address: Address | None
    ways: tuple[Way, ...]
    door_notes: str
    service: str
    drive_minutes: int
    phase: Phase
    state: str
    steps: tuple[Action, ...]
    can_give_up: bool
    can_be_absent: bool
    given_up: str | None
    expected: str | None
    breaks_promise: bool


@dataclass(frozen=True)
class Gone:
    """A visit that was on an earlier revision."""

    patient: str
    starts: str
    why: str


@dataclass(frozen=True)
class Sheet:
    """The whole page. `current` is the stop that comes next or runs now; None once all are over."""

    therapist: str
    date: str
    day: str
    revision: int
    published: str
    as_of: str
    stops: tuple[SheetStop, ...]
    gone: tuple[Gone, ...]
    breaks: tuple[str, ...]
    hours: tuple[str, ...]
    sketch: Sketch | None

    @property
    def current(self) -> SheetStop | None:
        """The first stop that is not over; one that was given up waits behind the others."""
        ahead = [stop for stop in self.stops if stop.steps]
        return next((stop for stop in ahead if not stop.given_up), ahead[0] if ahead else None)

    @property
    def left(self) -> int:
        """How many visits are still to be made."""
        return sum(bool(stop.steps) for stop in self.stops)


@dataclass(frozen=True)
class Facts:
    """What a sheet is made of.

    before: the earlier revisions, oldest first. expected: when visits that have not begun are expected by now, by id.
    """

    route: Route
    before: Sequence[Route]
    shifts: Sequence[Shift]
    directory: Directory
    appointments: Mapping[str, Appointment]
    profiles: Mapping[str, Profile]
    given_up: Mapping[str, GivenUp]
    expected: Mapping[str, Eta] = field(default_factory=dict)


def sheet_of(facts: Facts, now: datetime) -> Sheet:
    """The page of a route at a moment."""
    route = facts.route
    clock = _Clock(route.time_zone)
    stops = tuple(_stop(number, stop, facts, clock) for number, stop in enumerate(route.stops, 1))
    shifts = sorted(facts.shifts, key=lambda shift: shift.starts_at)
    return Sheet(
        therapist=facts.directory.therapist(route.therapist_id).name,
        date=route.date.isoformat(),
        day=f"{route.date:%A, %B} {route.date.day}",
        revision=route.revision,
        published=clock.moment(route.published_at, now),
        as_of=clock.time(now),
        stops=stops,
        gone=_gone(facts, clock),
        breaks=tuple(
            f"{pause.minutes} min break, to begin {clock.span(pause.earliest, pause.latest)}"
            for shift in shifts
            for pause in shift.breaks
        ),
        hours=tuple(clock.span(shift.starts_at, shift.ends_at) for shift in shifts),
        sketch=_sketch(facts, shifts),
    )


class _Clock:
    """Moments in the wall time of the route."""

    def __init__(self, zone: str) -> None:
        self._zone = zone_of(zone)

    def time(self, at: datetime) -> str:
        local = at.astimezone(self._zone)
        return f"{local.hour % 12 or 12}:{local.minute:02} {'AM' if local.hour < 12 else 'PM'}"

    def span(self, begin: datetime, end: datetime) -> str:
        """AM and PM are said once where both ends share it."""
        first, last = self.time(begin), self.time(end)
        return f"{first[:-3] if first[-2:] == last[-2:] else first} to {last}"

    def moment(self, at: datetime, now: datetime) -> str:
        """With its day, where that is not today."""
        local, today = at.astimezone(self._zone), now.astimezone(self._zone).date()
        return self.time(at) if local.date() == today else f"{local:%b} {local.day}, {self.time(at)}"


def _stop(number: int, stop: RouteStop, facts: Facts, clock: _Clock) -> SheetStop:
    appointment = facts.appointments.get(stop.appointment_id)
    status = appointment.status if appointment else Status.BOOKED
    mobile = stop.setting == MOBILE
    steps = steps_left(status, mobile=mobile)
    profile = facts.profiles.get(stop.patient_id)
    given_up = facts.given_up.get(stop.appointment_id)
    eta = facts.expected.get(stop.appointment_id)
    stands = _stands(given_up, appointment)
    late = eta is not None and eta.delayed >= _WORTH_SAYING and not stands
    service = facts.directory.service_types.get(stop.service_type)
    visit = appointment.visit if appointment else None
    location = facts.directory.locations.get(visit.location_id) if visit and visit.location_id else None
    return SheetStop(
        number=number,
        id=stop.appointment_id,
        patient=stop.patient_name,
        starts=clock.time(stop.starts_at),
        ends=clock.time(stop.ends_at),
        window=_window(stop, clock),
        site=location.name if location else None,
        address=stop.address,
        ways=ways_to(stop.address) if stop.address else (),
        # The newest: a code that was changed at noon is not the one that was published in the morning.
        door_notes=profile.door_notes if profile and mobile else stop.door_notes,
        service=service.name if service else "",
        drive_minutes=stop.drive_minutes,
        phase=_PHASES[status],
        state=_state(appointment, clock, mobile=mobile) if not stands else "You can't make it",
        steps=steps,
        can_give_up=can_give_up(status),
        can_be_absent=can_give_up(status),
        given_up=_said(given_up, clock) if given_up and stands else None,
        expected=clock.time(eta.starts_at) if eta and late else None,
        breaks_promise=eta is not None and late and eta.late > 0,
    )


_PHASES = {
    Status.BOOKED: Phase.AHEAD,
    Status.CONFIRMED: Phase.AHEAD,
    Status.EN_ROUTE: Phase.UNDER_WAY,
    Status.ARRIVED: Phase.UNDER_WAY,
    Status.IN_PROGRESS: Phase.UNDER_WAY,
    Status.COMPLETED: Phase.DONE,
    Status.CANCELLED: Phase.OFF,
    Status.LATE_CANCELLED: Phase.OFF,
    Status.NO_SHOW: Phase.OFF,
}


def _state(appointment: Appointment | None, clock: _Clock, *, mobile: bool) -> str:
    if appointment is None or not appointment.history:
        return "Planned"
    since = clock.time(appointment.history[-1].at)
    words = {
        Status.BOOKED: "Planned",
        Status.CONFIRMED: "Confirmed by the patient",
        Status.EN_ROUTE: f"On my way since {since}",
        Status.ARRIVED: f"{'Arrived' if mobile else 'Patient arrived'} at {since}",
        Status.IN_PROGRESS: f"Treatment since {since}",
        Status.COMPLETED: f"Done at {since}",
        Status.CANCELLED: "Cancelled",
        Status.LATE_CANCELLED: "Cancelled late",
        Status.NO_SHOW: f"Nobody was there at {since}",
    }
    return words[appointment.status]


def _window(stop: RouteStop, clock: _Clock) -> str | None:
    """What the patient was promised, where that is more than a moment."""
    if stop.promised_from is None or stop.promised_until is None or stop.promised_from == stop.promised_until:
        return None
    return clock.span(stop.promised_from, stop.promised_until)


def _stands(given_up: GivenUp | None, appointment: Appointment | None) -> bool:
    """Whether what was said is still so: the visit has not ended, and nobody set out to it since."""
    if given_up is None or appointment is None or not steps_left(appointment.status, mobile=appointment.mobile):
        return False
    return appointment.status in NOT_BEGUN or given_up.said_at >= appointment.history[-1].at


def _said(given_up: GivenUp, clock: _Clock) -> str:
    said = f"You told the office at {clock.time(given_up.said_at)} that you can't make it."
    if given_up.settled_at is None:
        return f"{said} Nobody has answered yet."
    return f"{said} The office saw it at {clock.time(given_up.settled_at)}."


def _gone(facts: Facts, clock: _Clock) -> tuple[Gone, ...]:
    here = {stop.appointment_id for stop in facts.route.stops}
    last = {stop.appointment_id: stop for route in facts.before for stop in route.stops}
    gone = sorted((stop for id_, stop in last.items() if id_ not in here), key=lambda stop: stop.starts_at)
    return tuple(Gone(stop.patient_name, clock.time(stop.starts_at), _why_gone(stop, facts, clock)) for stop in gone)


def _why_gone(stop: RouteStop, facts: Facts, clock: _Clock) -> str:
    appointment = facts.appointments.get(stop.appointment_id)
    if appointment is None:
        return "no longer yours"
    if _PHASES[appointment.status] is Phase.OFF:
        words = _state(appointment, clock, mobile=appointment.mobile)
        return words[0].lower() + words[1:]
    if appointment.visit.therapist_id != facts.route.therapist_id:
        return "a colleague makes this visit"
    return "moved to another day" if appointment.date != facts.route.date else "no longer yours"


def _sketch(facts: Facts, shifts: Sequence[Shift]) -> Sketch | None:
    therapist = facts.directory.therapist(facts.route.therapist_id)
    numbered = list(enumerate(facts.route.stops, 1))
    runs, countries = [], set()
    for shift in shifts:
        site = shift.location_id or shift.depot_id
        base = Place(f"base-{site or 'home'}", "", facts.directory.base(shift, therapist))
        mine = []
        for number, stop in numbered:
            if stop.address and stop.address.coordinates and shift.starts_at <= stop.starts_at < shift.ends_at:
                mine.append(Place(stop.appointment_id, str(number), stop.address.coordinates))
                countries.add(stop.address.country)
        if mine:
            runs.append([base, *mine, base])
    return draw(runs, miles=countries == {"US"})
