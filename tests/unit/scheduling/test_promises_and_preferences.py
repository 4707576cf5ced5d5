"""What a patient was promised, whom they want, where a therapist drives, and pauses of a shift."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from fascia.problem import Conflict, RuleViolation
from scheduling_svc.booking.appointment import Appointment, Status
from scheduling_svc.booking.slot import request_of
from scheduling_svc.booking.visit import VisitRequest
from scheduling_svc.patients.preference import Preference
from scheduling_svc.routing.promise import Promise, exactly
from scheduling_svc.routing.therapist_day import DayStatus, Stop, TherapistDay
from scheduling_svc.workforce.place import Coordinates, inside
from scheduling_svc.workforce.shift import ShiftBreak, plan_shift
from scheduling_svc.workforce.therapist import Therapist

START = datetime(2027, 3, 15, 14, tzinfo=UTC)
WINDOW = Promise(START, START + timedelta(hours=2))
RING = (Coordinates(42.0, -72.0), Coordinates(43.0, -72.0), Coordinates(43.0, -71.0), Coordinates(42.0, -71.0))
ALMA = Therapist(
    "alma", "Alma", None, None, RING[0], "America/New_York", (), frozenset(), frozenset({"mobile"}), 60,
    skills=frozenset({"lymphatic"}), service_area=RING,
)  # fmt: skip


def slot(**changes: object) -> dict[str, object]:
    return {
        "patient_id": "patient", "service_type": "massage", "setting": "mobile", "therapist_id": "alma",
        "claim_id": None, "location_id": None, "room_id": None, "starts_at": START, "local_start": None,
        "time_zone": None, "promised_from": None, "promised_until": None, "skills": [], "asked_for": False,
        "partner_id": None, **changes,
    }  # fmt: skip


def test_a_promise_is_kept_inside_its_window_and_blocks_the_patient_until_its_last_end() -> None:
    assert [WINDOW.keeps(START + timedelta(minutes=minutes)) for minutes in (-1, 0, 120, 121)] == [
        False,
        True,
        True,
        False,
    ]
    assert WINDOW.blocks_until(60) == START + timedelta(hours=3)
    assert exactly(START).is_exact
    assert exactly(START).keeps(START)


def test_a_slot_without_a_window_is_an_exact_promise_and_one_beside_its_window_is_refused() -> None:
    assert request_of(slot()).promise is None
    assert request_of(slot()).promised == exactly(START)
    window = {"promised_from": WINDOW.earliest, "promised_until": WINDOW.latest}
    assert request_of(slot(starts_at=START + timedelta(minutes=30), **window)).promise == WINDOW
    with pytest.raises(RuleViolation) as caught:
        request_of(slot(starts_at=START - timedelta(minutes=1), **window))
    assert caught.value.code == "starts-outside-promise"


def test_a_stop_moves_inside_its_promise_and_keeps_its_length() -> None:
    stop = Stop("a", "p", "mobile", None, "s", RING[0], START, START + timedelta(minutes=50), promise=WINDOW)
    later = stop.beginning(START + timedelta(minutes=45))
    assert (later.minutes, later.earliest, later.latest) == (50, WINDOW.earliest, WINDOW.latest)
    day = TherapistDay("alma", date(2027, 3, 15), stops=(stop,)).replanned([later])
    assert day.stops == (later,)
    with pytest.raises(Conflict):
        replace(day, status=DayStatus.CLOSED).replanned([stop])


def test_a_moved_visit_keeps_its_id_and_confirmation_and_one_under_way_stays() -> None:
    visit = VisitRequest("p", "massage", "mobile", "alma", START)
    made = Appointment("a1", visit, START + timedelta(hours=1), date(2027, 3, 15), "America/New_York", Status.CONFIRMED)
    moved = made.moved(replace(visit, starts_at=START + timedelta(days=1), therapist_id="berta"), 60)
    assert (moved.id, moved.status, moved.calendar_sequence, moved.date) == (
        "a1",
        Status.CONFIRMED,
        1,
        date(2027, 3, 16),
    )
    with pytest.raises(Conflict) as caught:
        replace(made, status=Status.ARRIVED).moved(visit, 60)
    assert caught.value.code == "visit-not-movable"


def test_whom_a_patient_prefers_refuses_and_usually_sees() -> None:
    chosen = Preference("p").choosing(("alma",), ("berta",))
    assert chosen.refusal("alma") is None
    assert (refused := chosen.refusal("berta")) is not None
    assert refused.code == "therapist-refused"
    assert chosen.usual is None
    assert chosen.treated_by("carla").treated_by("berta").treated_by("carla").usual == "carla"
    with pytest.raises(RuleViolation):
        chosen.choosing(("alma",), ("alma",))


@pytest.mark.parametrize(
    ("place", "within"), [((42.5, -71.5), True), ((43.5, -71.5), False), ((42.5, -70.5), False), ((41.9, -71.9), False)]
)
def test_a_service_area_is_a_polygon(place: tuple[float, float], within: bool) -> None:
    assert inside(Coordinates(*place), RING) is within
    assert ALMA.visits_homes_at(Coordinates(*place)) is within
    assert replace(ALMA, service_area=()).visits_homes_at(Coordinates(*place))


def test_all_skills_are_needed() -> None:
    assert ALMA.masters([])
    assert ALMA.masters(["lymphatic"])
    assert not ALMA.masters(["lymphatic", "scar-tissue"])


def test_a_pause_lies_inside_its_shift_also_on_the_day_on_which_the_clocks_change() -> None:
    shift = plan_shift(
        "s", ALMA, None, "2027-03-14T01:00", "2027-03-14T09:00", None, [("2027-03-14T03:00", "2027-03-14T04:00", 30)]
    )
    # 02:00 to 03:00 does not exist on that day: the pause begins one elapsed hour after 01:00's hour is over.
    assert shift.breaks == (ShiftBreak(datetime(2027, 3, 14, 7, tzinfo=UTC), datetime(2027, 3, 14, 8, tzinfo=UTC), 30),)
    for pause, field in (
        (("2027-03-14T02:30", "2027-03-14T04:00", 30), "breaks.0.local_earliest"),
        (("2027-03-14T05:00", "2027-03-14T04:00", 30), "breaks.0.local_latest"),
        (("2027-03-14T03:00", "2027-03-14T08:45", 30), "breaks.0.local_earliest"),
    ):
        with pytest.raises(RuleViolation) as caught:
            plan_shift("s", ALMA, None, "2027-03-14T01:00", "2027-03-14T09:00", None, [pause])
        assert caught.value.errors[0].field == field
