"""The state machines of appointment and hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from fascia.problem import Conflict
from scheduling_svc.booking.appointment import NOT_BEGUN, TRANSITIONS, Appointment, Reason, Status
from scheduling_svc.booking.hold import Hold, HoldState
from scheduling_svc.booking.visit import VisitRequest

NOW = datetime(2027, 1, 11, 14, tzinfo=UTC)
START = NOW + timedelta(days=7)


def appointment(setting: str = "mobile", status: Status = Status.BOOKED) -> Appointment:
    visit = VisitRequest("patient", "massage-60", setting, "alma", START)
    made = Appointment("a1", visit, START + timedelta(hours=1), date(2027, 1, 18), "America/New_York", status)
    return made.booked(NOW)


def through(one: Appointment, *statuses: Status) -> Appointment:
    for status in statuses:
        one = one.progressed(status, START, 60)
    return one


@pytest.mark.parametrize(
    ("setting", "steps"),
    [
        ("mobile", (Status.CONFIRMED, Status.EN_ROUTE, Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED)),
        ("mobile", (Status.EN_ROUTE, Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED)),
        ("clinic", (Status.CONFIRMED, Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED)),
        ("clinic", (Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED)),
    ],
)
def test_the_way_to_completion(setting: str, steps: tuple[Status, ...]) -> None:
    done = through(appointment(setting), *steps)
    assert [change.status for change in done.history] == [Status.BOOKED, *steps]
    assert done.started_at == done.ended_at == START
    for left, _ in pairwise((Status.COMPLETED, *steps)):
        with pytest.raises(Conflict):
            done.progressed(left, START, 60)


@pytest.mark.parametrize(
    ("setting", "step", "code"),
    [
        ("clinic", Status.EN_ROUTE, "not-mobile"),
        ("mobile", Status.ARRIVED, "not-en-route"),
        ("mobile", Status.IN_PROGRESS, "not-the-next-step"),
        ("mobile", Status.COMPLETED, "not-the-next-step"),
    ],
)
def test_a_step_that_is_not_next_is_refused(setting: str, step: Status, code: str) -> None:
    with pytest.raises(Conflict) as caught:
        through(appointment(setting), step)
    assert caught.value.code == code


def test_the_final_states_lead_nowhere_and_all_others_somewhere() -> None:
    final = {Status.COMPLETED, Status.CANCELLED, Status.LATE_CANCELLED, Status.NO_SHOW}
    assert {status for status, following in TRANSITIONS.items() if not following} == final
    assert set(TRANSITIONS) == set(Status)
    cancellable = {status for status, following in TRANSITIONS.items() if Status.CANCELLED in following}
    assert cancellable == NOT_BEGUN


@pytest.mark.parametrize(("minutes", "limit", "allowed"), [(60, 60, True), (61, 60, False), (9999, None, True)])
def test_how_early_a_visit_may_begin(minutes: int, limit: int | None, allowed: bool) -> None:
    arrived = through(appointment("clinic"), Status.ARRIVED)
    at = START - timedelta(minutes=minutes)
    if allowed:
        assert arrived.progressed(Status.IN_PROGRESS, at, limit).status is Status.IN_PROGRESS
    else:
        with pytest.raises(Conflict) as caught:
            arrived.progressed(Status.IN_PROGRESS, at, limit)
        assert caught.value.code == "too-early"


@pytest.mark.parametrize(
    ("reason", "hours_before", "status", "late"),
    [
        (Reason.PATIENT, 24, Status.CANCELLED, False),
        (Reason.PATIENT, 23.99, Status.LATE_CANCELLED, True),
        (Reason.PRACTICE, 1, Status.CANCELLED, False),
        (Reason.CLEARANCE_WITHDRAWN, 1, Status.CANCELLED, False),
        (Reason.NO_SHOW, -0.1, Status.NO_SHOW, True),
    ],
)
def test_who_cancels_late(reason: Reason, hours_before: float, status: Status, late: bool) -> None:
    cancelled = appointment().cancelled(reason, START - timedelta(hours=hours_before), 24)
    assert (cancelled.status, cancelled.late, cancelled.cancelled_because) == (status, late, reason)


def test_a_cut_off_is_counted_in_elapsed_hours_across_a_change_of_clocks() -> None:
    start = datetime(2027, 3, 14, 13, tzinfo=UTC)  # 09:00 in New York, on the day that has 23 hours
    visit = VisitRequest("patient", "massage-60", "clinic", "alma", start)
    one = Appointment("a1", visit, start + timedelta(hours=1), date(2027, 3, 14), "America/New_York")
    assert one.local_start == "2027-03-14T09:00"
    eight_the_day_before = datetime(2027, 3, 13, 13, tzinfo=UTC)  # 08:00 by the wall, 24 hours before
    assert not one.cancelled(Reason.PATIENT, eight_the_day_before, 24).late
    assert one.cancelled(Reason.PATIENT, eight_the_day_before + timedelta(minutes=1), 24).late


def test_what_has_begun_or_was_signed_for_is_not_cancelled() -> None:
    for one in (through(appointment(), Status.EN_ROUTE), appointment().signed("session")):
        with pytest.raises(Conflict):
            one.cancelled(Reason.PATIENT, NOW, 24)
    assert through(appointment(), Status.EN_ROUTE).cancelled(Reason.NO_SHOW, START, 24).status is Status.NO_SHOW


def test_a_hold_ends_once_and_is_over_when_its_time_is() -> None:
    visit = VisitRequest("patient", "massage-60", "mobile", "alma", START)
    end = START + timedelta(hours=1)
    hold = Hold("h1", visit, end, date(2027, 1, 18), "America/New_York", NOW + timedelta(minutes=10), 12, 24)
    assert hold.converted(NOW).state is HoldState.CONVERTED
    later = NOW + timedelta(minutes=10)
    assert hold.seen_at(later) is HoldState.EXPIRED
    for ended, at in ((hold, later), (hold.released(NOW), NOW), (hold.converted(NOW), NOW), (hold.expired(), NOW)):
        with pytest.raises(Conflict) as caught:
            ended.converted(at)
        assert caught.value.code == f"hold-{ended.seen_at(at).value}"
