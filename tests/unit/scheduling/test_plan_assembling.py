"""From stored days to a problem and back, without a database."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from fascia.problem import Conflict
from scheduling_svc.booking.appointment import Appointment, Status
from scheduling_svc.booking.visit import VisitRequest
from scheduling_svc.expecting.expected import ExpectedVisit
from scheduling_svc.patients.patient import Patient, Profile
from scheduling_svc.patients.preference import Preference
from scheduling_svc.planning import checker, planner
from scheduling_svc.planning.plan import LeftOut, Plan, PlannedBreak, PlannedRun, PlannedVisit, Why
from scheduling_svc.planning.problem import Window
from scheduling_svc.plans.arrangement import broken_promises, changed_days, placements, stored_plan
from scheduling_svc.plans.assembling import EXPECTED_PRIZE, assemble, places_of
from scheduling_svc.plans.committing import require_kept
from scheduling_svc.plans.finding import Found
from scheduling_svc.plans.region_days import RegionDays
from scheduling_svc.plans.retiming import on_the_roads
from scheduling_svc.plans.solution import plan_of, solution_of
from scheduling_svc.routing.promise import Promise
from scheduling_svc.routing.therapist_day import DayStatus, Stop, TherapistDay
from scheduling_svc.travel.practice_travel import PracticeTravel
from scheduling_svc.travel.road_travel import NO_ROAD
from scheduling_svc.travel.travel import Because
from scheduling_svc.waitlist.entry import Entry, Hours
from scheduling_svc.waitlist.promising import promise_around
from scheduling_svc.workforce.directory import Directory
from scheduling_svc.workforce.place import Address, Coordinates
from scheduling_svc.workforce.planning_policy import PlanningPolicy
from scheduling_svc.workforce.practice import Practice
from scheduling_svc.workforce.service_type import Kind, ServiceType
from scheduling_svc.workforce.shift import Shift, ShiftBreak
from scheduling_svc.workforce.therapist import Licence, Therapist

ZONE = "America/New_York"
DAY = date(2027, 1, 18)
OPENS = datetime(2027, 1, 18, 14, tzinfo=UTC)  # 09:00 in Boston
NOW = OPENS - timedelta(days=1)
HOME, NEAR, FAR = Coordinates(42.3, -71.0), Coordinates(42.31, -71.0), Coordinates(42.4, -71.0)
MASSAGE = ServiceType("massage-60", "Massage", Kind.TREATMENT, 60, frozenset({"mobile"}), skills=frozenset({"lymph"}))


def at(minutes: int) -> datetime:
    return OPENS + timedelta(minutes=minutes)


def therapist(id_: str, **changes: Any) -> Therapist:
    licence = Licence("MA", "1", date(2026, 1, 1), date(2027, 12, 31))
    known = Therapist(
        id=id_,
        name=id_,
        phone=None,
        email=None,
        home=HOME,
        time_zone=ZONE,
        licences=(licence,),
        service_types=frozenset({"massage-60"}),
        settings=frozenset({"mobile"}),
        max_drive_minutes=60,
        skills=frozenset({"lymph"}),
    )
    return replace(known, **changes)


def stop(id_: str, start: int, place: Coordinates = NEAR, shift: str = "shift-alma", **changes: Any) -> Stop:
    """A visit that was promised to begin within the two hours around its start."""
    known = Stop(
        id=id_,
        patient_id=f"patient-{id_}",
        setting="mobile",
        location_id=None,
        shift_id=shift,
        place=place,
        starts_at=at(start),
        ends_at=at(start + 60),
        promise=Promise(at(start - 30), at(start + 90)),
        service_type="massage-60",
    )
    return replace(known, **changes)


def day(therapist_id: str, *stops: Stop, **changes: Any) -> TherapistDay:
    shift = Shift(f"shift-{therapist_id}", "mobile", None, OPENS, at(480), ZONE, changes.pop("breaks", ()))
    return replace(TherapistDay(therapist_id, DAY, 3, shifts=(shift,), stops=stops), **changes)


def patient(id_: str, place: Coordinates = NEAR, state: str = "MA") -> Patient:
    address = Address("1 Sample Street", "Boston", state, "02110", "US", place)
    return Patient(id_, 1, Profile(1, id_, address, ZONE))


def region(*days: TherapistDay, therapists: tuple[Therapist, ...] = (), **changes: Any) -> RegionDays:
    people = therapists or tuple(therapist(one.therapist_id) for one in days)
    practice = changes.pop("practice", Practice("Sample", ZONE, promise_minutes=120, kmh_by_hour=(40.0,) * 24))
    directory = Directory(practice, service_types={"massage-60": MASSAGE}, therapists={one.id: one for one in people})
    patients = {one.patient_id: patient(one.patient_id, one.place) for known in days for one in known.stops}
    return RegionDays("main", (DAY,), directory, days, **{"now": NOW, "patients": patients, **changes})


def assembled(source: RegionDays) -> Any:
    return assemble(source, PracticeTravel(source.directory.practice))


def visit(found: Any, id_: str) -> Any:
    return next(one for one in found.problem.visits if one.id == id_)


def test_promises_become_windows_and_shifts_become_runs() -> None:
    lunch = ShiftBreak(at(150), at(270), 30)
    people = (therapist("alma", max_day_drive_minutes=100, max_overtime_minutes=15),)
    found = assembled(region(day("alma", stop("a", 60), breaks=(lunch,)), therapists=people))
    (run,) = found.problem.runs
    assert (run.id, run.opens, run.closes, run.overtime) == ("shift-alma", 0, 480 * 60, 15 * 60)
    assert (run.most_driving, run.longest_drive) == (100 * 60, 60 * 60)
    assert run.breaks[0].window == Window(150 * 60, 270 * 60)
    assert run.breaks[0].seconds == 30 * 60
    one = visit(found, "a")
    assert one.windows == (Window(30 * 60, 150 * 60),)
    assert (one.was.run, one.was.start, one.pinned, one.prize, one.told) == ("shift-alma", 60 * 60, None, None, False)
    assert {found.places[one.place], found.places[run.start_place]} == places_of(found.source)


def test_only_who_may_make_a_visit_is_asked() -> None:
    people = (
        therapist("alma"),
        therapist("bela", skills=frozenset()),
        therapist("cora", licences=()),
        therapist("dana", service_area=(Coordinates(0, 0), Coordinates(0, 1), Coordinates(1, 0))),
        therapist("emil"),
        therapist("fred"),
        therapist("gone", active=False),
    )
    days = [day("alma", stop("a", 60)), *(day(one.id) for one in people[1:])]
    refusing = {"patient-a": Preference("patient-a", refused=("emil",))}
    found = assembled(region(*days, therapists=people, preferences=refusing))
    assert visit(found, "a").runs == {"shift-alma", "shift-fred"}


def test_a_hold_and_a_visit_asked_for_by_name_stay_with_their_therapist() -> None:
    stops = (stop("held", 60, held_until=NOW + timedelta(minutes=5)), stop("named", 200, fixed_therapist=True))
    found = assembled(region(day("alma", *stops), day("bela")))
    assert visit(found, "held").runs == visit(found, "named").runs == {"shift-alma"}
    over = stop("over", 60, held_until=NOW - timedelta(minutes=5))
    assert assembled(region(day("alma", over))).problem.visits == ()


@pytest.mark.parametrize("progress", [{"status": Status.EN_ROUTE}, {"session_id": "signed"}])
def test_what_has_begun_or_is_locked_is_pinned(progress: dict[str, Any]) -> None:
    request = VisitRequest("patient-a", "massage-60", "mobile", "alma", at(60))
    begun = Appointment("a", request, at(120), DAY, ZONE, **progress)
    source = region(day("alma", stop("a", 60), stop("b", 200, locked=True), stop("c", 300)), appointments={"a": begun})
    found = assembled(source)
    assert visit(found, "a").pinned.start == 60 * 60
    assert visit(found, "b").pinned.start == 200 * 60
    assert visit(found, "c").pinned is None


def test_a_run_that_has_not_begun_does_not_begin_in_the_past() -> None:
    now = at(100) + timedelta(seconds=20)
    found = assembled(region(day("alma", stop("a", 60)), now=now))
    assert found.problem.runs[0].opens == 101 * 60
    assert visit(found, "a").windows == (Window(101 * 60, 150 * 60),)
    overdue = assembled(region(day("alma", stop("a", 60), stop("late", 0)), now=now))
    assert visit(overdue, "late").pinned.start == 0
    assert overdue.problem.runs[0].opens == 0


def test_strangers_cost_what_the_practice_says() -> None:
    liked = {"patient-a": Preference("patient-a", preferred=("bela",), visits={"alma": 3})}
    policy = PlanningPolicy(continuity_minutes=7, preference_minutes=11, change_of_hands_minutes=13)
    practice = Practice("Sample", ZONE, planning=policy)
    source = region(day("alma", stop("a", 60)), day("bela"), day("cora"), preferences=liked, practice=practice)
    found = assembled(source)
    assert visit(found, "a").costs == {"shift-alma": 660, "shift-bela": 420, "shift-cora": 1080}
    assert found.problem.weights.changed_hands == 780


def test_halves_of_a_tandem_stay_together_and_one_alone_is_none() -> None:
    pair = (stop("a", 60, partner_id="b"), stop("b", 60, shift="shift-bela", partner_id="a"))
    found = assembled(region(day("alma", pair[0]), day("bela", pair[1])))
    assert visit(found, "a").tandem == visit(found, "b").tandem == "a"
    assert visit(assembled(region(day("alma", pair[0]))), "a").tandem is None


def test_a_wish_is_an_optional_visit_in_the_hours_that_suit() -> None:
    entry = Entry("wish", "patient-w", "massage-60", DAY, DAY, hours=(Hours("13:00", "15:00"),), prize_minutes=40)
    source = region(day("alma"), waiting=(entry,), patients={"patient-w": patient("patient-w")})
    one = visit(assembled(source), "wish")
    assert (one.prize, one.windows, one.runs) == (2400, (Window(240 * 60, 360 * 60),), {"shift-alma"})
    soon = assembled(replace(source, now=at(250)))
    assert visit(soon, "wish").windows == (Window(310 * 60, 360 * 60),), "the desk needs an hour to ask the patient"
    nowhere = assembled(replace(source, patients={}))
    assert nowhere.problem.visits == ()


def test_who_is_only_expected_is_worth_less_than_anybody_who_waits() -> None:
    ahead = ExpectedVisit("ahead", NEAR, "massage-60", 60)
    entry = Entry("wish", "patient-w", "massage-60", DAY, DAY, prize_minutes=40)
    quiet = region(day("alma"), expected=(ahead,))
    busy = replace(quiet, waiting=(entry,), patients={"patient-w": patient("patient-w")})
    assert visit(assembled(quiet), "ahead").prize == EXPECTED_PRIZE
    assert visit(assembled(busy), "ahead").prize == visit(assembled(busy), "wish").prize - 1


def test_what_is_promised_to_a_waiting_patient_stays_in_their_hours() -> None:
    entry = Entry("wish", "patient-w", "massage-60", DAY, DAY, hours=(Hours("13:00", "15:00"),))
    assert promise_around(entry, at(350), DAY, ZONE, 90) == Promise(at(330), at(360))
    assert promise_around(entry, at(250), DAY, ZONE, 0) is None


def test_a_plan_becomes_days_and_what_it_has_no_say_in_stays() -> None:
    clinic = stop("clinic", 400, setting="clinic", location_id="clinic", shift_id="shift-clinic", promise=None)
    source = region(day("alma", stop("a", 60), stop("b", 200), clinic), day("bela"))
    found = assembled(source)
    plan = Plan(
        (
            PlannedRun("shift-alma", (PlannedVisit("b", 120, 180 * 60, 180 * 60),), (), 120, 15000),
            PlannedRun("shift-bela", (PlannedVisit("a", 120, 45 * 60, 45 * 60),), (), 120, 7000),
        )
    )
    alma, bela = changed_days(found, plan)
    assert [(one.id, one.starts_at, one.shift_id) for one in alma.stops] == [
        ("b", at(180), "shift-alma"),
        ("clinic", at(400), "shift-clinic"),
    ]
    assert [(one.id, one.starts_at, one.ends_at, one.shift_id) for one in bela.stops] == [
        ("a", at(45), at(105), "shift-bela")
    ]
    assert changed_days(found, stored_plan(found)) == []
    closed = assembled(region(day("alma", stop("a", 60), status=DayStatus.CLOSED), day("bela")))
    with pytest.raises(Conflict, match="closed"):
        changed_days(closed, replace(plan, runs=plan.runs[1:]))


def test_a_plan_that_leaves_out_a_promise_is_refused_by_name() -> None:
    entry = Entry("wish", "patient-a", "massage-60", DAY, DAY)
    found = assembled(region(day("alma", stop("a", 60)), waiting=(entry,)))
    plan = Plan((PlannedRun("shift-alma"),), (LeftOut("a", Why.NO_TIME), LeftOut("wish", Why.NOT_WORTH_IT)))
    broken = broken_promises(found, plan)
    assert [left.visit for left in broken] == ["a"]
    with pytest.raises(Conflict) as refused:
        require_kept(broken)
    assert refused.value.errors[0].field == "a"
    assert Why.NO_TIME.value in refused.value.errors[0].message


def test_the_stored_arrangement_is_a_plan_that_the_planner_takes_up() -> None:
    found = assembled(region(day("alma", stop("b", 200, FAR), stop("a", 60)), day("bela")))
    kept = planner.solve(found.problem, seed=1, rounds=0, start=stored_plan(found))
    assert checker.faults(found.problem, kept) == []
    assert [one.visit for one in kept.runs[0].visits] == ["a", "b"]


RUSH = tuple(20.0 if hour == 10 else 60.0 for hour in range(24))


def test_traffic_moves_a_visit_inside_its_promise() -> None:
    practice = Practice("Sample", ZONE, circuity=1.0, kmh_by_hour=RUSH)
    source = region(day("alma", stop("a", 60), stop("b", 120, FAR)), practice=practice)
    found = assembled(source)
    plan = Plan(
        (
            PlannedRun(
                "shift-alma",
                (PlannedVisit("a", 120, 60, 60 * 30), PlannedVisit("b", 600, 100 * 60, 100 * 60)),
                (),
                12 * 60,
                172 * 60,
            ),
        )
    )
    real = on_the_roads(found, plan, PracticeTravel(practice))
    assert real is not None
    first, second = real.runs[0].visits
    assert first.starts == 30 * 60
    assert second.drive > 25 * 60
    assert second.starts == first.starts + 3600 + second.drive
    assert visit(found, "b").windows[0].opens <= second.starts <= visit(found, "b").windows[0].closes


def test_a_promise_that_traffic_would_break_is_no_plan() -> None:
    practice = Practice("Sample", ZONE, circuity=1.0, kmh_by_hour=RUSH)
    exact = stop("b", 105, FAR, promise=None)
    source = region(day("alma", stop("a", 60), exact), practice=practice)
    found = assembled(source)
    visits = (PlannedVisit("a", 120, 60, 60 * 30), PlannedVisit("b", 600, 105 * 60, 105 * 60))
    plan = Plan((PlannedRun("shift-alma", visits, (), 12 * 60, 180 * 60),))
    assert on_the_roads(found, plan, PracticeTravel(practice)) is None


def test_pauses_move_with_the_traffic_and_stay_in_their_windows() -> None:
    lunch = ShiftBreak(at(120), at(180), 30)
    practice = Practice("Sample", ZONE, kmh_by_hour=(40.0,) * 24)
    source = region(day("alma", stop("a", 60), stop("b", 240, FAR), breaks=(lunch,)), practice=practice)
    found = assembled(source)
    plan = planner.solve(found.problem, seed=1, rounds=0, start=stored_plan(found))
    assert plan.runs[0].breaks
    assert on_the_roads(found, plan, PracticeTravel(practice)) == plan
    late = replace(plan.runs[0], breaks=(PlannedBreak(181 * 60, 30 * 60),))
    assert on_the_roads(found, replace(plan, runs=(late,)), PracticeTravel(practice)) is None


def test_runs_of_steady_roads_are_driven_as_planned() -> None:
    stops = [stop(str(number), 30 + 90 * number, NEAR if number % 2 else FAR) for number in range(5)]
    source = region(day("alma", *stops))
    found = assembled(source)
    plan = planner.solve(found.problem, seed=1, rounds=0, start=stored_plan(found))
    assert on_the_roads(found, plan, PracticeTravel(source.directory.practice)) == plan
    starts = [one.starts for one in plan.runs[0].visits]
    assert all(after - before >= 3600 for before, after in pairwise(starts))


def test_places_for_wishes_are_told_with_their_day() -> None:
    entry = Entry("wish", "patient-w", "massage-60", DAY, DAY)
    found = assembled(region(day("alma"), waiting=(entry,), patients={"patient-w": patient("patient-w")}))
    plan = Plan((PlannedRun("shift-alma", (PlannedVisit("wish", 120, 3600, 3600),), (), 120, 7320),))
    (placement,) = placements(found, plan)
    assert (placement.therapist_id, placement.starts_at) == ("alma", at(60))
    assert placement.day_name == "alma:2027-01-18"
    assert changed_days(found, plan) == []


class Ferry:
    """Roads that lead everywhere in ten minutes but to the far place."""

    silence = Because.NOT_STORED

    def leg(self, origin: Coordinates, destination: Coordinates) -> int | None:
        return NO_ROAD if FAR in (origin, destination) else 600

    def is_unreachable(self, place: Coordinates) -> bool:
        return place == FAR


def test_a_home_to_which_no_road_leads_is_named() -> None:
    source = region(day("alma", stop("a", 60), stop("island", 200, FAR)))
    travel = PracticeTravel(source.directory.practice, Ferry())
    found = assemble(source, travel)
    assert found.cut_off == {"island"}
    plan = planner.solve(found.problem, seed=1, rounds=0, start=stored_plan(found))
    shown = solution_of(Found(found, plan, travel.basis()), plan)["shown"]
    assert shown["left_out"] == [{"id": "island", "promised": True, "why": "no road leads there"}]
    assert shown["keeps_promises"] is False


def test_what_is_kept_of_a_plan_gives_it_back() -> None:
    lunch = ShiftBreak(at(120), at(180), 30)
    source = region(day("alma", stop("a", 60), stop("b", 240, FAR), breaks=(lunch,)), day("bela"))
    found = assembled(source)
    plan = planner.solve(found.problem, seed=1, rounds=0, start=stored_plan(found))
    kept = solution_of(Found(found, plan, PracticeTravel(source.directory.practice).basis()), plan)
    assert plan_of(kept) == plan
    assert kept["based_on"] == {"alma:2027-01-18": 3, "bela:2027-01-18": 3}


@pytest.mark.parametrize("seed", range(40))
def test_no_traffic_makes_a_plan_late_that_was_driven_on_the_roads(seed: int) -> None:
    """Every drive is begun when the visit before is over, takes what the roads take then, and ends in time."""
    rng = random.Random(seed)
    speeds = tuple(rng.choice((15.0, 25.0, 40.0, 60.0)) for _ in range(24))
    practice = Practice("Sample", ZONE, circuity=1.0, kmh_by_hour=speeds)
    lunch = ShiftBreak(at(150), at(270), 30)
    stops = [
        stop(str(number), 20 + 85 * number, Coordinates(42.3 + rng.random() / 8, -71.0 + rng.random() / 8))
        for number in range(5)
    ]
    source = region(day("alma", *stops, breaks=(lunch,)), practice=practice)
    travel = PracticeTravel(practice)
    held = 0
    for slowest in (False, True):
        found = assemble(source, travel, slowest=slowest)
        plan = planner.solve(found.problem, seed=1, rounds=0, start=stored_plan(found))
        real = on_the_roads(found, plan, travel)
        if real is not None:
            held += 1
            _require_drivable(found, real, travel)
        else:
            assert not slowest, "nothing is slower than the slowest hour"
    assert held


def _require_drivable(found: Any, plan: Plan, travel: PracticeTravel) -> None:
    (run,) = plan.runs
    by_road = travel.in_zone(ZONE)
    pauses = list(run.breaks)
    free, here = 0, found.problem.runs[0].start_place
    for one in run.visits:
        known = visit(found, one.visit)
        while pauses and pauses[0].starts + pauses[0].seconds <= one.starts and pauses[0].starts >= free:
            candidate = pauses[0].starts + pauses[0].seconds
            drive = 60 * by_road.minutes(found.places[here], found.places[known.place], found.moment(free))
            # Taken before the drive, or after it at the door.
            if free + drive <= pauses[0].starts:
                free, here = candidate, known.place
            else:
                free = candidate
            pauses.pop(0)
        drive = 60 * by_road.minutes(found.places[here], found.places[known.place], found.moment(free))
        leaves = max(free, one.arrives - one.drive) if not run.visits.index(one) else free
        assert leaves + drive <= one.starts or here == known.place, f"late at {one.visit}"
        assert any(window.opens <= one.starts <= window.closes for window in known.windows)
        free, here = one.starts + known.seconds, known.place
    back = 60 * by_road.minutes(found.places[here], found.places[found.problem.runs[0].end_place], found.moment(free))
    later = sum(pause.seconds for pause in pauses if pause.starts < run.ends)
    assert free + back + later <= run.ends + 60
    assert run.ends <= found.problem.runs[0].closes
    window = found.problem.runs[0].breaks[0].window
    assert all(window.opens <= pause.starts <= window.closes for pause in run.breaks)
