"""Reminders follow the visit: planned, planned again, dropped; by the wall clock and outside quiet hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.embedded

TEN_O_CLOCK = datetime(2027, 1, 21, 15, 0, tzinfo=UTC)  # at Boston
BOOKED = {"starts_at": TEN_O_CLOCK, "local_start": "2027-01-21T10:00"}


def due_at(notify: Any, **filters: str) -> list[str]:
    return sorted(message["due_at"] for message in notify.messages(**filters))


def test_booking_plans_a_reminder_per_lead_outside_quiet_hours(notify: Any) -> None:
    notify.patient()

    notify.appointment(**BOOKED)

    # Two hours before is 08:00, within quiet hours: the last open minute is in the evening before.
    assert due_at(notify, appointment_id="a1") == ["2027-01-19T15:00:00Z", "2027-01-21T00:59:00Z"]
    assert {message["state"] for message in notify.messages()} == {"scheduled"}


def test_a_reminder_goes_out_when_it_is_due_and_names_day_and_time(notify: Any) -> None:
    notify.patient()
    notify.appointment(**BOOKED)
    notify.tick()
    assert notify.caught() == []

    notify.harness.clock.advance(timedelta(days=8, hours=1))
    notify.tick()

    (text,) = notify.caught("sms")
    assert "Thu, Jan 21 at 10:00 AM" in text.text
    assert len(text.text) <= 160


def test_a_cancelled_visit_is_not_reminded_of(notify: Any) -> None:
    notify.patient()
    notify.appointment(**BOOKED)

    notify.appointment("appointment.cancelled", version=2, late=False, reason="patient", **BOOKED)
    notify.harness.clock.advance(timedelta(days=10))
    notify.tick()

    assert notify.caught() == []
    assert {message["state"] for message in notify.messages()} == {"cancelled"}


def test_a_visit_that_took_place_early_is_not_reminded_of(notify: Any) -> None:
    notify.patient()
    notify.appointment(**BOOKED)

    now = notify.harness.clock.now()
    notify.appointment("appointment.completed", version=5, started_at=now, ended_at=now, **BOOKED)

    assert {message["state"] for message in notify.messages()} == {"cancelled"}


def test_a_moved_visit_is_reminded_of_at_its_new_time_alone(notify: Any) -> None:
    notify.patient()
    notify.appointment(**BOOKED)

    moved = TEN_O_CLOCK + timedelta(days=5)
    notify.appointment("appointment.moved", moved, version=2, local_start="2027-01-26T10:00")

    assert due_at(notify, state="scheduled", kind="reminder") == ["2027-01-24T15:00:00Z", "2027-01-26T00:59:00Z"]
    assert len(notify.messages(state="cancelled", kind="reminder")) == 2


def test_a_visit_moved_back_to_its_first_time_is_reminded_of_again(notify: Any) -> None:
    notify.patient()
    notify.appointment(**BOOKED)
    notify.appointment("appointment.moved", TEN_O_CLOCK + timedelta(days=5), version=2, local_start="2027-01-26T10:00")

    notify.appointment("appointment.moved", version=3, **BOOKED)

    assert due_at(notify, state="scheduled", kind="reminder") == ["2027-01-19T15:00:00Z", "2027-01-21T00:59:00Z"]


def test_an_event_that_comes_late_or_twice_changes_nothing(notify: Any) -> None:
    notify.patient()
    notify.appointment("appointment.cancelled", version=2, late=False, reason="patient", **BOOKED)

    notify.appointment(version=1, **BOOKED)

    assert notify.messages() == []


def test_many_visits_at_one_time_share_buckets(notify: Any) -> None:
    notify.patient()
    for number in range(6):
        notify.appointment(appointment_id=f"a{number}", **BOOKED)

    buckets = list(notify.harness.runtime.database["due_buckets"].find())

    assert sorted(bucket["size"] for bucket in buckets) == [6, 6]
    notify.harness.clock.advance(timedelta(days=8, hours=1))
    notify.tick()
    assert len(notify.caught("sms")) == 6


@pytest.mark.timeout(30)
def test_a_process_that_died_while_it_planned_holds_up_nobody_else(notify: Any) -> None:
    notify.patient()
    notify.appointment(appointment_id="a0", **BOOKED)
    runtime = notify.harness.runtime
    buckets = runtime.database["due_buckets"]
    buckets.update_many({}, {"$set": {"filler": "the process that died"}})
    with runtime.client.start_session() as left_open:
        left_open.start_transaction()
        buckets.update_many({}, {"$push": {"ids": "never committed"}, "$inc": {"size": 1}}, session=left_open)

        notify.appointment(appointment_id="a1", **BOOKED)

        assert len(notify.messages(appointment_id="a1")) == 2
        left_open.abort_transaction()
    notify.harness.clock.advance(timedelta(days=8, hours=1))
    notify.tick()
    assert len(notify.caught("sms")) == 2


def test_a_text_that_is_due_in_quiet_hours_waits_for_their_end(notify: Any) -> None:
    notify.patient()
    notify.harness.clock.advance(timedelta(hours=12))  # 21:00 at Boston
    notify.session()
    notify.tick()
    assert notify.caught() == []

    notify.harness.clock.advance(timedelta(hours=12))
    notify.tick()

    assert len(notify.caught("sms")) == 1


def test_a_practice_without_quiet_hours_texts_at_once(notify: Any) -> None:
    notify.patient()
    notify.harness.clock.advance(timedelta(hours=12))
    admin = notify.harness.as_("admin")
    body = {"sender_name": "Night Owls", "quiet_hours": None}
    assert admin.put("/v1/messaging-policy", body, headers={"If-Match": '"1"'}).status_code == 200
    notify.session()

    notify.tick()

    (text,) = notify.caught("sms")
    assert text.text.startswith("Night Owls: ")


def test_a_limit_of_texts_a_day_moves_the_next_to_mail(notify: Any) -> None:
    notify.patient()
    admin = notify.harness.as_("admin")
    body = {"sender_name": "Harbor", "quiet_hours": None, "texts_per_day": 1}
    admin.put("/v1/messaging-policy", body, headers={"If-Match": '"1"'})
    notify.session("s1")
    notify.tick()
    notify.session("s2")
    notify.tick()

    assert [message.kind for message in notify.caught()] == ["mail", "sms"]
