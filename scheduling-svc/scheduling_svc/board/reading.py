"""Reading what a board shows, and what a move on it is judged by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from fascia.store import UnitOfWork
from scheduling_svc.board.board import Beside, Board, draw_board
from scheduling_svc.board.scene import Scene
from scheduling_svc.booking import store as booking
from scheduling_svc.disruption.blocked_roads import with_blocks
from scheduling_svc.disruption.store import road_blocks, unresolved_risks
from scheduling_svc.patients import store as patients
from scheduling_svc.plans.marks import marks
from scheduling_svc.plans.reading import FAIRNESS_DAYS
from scheduling_svc.routes.store import unsettled_on
from scheduling_svc.routing import store as routing
from scheduling_svc.routing.therapist_day import TherapistDay
from scheduling_svc.store import read
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.travel.supplying import Day, DayPlaces, prepared_travel, travel_for
from scheduling_svc.waitlist.waiting import waiting
from scheduling_svc.workforce import store as workforce
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import MOBILE, Coordinates


def read_board(uow: UnitOfWork, on: date, region: str | None = None) -> Board:
    """The board of a date, of all regions or of one. Raises Conflict before the practice was set up."""
    scene = read_scene(uow, on, region)
    beside = Beside(
        waiting=waiting(uow, [on]),
        given_up=unsettled_on(uow, on),
        risks=unresolved_risks(uow, on),
        to_plan=frozenset(mark.therapist_id for mark in marks(uow, on)),
    )
    return draw_board(scene, region, beside)


def read_scene(uow: UnitOfWork, on: date, region: str | None = None, *, ask_roads: bool = False) -> Scene:
    """The days of all therapists, or of a region's, on a date, in few trips whatever their number.

    ask_roads: what is not known of the roads is asked for first; never inside a transaction.
    """
    directory = workforce.directory(uow)
    members = [one.id for one in directory.therapists.values() if region in (None, one.region)]
    found = routing.calendars(uow, [routing.day_owner(id_, on) for id_ in members]).days()
    days = {day.therapist_id: day for day in sorted(found, key=lambda day: day.therapist_id)}
    stops = [stop for day in days.values() for stop in day.stops]
    patient_ids = {stop.patient_id for stop in stops}
    keys = [key for id_ in patient_ids for key in (patients.key(id_), patients.preference_key(id_))]
    documents = read(uow, keys)
    return Scene(
        date=on,
        directory=directory,
        days=days,
        travel=with_blocks(_travel(uow, directory, on, days.values(), ask_roads=ask_roads), road_blocks(uow, [on])),
        now=uow.now,
        appointments={one.id: one for one in booking.find_appointments(uow, [stop.id for stop in stops])},
        patients={id_: patients.among(uow, documents, id_) for id_ in patient_ids},
        preferences={id_: patients.preference_among(documents, id_) for id_ in patient_ids},
        worked=_worked(uow, days, on) if directory.settings and directory.practice.planning.unfairness else {},
    )


def _travel(
    uow: UnitOfWork, directory: Directory, on: date, days: Iterable[TherapistDay], *, ask_roads: bool
) -> PracticeTravel:
    """Drive times by what is stored of each region's day, and of the visits of all days where the roads are asked."""
    places: dict[str, set[Coordinates]] = {}
    everywhere: set[Coordinates] = set()
    for day in days:
        therapist = directory.therapist(day.therapist_id)
        own = places.setdefault(therapist.region, set())
        own.add(therapist.home)
        visited = {stop.place for stop in day.stops if stop.setting == MOBILE}
        own |= visited
        everywhere |= visited
    if not ask_roads:
        return travel_for(uow, directory, [Day(on, region) for region in places])
    # A visit may go to another region's therapist: its place is then one of both.
    asked = [DayPlaces(Day(on, region), frozenset(own | everywhere)) for region, own in places.items()]
    return prepared_travel(uow, directory, asked)


def _worked(uow: UnitOfWork, therapists: Iterable[str], before: date) -> dict[str, int]:
    past = [before - timedelta(days=back) for back in range(1, FAIRNESS_DAYS + 1)]
    return routing.worked_seconds(uow, [routing.day_owner(id_, day) for id_ in therapists for day in past])
