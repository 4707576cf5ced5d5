"""Random moves on random days, judged by arithmetic of the test's own: no promise broken, nobody in two places."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from fascia.problem import Conflict
from scheduling_svc.board.scene import Scene
from scheduling_svc.board.what_if import Judgement, Move, judge
from scheduling_svc.booking.appointment import Appointment, Status
from scheduling_svc.booking.visit import VisitRequest
from scheduling_svc.patients.patient import Patient, Profile
from scheduling_svc.routing.promise import Promise
from scheduling_svc.routing.therapist_day import Stop, TherapistDay, schedule_of
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import MOBILE, Address, Coordinates
from scheduling_svc.workforce.practice import Practice
from scheduling_svc.workforce.service_type import Kind, ServiceType
from scheduling_svc.workforce.shift import Shift, ShiftBreak
from scheduling_svc.workforce.therapist import Licence, Therapist

DAY = date(2027, 1, 18)
OPENS = datetime(2027, 1, 18, 14, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=9)
ZONE = "America/New_York"
# The same speed at every hour, so that the test can add up drives without knowing when they begin.
PRACTICE = Practice("Sample", ZONE, promise_minutes=120, kmh_by_hour=(30.0,) * 24)
TRAVEL = PracticeTravel(PRACTICE)
NAMES = ("alma", "berta", "carla")


def therapist(id_: str) -> Therapist:
    licence = Licence("MA", "1", date(2026, 1, 1), date(2028, 1, 1))
    return Therapist(
        id=id_,
        name=id_,
        phone=None,
        email=None,
        home=Coordinates(42.36, -71.06),
        time_zone=ZONE,
        licences=(licence,),
        service_types=frozenset({"massage"}),
        settings=frozenset({MOBILE}),
        max_drive_minutes=60,
        max_day_drive_minutes=150 if id_ == "carla" else None,
    )


DIRECTORY = Directory(
    PRACTICE,
    service_types={"massage": ServiceType("massage", "Massage", Kind.EVALUATION, 60, frozenset({MOBILE}))},
    therapists={id_: therapist(id_) for id_ in NAMES},
)


def shift(id_: str, lunch: bool) -> Shift:
    pause = ShiftBreak(OPENS + timedelta(hours=2), OPENS + timedelta(hours=5), 30)
    return Shift(f"shift-{id_}", MOBILE, None, OPENS, CLOSES, ZONE, (pause,) if lunch else ())


def random_scene(seed: int) -> Scene:
    dice = random.Random(seed)
    days = {id_: TherapistDay(id_, DAY, 1, shifts=(shift(id_, dice.random() < 0.5),)) for id_ in NAMES}
    appointments, patients = {}, {}
    for number in range(14):
        owner = dice.choice(NAMES)
        place = Coordinates(42.30 + 0.12 * dice.random(), -71.12 + 0.12 * dice.random())
        opens = OPENS + timedelta(minutes=15 * dice.randrange(26))
        promise = Promise(opens, opens + timedelta(minutes=dice.choice((0, 60, 120))))
        id_ = f"visit-{number}"
        stop = Stop(
            id=id_,
            patient_id=id_,
            setting=MOBILE,
            location_id=None,
            shift_id=f"shift-{owner}",
            place=place,
            starts_at=opens,
            ends_at=opens + timedelta(minutes=60),
            promise=promise,
            service_type="massage",
        )
        schedule = schedule_of(
            days[owner].shifts[0], days[owner].stops, therapist(owner), DIRECTORY, TRAVEL.in_zone(ZONE)
        )
        try:
            days[owner], _ = days[owner].with_stop(stop, schedule, OPENS - timedelta(days=1))
        except Conflict:
            continue
        planned = days[owner].stop(id_)
        assert planned is not None
        request = VisitRequest(id_, "massage", MOBILE, owner, planned.starts_at, promise=promise)
        appointments[id_] = Appointment(id_, request, planned.ends_at, DAY, ZONE, version=1)
        address = Address("1 Sample Street", "Boston", "MA", "02116", "US", place)
        patients[id_] = Patient(id_, 1, Profile(1, id_, address, ZONE))
    return Scene(DAY, DIRECTORY, days, TRAVEL, OPENS - timedelta(days=1), appointments, patients)


def random_move(scene: Scene, dice: random.Random) -> Move:
    id_ = dice.choice(sorted(scene.appointments))
    move = Move(id_, dice.choice(NAMES))
    how = dice.randrange(3)
    if how == 0:
        return replace(move, position=dice.randrange(6))
    if how == 1:
        promised = scene.appointments[id_].visit.promised
        inside = int((promised.latest - promised.earliest).total_seconds() // 60)
        return replace(move, starts_at=promised.earliest + timedelta(minutes=dice.randrange(inside + 1)))
    return move


def minutes(here: Coordinates, there: Coordinates) -> timedelta:
    return timedelta(minutes=TRAVEL.in_zone(ZONE).minutes(here, there, OPENS))


def faults(day: TherapistDay) -> list[str]:
    """What is wrong with a day: written anew, by adding up."""
    found, home = [], therapist(day.therapist_id).home
    place, free, driven = home, OPENS, timedelta()
    (pause,) = day.shifts[0].breaks or (None,)
    rested = pause is None
    for stop in day.stops:
        assert stop.promise is not None
        if not stop.promise.earliest <= stop.starts_at <= stop.promise.latest:
            found.append(f"{stop.id} begins outside its promise")
        drive = minutes(place, stop.place)
        driven += drive
        rested = rested or _rests(pause, free, stop.starts_at, drive)
        if free + drive > stop.starts_at:
            found.append(f"{stop.id} is reached too late")
        place, free = stop.place, stop.ends_at
    drive = minutes(place, home)
    if free + drive > CLOSES:
        found.append("comes home too late")
    rested = rested or _rests(pause, free, CLOSES, drive)
    most = therapist(day.therapist_id).max_day_drive_minutes
    if most is not None and driven + drive > timedelta(minutes=most):
        found.append("drives too much")
    return found if rested else [*found, "has no pause"]


def _rests(pause: ShiftBreak | None, since: datetime, until: datetime, drive: timedelta) -> bool:
    """Whether a pause fits between two visits, before the drive or after it."""
    if pause is None:
        return True
    before, after = max(since, pause.earliest), max(since + drive, pause.earliest)
    length = timedelta(minutes=pause.minutes)
    return (before <= pause.latest and before + length + drive <= until) or (
        after <= pause.latest and after + length <= until
    )


def judged(seeds: Iterable[int]) -> Iterable[tuple[Scene, Judgement]]:
    for seed in seeds:
        scene, dice = random_scene(seed), random.Random(seed)
        assert [fault for day in scene.days.values() for fault in faults(day)] == []
        for _ in range(12):
            yield scene, judge(scene, random_move(scene, dice))


def test_no_move_that_is_called_feasible_breaks_anything() -> None:
    feasible = 0
    for scene, found in judged(range(40)):
        if not found.feasible:
            continue
        feasible += 1
        for day in found.days:
            assert faults(day) == []
        moved = next(stop for day in found.days for stop in day.stops if stop.id == found.move.appointment_id)
        assert found.move.starts_at in (None, moved.starts_at)
        ids = sorted(stop.id for day in found.days for stop in day.stops)
        before = {day.therapist_id: day for day in scene.days.values()}
        assert ids == sorted(stop.id for day in found.days for stop in before[day.therapist_id].stops)
    assert feasible > 100


def test_who_is_called_affected_is_who_is_elsewhere_and_driving_adds_up() -> None:
    for scene, found in judged(range(40, 60)):
        if not found.feasible or found.cost is None:
            continue
        was = {stop.id: (day.therapist_id, stop.starts_at) for day in scene.days.values() for stop in day.stops}
        now = {stop.id: (day.therapist_id, stop.starts_at) for day in found.days for stop in day.stops}
        assert {one.id for one in found.affected} == {id_ for id_, place in now.items() if was[id_] != place}
        driven = sum(_driven(day) for day in found.days) - sum(_driven(scene.days[d.therapist_id]) for d in found.days)
        assert found.cost.driving == driven


def _driven(day: TherapistDay) -> int:
    home = therapist(day.therapist_id).home
    places = [home, *(stop.place for stop in day.stops), home]
    return sum(int(minutes(a, b).total_seconds() // 60) for a, b in pairwise(places))


def test_a_move_is_refused_only_where_trying_every_minute_finds_nothing() -> None:
    refused = 0
    for scene, found in judged(range(60, 75)):
        if found.feasible or found.move.position is not None or found.move.starts_at is not None:
            continue
        refused += 1
        assert {problem.code for problem in found.obstacles} <= {
            "therapist-busy",
            "therapist-cannot-get-there",
            "therapist-needs-a-break",
            "outside-service-area",
            "therapist-drives-enough",
            "therapist-not-on-shift",
        }
        promised = scene.appointments[found.move.appointment_id].visit.promised
        tried = promised.earliest
        while tried <= promised.latest:
            assert not judge(scene, replace(found.move, starts_at=tried)).feasible
            tried += timedelta(minutes=5)
    assert refused > 3


@pytest.mark.parametrize("status", [Status.EN_ROUTE, Status.COMPLETED, Status.CANCELLED])
def test_only_what_has_not_begun_is_moved(status: Status) -> None:
    scene = random_scene(1)
    id_, known = next(iter(scene.appointments.items()))
    begun = replace(scene, appointments={**scene.appointments, id_: replace(known, status=status)})

    found = judge(begun, Move(id_, "berta"))

    assert [problem.code for problem in found.obstacles] == ["visit-not-movable"]


def test_whom_a_patient_asked_for_is_not_replaced() -> None:
    scene = random_scene(2)
    id_, known = next(iter(scene.appointments.items()))
    asked = replace(known, visit=replace(known.visit, asked_for=True))
    other = next(name for name in NAMES if name != known.visit.therapist_id)

    found = judge(replace(scene, appointments={**scene.appointments, id_: asked}), Move(id_, other))

    assert "therapist-was-asked-for" in [problem.code for problem in found.obstacles]
