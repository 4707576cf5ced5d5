"""The simulated week in memory: the service's own offers, days and planner, without a database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from scheduling_svc.booking.offers import Offer, offers
from scheduling_svc.booking.reach import Situation
from scheduling_svc.booking.wish import Wish
from scheduling_svc.expecting.expected import ExpectedDay, ExpectedVisit
from scheduling_svc.expecting.forecasting import places_of
from scheduling_svc.patients.patient import Patient, Profile
from scheduling_svc.patients.preference import Preference
from scheduling_svc.planning import planner
from scheduling_svc.planning.plan import Plan
from scheduling_svc.planning.problem import Problem
from scheduling_svc.plans.arrangement import changed_days
from scheduling_svc.plans.finding import find_plan
from scheduling_svc.plans.region_days import RegionDays
from scheduling_svc.routing.calendar import Calendar
from scheduling_svc.routing.therapist_day import Stop, TherapistDay, schedule_of
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import MOBILE, Address, Coordinates
from scheduling_svc.workforce.planning_policy import PlanningPolicy
from scheduling_svc.workforce.practice import Practice
from scheduling_svc.workforce.service_type import Kind, ServiceType
from scheduling_svc.workforce.shift import Shift, ShiftBreak
from scheduling_svc.workforce.therapist import Licence, Therapist
from slotting_checker import Routes
from slotting_checker import Stop as Seen
from slotting_world import (
    CIRCUITY,
    DAYS,
    KMH,
    LUNCH,
    LUNCH_FROM,
    LUNCH_UNTIL,
    PROMISE,
    SHIFT,
    SKILL,
    THERAPISTS,
    VISIT,
    Place,
    Request,
    World,
)

ZONE = "UTC"
MONDAY = datetime(2027, 4, 5, 8, 0, tzinfo=UTC)
NOW = MONDAY - timedelta(hours=20)
Solve = Callable[[Problem, Plan | None], Plan]


@dataclass
class Week:
    """Days of all therapists as they are booked."""

    world: World
    grid: int = 60
    promise: int = PROMISE
    policy: PlanningPolicy = field(default_factory=PlanningPolicy)

    def __post_init__(self) -> None:
        self.directory = _directory(self)
        self.travel = PracticeTravel(self.directory.practice)
        self.expected: dict[int, ExpectedDay] = {}
        self.days = {
            (therapist, day): TherapistDay(f"t{therapist}", _date(day), 1, shifts=(_shift(therapist, day),))
            for therapist in range(THERAPISTS)
            for day in range(DAYS)
        }

    def offers(self, request: Request, limit: int) -> list[Offer]:
        """What the service offers a patient who is free all week."""
        skills = (SKILL,) if request.skilled else ()
        wish = Wish(
            f"p{request.number}", "massage", MOBILE, MONDAY, MONDAY + timedelta(days=DAYS), skills=skills, limit=limit
        )
        return offers(wish, self._situation(request))

    def book(self, request: Request, offer: Offer) -> tuple[int, int]:
        """Take an offer; returns the therapist and the day."""
        visit = offer.visit
        key = int(visit.therapist_id[1:]), (visit.starts_at.date() - MONDAY.date()).days
        day = self.days[key]
        shift = day.shifts[0]
        stop = Stop(
            id=f"a{request.number}",
            patient_id=visit.patient_id,
            setting=MOBILE,
            location_id=None,
            shift_id=shift.id,
            place=_at(request.home),
            starts_at=visit.starts_at,
            ends_at=offer.ends_at,
            promise=visit.promise,
            service_type="massage",
            skills=visit.skills,
        )
        therapist = self.directory.therapist(visit.therapist_id)
        schedule = schedule_of(shift, day.stops, therapist, self.directory, self.travel.in_zone(ZONE), NOW)
        self.days[key] = day.with_stop(stop, schedule, NOW)[0]
        return key

    def replan(self, day: int, seconds: float | None = None, rounds: int | None = None, seed: int = 1) -> None:
        """Plan a day anew behind its promises, as the worker does after a booking."""

        def solve(problem: Problem, start: Plan | None) -> Plan:
            return planner.solve(problem, seed=seed, rounds=rounds, seconds=seconds, start=start)

        days = tuple(self.days[therapist, day] for therapist in range(THERAPISTS))
        numbers = [int(stop.patient_id[1:]) for one in days for stop in one.stops]
        patients = {f"p{n}": _patient(self.world.requests[n]) for n in numbers}
        ahead = self.expected.get(day)
        if ahead is not None:
            ahead = ahead.answered_by(stop for one in days for stop in one.stops)
        expected = ahead.visits if ahead else ()
        source = RegionDays("main", (_date(day),), self.directory, days, NOW, patients=patients, expected=expected)
        found = find_plan(source, self.travel, solve)
        if ahead is not None:
            self.expected[day] = ahead.placed(places_of(found.assembled, found.plan))
        if found.keeps_promises:
            for changed in changed_days(found.assembled, found.plan):
                self.days[int(changed.therapist_id[1:]), day] = changed

    def expect(self, rounds: int, seed: int = 1) -> None:
        """Reckon with the visits of the week before, as the service does by the clock."""

        def solve(problem: Problem, start: Plan | None) -> Plan:
            return planner.solve(problem, seed=seed, rounds=rounds, start=start)

        visits = tuple(_expected(self.world, *one) for one in past_week(self.world))
        dates = tuple(_date(day) for day in range(DAYS))
        source = RegionDays("main", dates, self.directory, tuple(self.days.values()), NOW, expected=visits)
        found = find_plan(source, self.travel, solve)
        places = places_of(found.assembled, found.plan)
        for day in range(DAYS):
            mine = tuple(one for one in visits if one.id in places and places[one.id].date == _date(day))
            self.expected[day] = ExpectedDay("main", _date(day), mine).placed(places)

    def routes(self) -> Routes:
        """For the checker."""
        return {
            (therapist, day): [_seen(stop, day) for stop in one.stops] for (therapist, day), one in self.days.items()
        }

    def _situation(self, request: Request) -> Situation:
        patient = _patient(request)
        return Situation(
            directory=self.directory,
            patient=patient,
            profile=patient.registered(),
            preference=Preference(patient.id),
            days=list(self.days.values()),
            calendars={},
            own_calendar=Calendar(f"agenda:{patient.id}"),
            travel=self.travel,
            allows=lambda _: True,
            now=NOW,
            expected=self._expected(),
        )

    def _expected(self) -> dict[tuple[str, date], list[ExpectedVisit]]:
        found: dict[tuple[str, date], list[ExpectedVisit]] = {}
        for day in self.expected.values():
            for visit in day.visits:
                if visit.therapist_id is not None:
                    found.setdefault((visit.therapist_id, day.date), []).append(visit)
        return found


def past_week(world: World) -> list[tuple[int, int, Seen]]:
    """The week before, booked by cheapest insertion and never planned anew: therapist, day, and visit to `history`."""
    week = Week(replace(world, requests=world.history), policy=PlanningPolicy(fill_minutes=0, unfairness=0))
    for request in world.history:
        offers = week.offers(request, 1)
        if offers:
            week.book(request, offers[0])
    return [(therapist, day, stop) for (therapist, day), stops in week.routes().items() for stop in stops]


def _expected(world: World, therapist: int, day: int, stop: Seen) -> ExpectedVisit:
    patient = world.history[stop.request]
    skills = (SKILL,) if patient.skilled else ()
    begins = MONDAY + timedelta(days=day, minutes=stop.starts)
    return ExpectedVisit(f"e{patient.number}", _at(patient.home), "massage", VISIT, skills, f"t{therapist}", begins)


def _seen(stop: Stop, day: int) -> Seen:
    opens = MONDAY + timedelta(days=day)
    minutes = [int((at - opens).total_seconds()) // 60 for at in (stop.starts_at, stop.earliest, stop.latest)]
    return Seen(int(stop.patient_id[1:]), minutes[0], (minutes[1], minutes[2]))


def _directory(week: Week) -> Directory:
    practice = Practice(
        name="Bench",
        time_zone=ZONE,
        slot_minutes=week.grid,
        promise_minutes=week.promise,
        circuity=CIRCUITY,
        kmh_by_hour=(KMH,) * 24,
        planning=week.policy,
    )
    massage = ServiceType("massage", "Massage", Kind.EVALUATION, VISIT, frozenset({MOBILE}))
    therapists = {f"t{n}": _therapist(n, home) for n, home in enumerate(week.world.homes)}
    return Directory(practice, service_types={"massage": massage}, therapists=therapists)


def _therapist(number: int, home: Place) -> Therapist:
    licence = Licence("MA", "1", date(2020, 1, 1), date(2030, 1, 1))
    return Therapist(
        id=f"t{number}",
        name="",
        phone=None,
        email=None,
        home=_at(home),
        time_zone=ZONE,
        licences=(licence,),
        service_types=frozenset({"massage"}),
        settings=frozenset({MOBILE}),
        max_drive_minutes=120,
        skills=frozenset({SKILL}) if number < THERAPISTS // 2 else frozenset(),
    )


def _shift(therapist: int, day: int) -> Shift:
    opens = MONDAY + timedelta(days=day)
    lunch = ShiftBreak(opens + timedelta(minutes=LUNCH_FROM), opens + timedelta(minutes=LUNCH_UNTIL), LUNCH)
    return Shift(f"s{therapist}-{day}", MOBILE, None, opens, opens + timedelta(minutes=SHIFT), ZONE, (lunch,))


def _patient(request: Request) -> Patient:
    address = Address("1 Sample Street", "Boston", "MA", "02116", "US", _at(request.home))
    return Patient(f"p{request.number}", 1, Profile(1, "", address, ZONE))


def _at(place: Place) -> Coordinates:
    return Coordinates(*place)


def _date(day: int) -> date:
    return (MONDAY + timedelta(days=day)).date()
