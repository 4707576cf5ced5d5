"""What is expected of a day: answered by what is booked, placed by plans, and reckoned with when offers are ranked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from scheduling_svc.booking.foreseeing import foresee, foreseen_costs
from scheduling_svc.expecting.expected import ExpectedDay, ExpectedVisit, Place
from scheduling_svc.routing.insertion import Run, Schedule
from scheduling_svc.routing.therapist_day import Stop, visit_of
from scheduling_svc.workforce.place import Coordinates
from scheduling_svc.workforce.shift import Shift

OPENS = datetime(2027, 1, 18, 14, tzinfo=UTC)
MONDAY = date(2027, 1, 18)
SHIFT = Shift("s", "mobile", None, OPENS, OPENS + timedelta(hours=8), "America/New_York")
BASE, NORTH, NEAR_NORTH, EAST = (
    Coordinates(42, -71),
    Coordinates(42.1, -71),
    Coordinates(42.11, -71),
    Coordinates(42, -70.8),
)


class Grid:
    """A minute per 0.01 degrees."""

    def minutes(self, origin: Coordinates, destination: Coordinates, departs_at: datetime) -> int:
        return round(
            100 * (abs(origin.latitude - destination.latitude) + abs(origin.longitude - destination.longitude))
        )


def expected(id_: str, place: Coordinates, *skills: str, at: int | None = None) -> ExpectedVisit:
    begins = OPENS + timedelta(minutes=at) if at is not None else None
    return ExpectedVisit(id_, place, "massage", 60, skills, "alma" if at is not None else None, begins)


def stop(id_: str, place: Coordinates, *skills: str, setting: str = "mobile") -> Stop:
    return Stop(id_, "p", setting, None, "s", place, OPENS, OPENS + timedelta(hours=1), skills=skills)


def test_a_booking_answers_what_was_expected_nearest_to_it_and_only_once() -> None:
    day = ExpectedDay("main", MONDAY, (expected("north", NORTH), expected("east", EAST)))
    answered = day.answered_by([stop("a", NEAR_NORTH)])
    assert [visit.id for visit in answered.visits] == ["east"]
    assert answered.answered_by([stop("a", NEAR_NORTH)]) == answered
    assert answered.answered_by([stop("room", EAST, setting="clinic")]) == answered


def test_a_booking_with_a_technique_answers_one_with_that_technique() -> None:
    day = ExpectedDay("main", MONDAY, (expected("plain", NORTH), expected("scar", NEAR_NORTH, "scar-work")))
    assert [visit.id for visit in day.answered_by([stop("a", NORTH, "scar-work")]).visits] == ["plain"]


def test_more_bookings_than_were_expected_are_welcome() -> None:
    day = ExpectedDay("main", MONDAY, (expected("north", NORTH),))
    assert day.answered_by([stop("a", NORTH), stop("b", EAST)]).visits == ()


def test_what_a_plan_leaves_out_has_no_place() -> None:
    day = ExpectedDay("main", MONDAY, (expected("north", NORTH, at=0), expected("east", EAST)))
    placed = day.placed({"east": Place("bela", MONDAY, OPENS)})
    assert [(visit.id, visit.therapist_id, visit.starts_at) for visit in placed.visits] == [
        ("north", None, None),
        ("east", "bela", OPENS),
    ]


def costs(place: Coordinates, *waiting: ExpectedVisit) -> dict[int, float]:
    run = Run(OPENS, SHIFT.ends_at, BASE, 200)

    def with_expected(stops: object) -> Schedule:
        return Schedule(run, [visit_of(one) for one in stops], Grid())  # type: ignore[attr-defined]

    found = foreseen_costs(
        foresee(SHIFT, place, waiting, with_expected), place, 60, OPENS, timedelta(hours=1), timedelta(hours=2)
    )
    return {int((opens - OPENS).total_seconds()) // 3600: cost for opens, cost in found.items()}


def test_a_patient_near_an_expected_one_takes_their_place_for_the_detour_alone() -> None:
    assert min(costs(NEAR_NORTH, expected("north", NORTH, at=60)).values()) == 2
    assert min(costs(NORTH, expected("north", NORTH, at=60)).values()) == 0


def test_a_patient_far_from_what_is_expected_costs_the_way_there() -> None:
    found = costs(EAST, expected("north", NORTH, at=60))
    assert min(found.values()) == 20, "20 minutes further east and back, less 20 to the north and back"


def test_a_run_that_is_full_of_expected_visits_still_takes_one() -> None:
    full = [expected(f"n{n}", NORTH, at=10 + 60 * n) for n in range(7)]
    assert min(costs(NORTH, *full).values()) == 0
